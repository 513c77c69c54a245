#include "init/source/hetzner_service.hpp"

#include <exception>
#include <nlohmann/json.hpp>

#include "init/contract/text.hpp"
#include "init/source/json.hpp"

namespace lifeboat::init {
namespace {

std::string_view without_quotes(std::string_view text) {
  const bool quoted = text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front();
  return quoted ? text.substr(1, text.size() - 2) : text;
}

/// The list's entries, one a line.
std::string yaml_list(std::string_view text) {
  std::string entries, entry;
  const auto finish = [&] {
    entries += std::string(without_quotes(contract::trim(entry))) + "\n";
    entry.clear();
  };
  for (const std::string_view line : contract::split_words(text, "\r\n")) {
    const std::string_view content = contract::trim(line);
    if (content.starts_with("- ")) finish();
    entry += " " + std::string(content.substr(content.starts_with("- ") ? 2 : 0));
  }
  finish();
  return entries;
}

Result<Findings> read(HttpClient& http, const char* address) {
  const std::string folder = "/hetzner/v1/metadata/";
  auto keys = http.get_optional(address, folder + "public-keys");
  if (!keys) return keys.failure();
  auto findings = parse_hetzner_keys(keys->view());
  if (!findings) return findings;
  const auto hostname = http.get_optional(address, folder + "hostname");
  if (hostname) findings->hostname = contract::trim(hostname->view());
  return findings;
}

}  // namespace

Belonging is_hetzner(const Platform& platform) {
  return platform.sys_vendor == "Hetzner" ? Belonging::yes : Belonging::no;
}

Result<Findings> parse_hetzner_keys(std::string_view text) {
  try {
    Findings findings;
    const Json list = Json::parse(text, nullptr, false);
    if (list.is_discarded())
      add_key_lines(yaml_list(text), findings);
    else
      add_keys(list, "public-keys", findings);
    return findings;
  } catch (const std::exception& error) {
    return Failure{std::string("public-keys: ") + error.what()};
  }
}

Result<Findings> read_hetzner_ipv4(HttpClient& http) { return read(http, metadata_ipv4); }

Result<Findings> read_hetzner_ipv6(HttpClient& http) { return read(http, metadata_ipv6); }

}  // namespace lifeboat::init
