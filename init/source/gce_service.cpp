#include "init/source/gce_service.hpp"

#include <strings.h>

#include <array>
#include <nlohmann/json.hpp>

#include "init/contract/text.hpp"
#include "init/source/json.hpp"

namespace lifeboat::init {
namespace {

/// A time as Google writes it; these texts compare as the times do.
std::string to_text(std::time_t time) {
  std::array<char, 32> text{};
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S+0000", &parts)};
}

/// `key`: "ssh-rsa AAAA google-ssh {"userName": ..., "expireOn": "2030-01-01T00:00:00+0000"}"; others never expire.
bool is_expired(std::string_view key, const std::string& now) {
  const std::size_t mark = key.find(" google-ssh {");
  if (mark == std::string_view::npos) return false;
  const Json about = Json::parse(key.substr(key.find('{', mark)), nullptr, false);
  const std::string expires = text_of(member(about, "expireOn"));
  return expires.size() == now.size() && expires.ends_with("+0000") && expires < now;
}

void add_user_keys(const std::string& text, const std::string& now, Findings& findings) {
  for (const std::string_view line : contract::split_words(text, "\r\n")) {
    const std::size_t colon = line.find(':');
    const std::string_view key = line.substr(colon == std::string_view::npos ? line.size() : colon + 1);
    if (!is_expired(key, now)) add_key_lines(key, findings);
  }
}

bool has(const Json& attributes, const char* name) { return !text_of(member(attributes, name)).empty(); }

void add_keys_of(const Json& attributes, const std::string& now, Findings& findings) {
  for (const char* name : {"ssh-keys", "sshKeys"}) {
    const Json& keys = member(attributes, name);
    if (!keys.is_string() && !keys.is_null()) add_note(std::string(name) + ": what is no text is left out", findings);
    add_user_keys(text_of(keys), now, findings);
  }
}

bool blocks_project(const Json& instance) {
  const std::string blocked = text_of(member(instance, "block-project-ssh-keys"));
  return ::strcasecmp(blocked.c_str(), "true") == 0 || has(instance, "sshKeys");  // the old name replaced them
}

/// What is no object counts as empty, with a note.
Json attributes_of(std::string_view text, const char* whose, Findings& findings) {
  if (text.empty()) return Json::object();
  Json attributes = Json::parse(text, nullptr, false);
  if (attributes.is_object()) return attributes;
  add_note("the " + std::string(whose) + "'s attributes: not a JSON object", findings);
  return Json::object();
}

}  // namespace

Belonging is_gce(const Platform& platform) {
  const bool known = platform.product_name == "Google Compute Engine" || platform.product_name == "Google" ||
                     platform.product_serial.starts_with("GoogleCloud-");
  return known ? Belonging::yes : Belonging::no;
}

Result<Findings> parse_gce_attributes(std::string_view instance, std::string_view project, std::time_t now) {
  try {
    Findings findings;
    const std::string time = to_text(now);
    const Json own = attributes_of(instance, "instance", findings);
    add_keys_of(own, time, findings);
    if (!blocks_project(own)) add_keys_of(attributes_of(project, "project", findings), time, findings);
    return findings;
  } catch (const std::exception& error) {
    return Failure{std::string("attributes: ") + error.what()};
  }
}

Result<Findings> read_gce(HttpClient& http) {
  const std::string folder = "/computeMetadata/v1/";
  const HttpHeaders flavor{{"Metadata-Flavor", "Google"}};
  auto instance = http.get_optional(metadata_ipv4, folder + "instance/attributes/?recursive=true", flavor);
  if (!instance) return instance.failure();
  auto project = http.get_optional(metadata_ipv4, folder + "project/attributes/?recursive=true", flavor);
  auto findings = parse_gce_attributes(instance->view(), project ? project->view() : "", std::time(nullptr));
  if (!findings) return findings;
  if (!project) add_note(project.error(), *findings);
  const auto hostname = http.get_optional(metadata_ipv4, folder + "instance/hostname", flavor);
  if (hostname) findings->hostname = contract::trim(hostname->view());
  return findings;
}

}  // namespace lifeboat::init
