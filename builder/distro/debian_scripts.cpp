#include "builder/distro/debian_scripts.hpp"

#include <algorithm>
#include <array>

#include "builder/base/text.hpp"

namespace lifeboat {
namespace {

/// Packages of Debian 12 whose postinst was read: what it makes is in one of the steps, or a rescue system does without
/// (services, caches, questions, care for older versions).
constexpr auto read_scripts = std::to_array<std::string_view>({"apt",
                                                               "base-files",
                                                               "base-passwd",
                                                               "bash",
                                                               "ca-certificates",
                                                               "coreutils",
                                                               "cpio",
                                                               "dash",
                                                               "debconf",
                                                               "debian-archive-keyring",
                                                               "debianutils",
                                                               "dmsetup",
                                                               "dpkg",
                                                               "e2fsprogs",
                                                               "fuse3",
                                                               "hdparm",
                                                               "init-system-helpers",
                                                               "initramfs-tools",
                                                               "initramfs-tools-core",
                                                               "iproute2",
                                                               "iputils-ping",
                                                               "klibc-utils",
                                                               "kmod",
                                                               "less",
                                                               "libc-bin",
                                                               "libc6",
                                                               "libgcrypt20",
                                                               "libgssapi-krb5-2",
                                                               "libpam-modules",
                                                               "libpam-runtime",
                                                               "libpam0g",
                                                               "libpython3.11-minimal",
                                                               "libwrap0",
                                                               "linux-base",
                                                               "login",
                                                               "lvm2",
                                                               "mawk",
                                                               "mdadm",
                                                               "mtr-tiny",
                                                               "nano",
                                                               "netcat-openbsd",
                                                               "ntfs-3g",
                                                               "nvme-cli",
                                                               "openssh-client",
                                                               "openssh-server",
                                                               "openssl",
                                                               "passwd",
                                                               "pciutils",
                                                               "perl",
                                                               "procps",
                                                               "python3",
                                                               "python3-minimal",
                                                               "python3.11",
                                                               "python3.11-minimal",
                                                               "readline-common",
                                                               "smartmontools",
                                                               "tar",
                                                               "tcpdump",
                                                               "tmux",
                                                               "ucf",
                                                               "udev",
                                                               "usr-is-merged",
                                                               "util-linux",
                                                               "uuid-runtime",
                                                               "vim-tiny",
                                                               "xfsprogs",
                                                               "xz-utils"});

/// True for what debhelper adds about services, man pages and the like; what it adds about users and alternatives
/// counts as the package's own.
bool is_generated_start(std::string_view line) {
  return line.starts_with("# Automatically added by") && line.find("alternatives") == std::string_view::npos &&
         line.find("sysuser") == std::string_view::npos;
}

bool does_something(std::string_view line) {
  return !line.empty() && !line.starts_with('#') && line != "set -e" && line != "exit 0" && line != ":";
}

bool has_code_of_its_own(std::string_view script) {
  bool generated = false;
  for (std::string_view line : split_lines(script)) {
    if (is_generated_start(line)) generated = true;
    if (line.starts_with("# End automatically added")) generated = false;
    if (!generated && does_something(trim(line))) return true;
  }
  return false;
}

bool is_read(std::string_view package) {
  // Every kernel's script is the same: the module index, which finish makes, and links that nothing here needs.
  return package.starts_with("linux-image-") || std::ranges::find(read_scripts, package) != read_scripts.end();
}

}  // namespace

std::vector<std::string> packages_with_unknown_scripts(std::span<const UnpackedPackage> packages) {
  std::vector<std::string> unknown;
  for (const UnpackedPackage& unpacked : packages) {
    const auto script = unpacked.control.find("postinst");
    if (script != unpacked.control.end() && !is_read(unpacked.package.name) && has_code_of_its_own(script->second))
      unknown.push_back(unpacked.package.name);
  }
  return unknown;
}

}  // namespace lifeboat
