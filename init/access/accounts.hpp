#pragma once
#include <string>
#include <string_view>

#include "init/sys/result.hpp"

namespace lifeboat::init {

/// A user name as useradd(8) takes it: a-z, 0-9, '_', '-', beginning with a letter or '_', at most 32.
bool is_user_name(std::string_view name);

/// A second name for root (user and group 0, root's home and shell): some platforms tell people to log in as "rescue".
/// Its password is locked. A user of the name that is there already is left alone when it is such a one, and refused
/// when it is anybody else.
Status add_account(const std::string& passwd, const std::string& shadow, std::string_view user);

}  // namespace lifeboat::init
