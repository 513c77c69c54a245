#include "init/source/findings.hpp"

#include <algorithm>

#include "init/contract/text.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t longest_password = 511;  // crypt(3): CRYPT_MAX_PASSPHRASE_SIZE with its end
constexpr std::size_t longest_hash = 383;      // crypt(3): CRYPT_OUTPUT_SIZE with its end

bool is_hash_character(unsigned char c) {
  return c > 0x20 && c < 0x7f && std::string_view(":;*!\\").find(c) == std::string_view::npos;
}

}  // namespace

bool is_of_use(const Findings& findings) {
  return !findings.password.empty() || !findings.password_hash.empty() || !findings.keys.empty() ||
         !findings.network.is_empty();
}

void add_note(std::string text, Findings& findings) {
  const bool known = std::ranges::find(findings.notes, text) != findings.notes.end();
  if (!known && findings.notes.size() < most_notes) findings.notes.push_back(std::move(text));
}

std::string_view password_trouble(std::string_view password) {
  if (password.empty()) return "it is empty";
  if (password.size() > longest_password) return "it is longer than 511 bytes";
  if (std::ranges::any_of(password, [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    return "it has a control character (a line end, a tab ...)";
  return {};
}

std::string_view hash_trouble(std::string_view hash) {
  if (hash.empty()) return "it is empty";
  if (hash.size() > longest_hash) return "it is longer than any crypt(3) hash";
  if (!std::ranges::all_of(hash, is_hash_character)) return "it has a character that no crypt(3) hash has";
  if (!hash.starts_with('$') && !hash.starts_with('_') && hash.size() != 13) return "it is no crypt(3) hash";
  return {};
}

void take_password(std::string&& password, std::string_view name, Findings& findings) {
  if (const auto trouble = password_trouble(password); trouble.empty()) {
    findings.password = Secret(std::move(password));
  } else {
    add_note(std::string(name) + " is not used: " + std::string(trouble), findings);
    Secret::wipe(password);
  }
}

void take_password_hash(std::string_view hash, std::string_view name, Findings& findings) {
  if (const auto trouble = hash_trouble(hash); trouble.empty())
    findings.password_hash = hash;
  else
    add_note(std::string(name) + " is not used: " + std::string(trouble), findings);
}

void add_key_lines(std::string_view text, Findings& findings) {
  for (std::string_view line : contract::split_words(text, "\r\n")) {
    line = contract::trim(line);
    const bool known = std::ranges::find(findings.keys, line) != findings.keys.end();
    if (line.empty() || known) continue;
    if (findings.keys.size() == most_keys) return add_note("more than 256 keys: the others are left out", findings);
    findings.keys.emplace_back(line);
  }
}

void add_findings(Findings&& more, Findings& findings) {
  const bool has_password = !findings.password.empty() || !findings.password_hash.empty();
  if (!has_password) findings.password = std::move(more.password);
  const auto add = [](std::string& mine, std::string& other) {
    if (mine.empty()) mine = std::move(other);
  };
  if (!has_password) add(findings.password_hash, more.password_hash);
  add(findings.user, more.user);
  for (const std::string& key : more.keys) add_key_lines(key, findings);
  add(findings.hostname, more.hostname);
  add(findings.random_seed, more.random_seed);
  if (findings.host_key.empty()) findings.host_key = std::move(more.host_key);
  add(findings.notify_socket, more.notify_socket);
  add(findings.deadline, more.deadline);
  if (findings.network.is_empty()) findings.network = std::move(more.network);
  for (std::string& note : more.notes) add_note(std::move(note), findings);
}

}  // namespace lifeboat::init
