#include <array>

#include "builder/base/error.hpp"
#include "builder/distro/debian_steps.hpp"

namespace lifeboat {
namespace {

struct Default {
  const char* package;
  const char* from;
  const char* to;
};

constexpr std::array defaults{
    Default{"base-files", "usr/share/base-files/dot.profile", "root/.profile"},
    Default{"base-files", "usr/share/base-files/dot.bashrc", "root/.bashrc"},
    Default{"base-files", "usr/share/base-files/profile", "etc/profile"},
    Default{"libc-bin", "usr/share/libc-bin/nsswitch.conf", "etc/nsswitch.conf"},
    Default{"openssh-server", "usr/share/openssh/sshd_config", "etc/ssh/sshd_config"},
    Default{"readline-common", "usr/share/readline/inputrc", "etc/inputrc"},
    Default{"smartmontools", "usr/share/smartmontools/drivedb.h", "var/lib/smartmontools/drivedb/drivedb.h"},
};

void copy_default(Maker& maker, const Default& entry) {
  const Node* source = maker.tree().find_followed(entry.from);
  if (source == nullptr || source->type != NodeType::regular)
    throw Error(std::string("finishing package ") + entry.package + ": its default /" + entry.from + " for /" +
                entry.to + " is not there");
  Node copy = file_node(source->content, 0644);
  copy.mtime = source->mtime;
  maker.tree().add(entry.to, std::move(copy));
}

}  // namespace

void copy_debian_defaults(Maker& maker) {
  for (const Default& entry : defaults)
    if (maker.has_package(entry.package)) copy_default(maker, entry);
  if (maker.has_package("base-files")) maker.link("etc/dpkg/origins/default", "debian");
}

}  // namespace lifeboat
