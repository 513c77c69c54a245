#pragma once
#include <string>
#include <string_view>

#include "init/sys/result.hpp"
#include "init/sys/secret.hpp"

namespace lifeboat::init {

/// crypt(3) with a fresh random salt: yescrypt, "$y$...".
Result<std::string> hash_password(const Secret& password);
/// The same in another of libcrypt's schemes, by its prefix: "$6$".
Result<std::string> hash_password_as(const Secret& password, const std::string& prefix);

/// Whether libcrypt knows the hash's scheme: then sshd and login do. Weak and old ones too (Nova injects "$1$").
Status check_password_hash(std::string_view hash);

}  // namespace lifeboat::init
