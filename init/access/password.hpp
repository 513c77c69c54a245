#pragma once
#include <string>

#include "init/sys/result.hpp"
#include "init/sys/secret.hpp"

namespace lifeboat::init {

/// crypt(3) with a fresh random salt: yescrypt, "$y$...".
Result<std::string> hash_password(const Secret& password);

}  // namespace lifeboat::init
