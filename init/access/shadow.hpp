#pragma once
#include <string>
#include <string_view>

#include "init/sys/result.hpp"

namespace lifeboat::init {

/// A password field that no password fits, and that still lets keys in (sshd takes a leading '!' for a closed account).
inline constexpr std::string_view locked_password = "*";

/// shadow(5) with the user's password field replaced; every other byte stays. A Failure where the user is not in it or
/// the hash holds what would break the line.
Result<std::string> with_password_hash(std::string_view shadow, std::string_view user, std::string_view hash);

/// The same for the file, replaced in one step with its owner and mode kept.
Status set_password_hash(const std::string& path, std::string_view user, std::string_view hash);

/// A line for a user that has none yet, without a password that fits.
Status add_locked_user(const std::string& path, std::string_view user);

}  // namespace lifeboat::init
