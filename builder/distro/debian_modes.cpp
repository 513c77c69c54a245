#include <array>

#include "builder/base/error.hpp"
#include "builder/distro/debian_steps.hpp"

namespace lifeboat {
namespace {

struct Mode {
  const char* package;
  const char* path;
  std::uint32_t mode;
  std::uint32_t uid = 0, gid = 0;
  bool may_use_raw_sockets = false;  ///< capability net_raw
};

constexpr std::uint32_t uuidd_user = 100, ssh_group = 101, uuidd_group = 106;  // debian_users.cpp

constexpr std::array modes{
    Mode{"fuse3", "usr/bin/fusermount3", 04755},
    Mode{"iputils-ping", "usr/bin/ping", 0755, 0, 0, true},
    Mode{"mtr-tiny", "usr/bin/mtr-packet", 0755, 0, 0, true},
    Mode{"ntfs-3g", "usr/bin/ntfs-3g", 04755},
    Mode{"openssh-client", "usr/bin/ssh-agent", 02755, 0, ssh_group},
    Mode{"uuid-runtime", "var/lib/libuuid", 02775, uuidd_user, uuidd_group},
};

/// linux/capability.h: struct vfs_cap_data revision 2, little endian: magic with the effective bit, then permitted and
/// inheritable, 32 bits each, twice. Capability 13 is CAP_NET_RAW.
std::string net_raw_capability() {
  std::string value(20, '\0');
  value[0] = 1;
  value[3] = 2;
  value[5] = 1 << (13 - 8);
  return value;
}

}  // namespace

void set_debian_modes(Maker& maker) {
  for (const Mode& entry : modes) {
    if (!maker.has_package(entry.package)) continue;
    Node* node = maker.tree().find(entry.path);
    if (node == nullptr)
      throw Error(std::string("finishing package ") + entry.package + ": its /" + entry.path + " is not there");
    node->mode = entry.mode;
    node->uid = entry.uid;
    node->gid = entry.gid;
    if (entry.may_use_raw_sockets) node->xattrs["security.capability"] = net_raw_capability();
  }
}

}  // namespace lifeboat
