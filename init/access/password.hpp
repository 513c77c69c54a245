#pragma once
#include <string>
#include <string_view>

#include "init/sys/result.hpp"
#include "init/sys/secret.hpp"

namespace lifeboat::init {

/// crypt(3) with a fresh random salt, for the rescue session: yescrypt at 2 MiB a try, "$y$j85$...".
Result<std::string> hash_password(const Secret& password);
/// For a system that stays: in one of libcrypt's schemes, by its prefix ("$6$"), at the scheme's own default cost.
Result<std::string> hash_password_as(const Secret& password, const std::string& prefix);

/// Whether libcrypt knows the hash's scheme: then sshd and login do. Weak and old ones too (Nova injects "$1$").
Status check_password_hash(std::string_view hash);

}  // namespace lifeboat::init
