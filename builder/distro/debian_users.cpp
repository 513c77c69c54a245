#include "builder/distro/debian_users.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"
#include "builder/distro/debian_steps.hpp"

namespace lifeboat {
namespace {

constexpr std::uint32_t nogroup = 65534, shadow_group = 42;

constexpr std::array groups{
    SystemGroup{"openssh-client", "_ssh", 101},
    SystemGroup{"udev", "input", 102},
    SystemGroup{"udev", "sgx", 103},
    SystemGroup{"udev", "kvm", 104},
    SystemGroup{"udev", "render", 105},
    SystemGroup{"uuid-runtime", "uuidd", 106},
    SystemGroup{"tcpdump", "tcpdump", 107},
};

constexpr std::array users{
    SystemUser{"uuid-runtime", "uuidd", 100, 106, "/run/uuidd"},
    SystemUser{"tcpdump", "tcpdump", 101, 107, "/nonexistent"},
    SystemUser{"openssh-server", "sshd", 102, nogroup, "/run/sshd"},
};

/// One line of a master file, split; Error unless it has `fields` of them.
std::vector<std::string_view> parse_master_line(std::string_view line, std::size_t fields, std::string_view file) {
  std::vector<std::string_view> parts = split(line, ':');
  if (parts.size() != fields || parts[0].empty())
    throw Error("reading /" + std::string(file) + ": expected " + std::to_string(fields) + " fields in `" +
                printable(line) + "`");
  return parts;
}

/// `name:*:rest` -> `name:x:rest`: the second field moves to the shadow file.
std::string with_shadowed_field(const std::vector<std::string_view>& parts) {
  std::string line = std::string(parts[0]) + ":x";
  for (std::size_t i = 2; i < parts.size(); ++i) line += ":" + std::string(parts[i]);
  return line + "\n";
}

void write_users(Maker& maker) {
  constexpr std::string_view master = "usr/share/base-passwd/passwd.master";
  // Day 0 would mean "the password must be changed at once".
  const std::string day = std::to_string(std::max<std::int64_t>(1, maker.input().time / 86400));
  std::string passwd, shadow;
  const std::string text = maker.tree().read(TreePath(master));
  for (std::string_view line : split_lines(text)) {
    const auto parts = parse_master_line(line, 7, master);
    passwd += with_shadowed_field(parts);
    shadow += std::string(parts[0]) + ":*:" + day + ":0:99999:7:::\n";
  }
  for (const SystemUser& user : users) {
    if (!maker.has_package(user.package)) continue;
    passwd += std::string(user.name) + ":x:" + std::to_string(user.uid) + ":" + std::to_string(user.gid) +
              "::" + std::string(user.home) + ":/usr/sbin/nologin\n";
    shadow += std::string(user.name) + ":!:" + day + "::::::\n";
  }
  maker.file("etc/passwd", passwd);
  maker.file("etc/shadow", shadow, 0640, shadow_group);
}

void write_groups(Maker& maker) {
  constexpr std::string_view master = "usr/share/base-passwd/group.master";
  std::string group, gshadow;
  const std::string text = maker.tree().read(TreePath(master));
  for (std::string_view line : split_lines(text)) {
    const auto parts = parse_master_line(line, 4, master);
    group += with_shadowed_field(parts);
    gshadow += std::string(parts[0]) + ":*::\n";
  }
  for (const SystemGroup& entry : groups) {
    if (!maker.has_package(entry.package)) continue;
    group += std::string(entry.name) + ":x:" + std::to_string(entry.gid) + ":\n";
    gshadow += std::string(entry.name) + ":!::\n";
  }
  maker.file("etc/group", group);
  maker.file("etc/gshadow", gshadow, 0640, shadow_group);
}

}  // namespace

std::span<const SystemGroup> system_groups() { return groups; }
std::span<const SystemUser> system_users() { return users; }

void write_debian_users(Maker& maker) {
  write_users(maker);
  write_groups(maker);
}

}  // namespace lifeboat
