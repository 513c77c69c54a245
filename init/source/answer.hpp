#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lifeboat::init {

/// What a source yields to the boot: as Findings, with the hash in place of the password, which never leaves the worker
/// that read it.
struct Answer {
  std::string origin;         ///< for people: "config drive /dev/sr0"
  std::string password_hash;  ///< empty: it has no password
  std::vector<std::string> keys;
  std::string hostname;
  std::vector<std::string> notes;
  bool operator==(const Answer&) const = default;
};

/// Lines "key=value", for the pipe between worker and boot. Control characters in values become '?'.
std::string to_text(const Answer& answer);
std::optional<Answer> parse_answer(std::string_view text);

}  // namespace lifeboat::init
