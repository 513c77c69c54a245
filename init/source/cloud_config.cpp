#include "init/source/cloud_config.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "init/contract/text.hpp"
#include "init/source/json.hpp"
#include "init/source/yaml.hpp"

namespace lifeboat::init {
namespace {

/// An array; an empty one where the value is none.
const Json& list_of(const Json& value) {
  static const Json empty = Json::array();
  return value.is_array() ? value : empty;
}

/// What cloud-init takes for a hash where the document does not say: $(1|2a|2y|5|6)$salt$hash, without a ':'.
bool looks_like_hash(std::string_view text) {
  constexpr std::array<std::string_view, 5> schemes{"$1$", "$2a$", "$2y$", "$5$", "$6$"};
  return text.find(':') == std::string_view::npos && std::ranges::count(text, '$') >= 3 &&
         std::ranges::any_of(schemes, [&](std::string_view scheme) { return text.starts_with(scheme); });
}

bool has_password(const Findings& findings) { return !findings.password.empty() || !findings.password_hash.empty(); }

void take_text_or_hash(std::string text, std::string_view name, Findings& findings) {
  if (has_password(findings)) return Secret::wipe(text);
  if (text == "R" || text == "RANDOM") {
    add_note(std::string(name) + " is not used: a random password is nobody's to log in with", findings);
  } else if (looks_like_hash(text)) {
    take_password_hash(text, name, findings);
  } else {
    take_password(std::move(text), name, findings);
  }
}

/// "root:secret", one per line.
void read_password_line(std::string_view line, Findings& findings) {
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos && contract::trim(line.substr(0, colon)) == "root")
    take_text_or_hash(std::string(contract::trim(line.substr(colon + 1))), "chpasswd.list", findings);
}

void read_password_list(const Json& list, Findings& findings) {
  const auto read_lines = [&](const Json& text) {
    if (text.is_string())
      for (const std::string_view line : contract::split_words(text.get_ref<const std::string&>(), "\r\n"))
        read_password_line(line, findings);
  };
  if (list.is_array())
    std::ranges::for_each(list, read_lines);
  else
    read_lines(list);
}

void read_password_users(const Json& users, Findings& findings) {
  for (const Json& user : users) {
    if (text_of(member(user, "name")) != "root") continue;
    const std::string type = text_of(member(user, "type"));
    if (type == "RANDOM")
      take_text_or_hash(type, "chpasswd.users", findings);
    else if (type.empty() || type == "hash") {
      if (!has_password(findings)) take_password_hash(text_of(member(user, "password")), "chpasswd.users", findings);
    } else {
      take_text_or_hash(text_of(member(user, "password")), "chpasswd.users", findings);
    }
  }
}

void read_users(const Json& users, Findings& findings) {
  for (const Json& user : users) {
    if (!user.is_object()) continue;
    add_keys(member(user, "ssh_authorized_keys"), "users.ssh_authorized_keys", findings);
    add_keys(member(user, "ssh-authorized-keys"), "users.ssh-authorized-keys", findings);
    if (text_of(member(user, "name")) != "root" || has_password(findings)) continue;
    std::string clear = text_of(member(user, "plain_text_passwd"));
    for (const char* name : {"hashed_passwd", "passwd"})
      if (const std::string hash = text_of(member(user, name));
          !hash.empty() && clear.empty() && !has_password(findings))
        take_password_hash(hash, std::string("users.") + name, findings);
    if (!clear.empty()) take_password(std::move(clear), "users.plain_text_passwd", findings);
  }
}

}  // namespace

void read_cloud_config_document(const Json& document, Findings& findings) {
  const Json& chpasswd = member(document, "chpasswd");
  read_password_users(list_of(member(chpasswd, "users")), findings);
  read_password_list(member(chpasswd, "list"), findings);
  if (std::string password = text_of(member(document, "password")); !password.empty())
    take_text_or_hash(std::move(password), "password", findings);
  read_users(list_of(member(document, "users")), findings);
  add_keys(member(document, "ssh_authorized_keys"), "ssh_authorized_keys", findings);
  for (const char* name : {"hostname", "fqdn"})
    if (findings.hostname.empty()) findings.hostname = text_of(member(document, name));
}

void read_cloud_config(std::string_view user_data, Findings& findings) {
  constexpr std::string_view head = "#cloud-config", gzip = "\x1f\x8b";
  const std::string_view first_line = user_data.substr(0, user_data.find('\n'));
  if (user_data.starts_with(gzip)) return add_note("user data is not used: it is compressed", findings);
  if (first_line.starts_with("Content-Type: multipart") || first_line.starts_with("MIME-Version:"))
    return add_note("user data is not used: it has several parts (MIME)", findings);
  if (contract::trim(first_line) != head) return;
  Result<Json> document = parse_yaml(user_data);
  if (!document) return add_note("user data is not used: " + document.error(), findings);
  read_cloud_config_document(*document, findings);
  wipe(*document);
}

}  // namespace lifeboat::init
