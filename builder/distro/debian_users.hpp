#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace lifeboat {

/// A group that a package's script makes; the number is ours and never changes, so that images keep their bytes.
struct SystemGroup {
  std::string_view package, name;
  std::uint32_t gid;
};

/// A user that a package's script makes; the group's number is in `gid`.
struct SystemUser {
  std::string_view package, name;
  std::uint32_t uid, gid;
  std::string_view home;
};

std::span<const SystemGroup> system_groups();
std::span<const SystemUser> system_users();

}  // namespace lifeboat
