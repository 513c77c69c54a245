#pragma once
#include <filesystem>
#include <string>

namespace lifeboat {

/// 20 characters (100 bits of getrandom) that a person can read from one screen and type on another: no 0, o, 1 or l.
std::string random_password();

/// A random (version 4) UUID.
std::string random_uuid();

/// What Nova tells a server about itself.
struct ServerIdentity {
  std::string uuid;
  std::string name;
  std::string admin_password;
};

/// Writes WORK/config.iso, readable by us alone: the config drive of OpenStack (volume config-2), its
/// openstack/latest/meta_data.json carrying the password as `admin_pass`. Returns the path.
std::filesystem::path write_config_drive(const std::filesystem::path& work, const ServerIdentity& server);

}  // namespace lifeboat
