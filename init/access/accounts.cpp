#include "init/access/accounts.hpp"

#include <algorithm>

#include "init/access/shadow.hpp"
#include "init/contract/text.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {
namespace {

/// The line that begins with "user:"; empty without one.
std::string_view line_of(std::string_view text, std::string_view user) {
  for (const std::string_view line : contract::split_words(text, "\n"))
    if (line.starts_with(std::string(user) + ":")) return line;
  return {};
}

}  // namespace

bool is_user_name(std::string_view name) {
  constexpr std::size_t longest = 32;
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  return !name.empty() && name.size() <= longest && letter(name.front()) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '-'; });
}

Status add_account(const std::string& passwd, const std::string& shadow, std::string_view user) {
  const std::string name(user), doing = "making the user " + name + ": ";
  if (!is_user_name(user)) return Failure{"making a user: not a user name"};
  auto users = read_file(passwd);
  if (!users) return users.failure();
  const std::string_view there = line_of(*users, user), root = line_of(*users, "root");
  if (!there.empty())
    return there.starts_with(name + ":x:0:0:") ? Status(Done{}) : Failure{doing + "the image has another user of it"};
  if (!root.starts_with("root:x:0:0:")) return Failure{doing + "the image has no root"};
  const std::string as_root = name + std::string(root.substr(4));  // "root"
  if (Status added = add_locked_user(shadow, user); !added) return added;
  if (!users->ends_with('\n')) *users += '\n';
  return replace_file(passwd, *users + as_root + "\n", 0644);
}

}  // namespace lifeboat::init
