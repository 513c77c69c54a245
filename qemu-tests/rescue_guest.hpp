#pragma once
// What the tests of `rescue` and its disks share: the machine, the disks that are plugged in, and how it is left.
#include <filesystem>
#include <string>
#include <vector>

#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/hot_plug.hpp"
#include "qemu-tests/harness/image.hpp"
#include "testing/catch.hpp"

namespace lifeboat::qemu {

inline const std::string rescue_password = "vq7-Temporary-31";

/// The cloud image with the password, and room for disks that come while it runs.
inline VmOptions rescue_machine() {
  VmOptions options = boots(cloud_image());
  options.config_drive = openstack_drive(R"({"admin_pass": ")" + rescue_password + "\"}");
  HotPlug::can_plug(options);
  return options;
}

/// A copy of a disk, which the guest may write to and must not.
struct Plugged {
  std::string id;
  std::filesystem::path file;
  bool other = false;       ///< of two copies the one that differs in what a person put there
  std::string name = {};    ///< the kernel's
  std::string sha256 = {};  ///< of the file, before it was plugged in
};

inline void plug_all(HotPlug& plug, std::vector<Plugged>& all) {
  for (Plugged& one : all) {
    one.sha256 = sha256_of_file(one.file);
    one.name = plug.plug(one.id, one.file);
  }
}

/// Not one byte of any was written.
inline void unplug_all(HotPlug& plug, const std::vector<Plugged>& all) {
  for (const Plugged& one : all) {
    INFO(one.id);
    CHECK(plug.writes(one.id) == DiskWrites{});
    plug.unplug(one.id);
    CHECK(sha256_of_file(one.file) == one.sha256);
    std::filesystem::remove(one.file);
  }
}

/// `rescue exit` has a line for every disk, "  sda  as found".
inline void check_exit(const std::vector<Plugged>& all, Ssh& ssh) {
  const ProgramResult left = ssh.run("rescue exit", seconds(120));
  INFO(left.out << left.err);
  CHECK(left.status == 0);
  for (const Plugged& one : all) CHECK(left.out.find("\n  " + one.name + "  as found\n") != std::string::npos);
  CHECK(left.out.ends_with("status=as-found\n"));
}

}  // namespace lifeboat::qemu
