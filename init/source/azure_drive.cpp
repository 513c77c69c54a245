#include "init/source/azure_drive.hpp"

#include <expat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "init/contract/text.hpp"
#include "init/source/source.hpp"
#include "init/source/volume.hpp"

namespace lifeboat::init {
namespace {

constexpr const char* document_name = "ovf-env.xml";

/// What is taken; each holds text alone, and its name is in this document once (Value: once for each key).
constexpr std::array<std::string_view, 4> wanted{"UserName", "UserPassword", "HostName", "Value"};

struct OvfReader {
  Findings findings;
  std::string_view element = {};  ///< one of `wanted`; empty: outside of them
  std::string text;

  void take() {
    if (text.empty()) return;
    if (element == "UserPassword") return take_password(std::move(text), element, findings);
    if (element == "UserName" && text != "root") findings.user = text;
    if (element == "HostName") findings.hostname = text;
    if (element == "Value") add_key_lines(text, findings);
  }
};

/// "ns1:UserName" -> "UserName": the prefix is the writer's choice.
std::string_view local_name(const char* name) {
  const std::string_view whole(name);
  return whole.substr(whole.rfind(':') + 1);
}

void XMLCALL start_element(void* user, const char* name, const char**) {
  auto& reader = *static_cast<OvfReader*>(user);
  const auto found = std::ranges::find(wanted, local_name(name));
  reader.element = found == wanted.end() ? std::string_view() : *found;
  Secret::wipe(reader.text);
}

void XMLCALL add_text(void* user, const char* text, int length) {
  auto& reader = *static_cast<OvfReader*>(user);
  if (!reader.element.empty()) reader.text.append(text, static_cast<std::size_t>(length));
}

void XMLCALL end_element(void* user, const char*) {
  auto& reader = *static_cast<OvfReader*>(user);
  reader.take();
  reader.element = {};
  Secret::wipe(reader.text);
}

}  // namespace

Result<Findings> parse_ovf_environment(std::string_view xml) {
  const std::unique_ptr<XML_ParserStruct, decltype(&XML_ParserFree)> parser(XML_ParserCreate(nullptr), XML_ParserFree);
  if (!parser) return Failure{std::string(document_name) + ": no memory"};
  OvfReader reader;
  XML_SetUserData(parser.get(), &reader);
  XML_SetElementHandler(parser.get(), start_element, end_element);
  XML_SetCharacterDataHandler(parser.get(), add_text);
  if (XML_Parse(parser.get(), xml.data(), static_cast<int>(xml.size()), 1) != XML_STATUS_OK)
    return Failure{std::string(document_name) + ": no XML: " + XML_ErrorString(XML_GetErrorCode(parser.get())) +
                   " in line " + std::to_string(XML_GetCurrentLineNumber(parser.get()))};
  return std::move(reader.findings);
}

Result<Findings> read_azure_drive(const std::string& folder, const Platform&) {
  const auto document = read_volume_file(folder, document_name);
  if (!document && document.failure().number == ENOENT) return nothing_there("the CD has no ovf-env.xml");
  if (!document) return document.failure();
  return parse_ovf_environment(document->view());
}

}  // namespace lifeboat::init
