// What of the original's files keeps it from starting, or will soon.
#include <fcntl.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>

#include <algorithm>
#include <cerrno>

#include "init/contract/text.hpp"
#include "init/disk/fstab.hpp"
#include "init/disk/fstab_devices.hpp"
#include "init/disk/printable.hpp"
#include "init/rescue/check.hpp"
#include "init/sys/inside.hpp"
#include "init/sys/mount_table.hpp"

namespace lifeboat::init {
namespace {

Finding fstab_finding(const FstabEntry& entry) {
  const std::string text =
      "line " + std::to_string(entry.line) + ", " + entry.point + ": " + entry.spec + ": " + entry.problem;
  if (!entry.device.empty()) return {Level::warning, text, "", ""};  // a guess by the disk's place
  const bool starts = is_optional(entry) || entry.type == "swap";
  return {starts ? Level::warning : Level::broken, text, "rescue fix fstab", ""};
}

unsigned percent_used(unsigned long long total, unsigned long long left) {
  return total == 0 ? 0 : static_cast<unsigned>((total - std::min(left, total)) * 100 / total);
}

void add_fullness(const std::string& point, Findings& findings) {
  constexpr unsigned much = 95;
  struct statvfs status {};
  if (::statvfs(point.c_str(), &status) != 0) return;
  const unsigned blocks = percent_used(status.f_blocks, status.f_bavail);
  const unsigned inodes = percent_used(status.f_files, status.f_favail);
  const std::string hint = "du -xh -d 2 " + point + " | sort -h | tail";
  const auto add = [&](unsigned used, const std::string& what, const std::string& how) {
    if (used < much) return;
    const std::string text =
        printable(point) + ": " + what + " " + (used == 100 ? "full" : std::to_string(used) + " % used");
    findings.push_back({used == 100 ? Level::broken : Level::warning, text, how, ""});
  };
  add(blocks, "the space is", hint);
  add(inodes, "the inodes are", "du --inodes -x -d 2 " + point + " | sort -n | tail");
}

bool has_label(const Examined& examined, const std::string& path) {
  const auto file = open_below(examined.original.root, path, O_RDONLY);
  char label[256];
  return !file || ::fgetxattr(file->get(), "security.selinux", label, sizeof label) > 0;
}

std::string selinux_mode(const Examined& examined) {
  std::string mode;
  each_line(text_of(examined, "etc/selinux/config"), [&](std::string_view line, unsigned) {
    if (line.starts_with("SELINUX=")) mode = contract::trim(line.substr(8));
  });
  return mode;
}

/// Names that end in one of these, in the folder.
bool has_name(const Examined& examined, const std::string& folder, std::string_view begin, std::string_view end) {
  return std::ranges::any_of(list_below(examined.original.root, folder), [&](const std::string& name) {
    return name.starts_with(begin) && name.ends_with(end) && name != "ifcfg-lo";
  });
}

bool has_network_configuration(const Examined& examined) {
  const std::string interfaces = text_of(examined, "etc/network/interfaces");
  bool named = false;
  each_line(interfaces, [&](std::string_view line, unsigned) {
    const auto words = contract::split_words(line, " \t");
    named = named || (words.size() > 1 && words[0] == "iface" && words[1] != "lo");
  });
  return named || has_name(examined, "etc/network/interfaces.d", "", "") ||
         has_name(examined, "etc/netplan", "", ".yaml") || has_name(examined, "etc/systemd/network", "", ".network") ||
         has_name(examined, "etc/sysconfig/network-scripts", "ifcfg-", "") ||
         has_name(examined, "etc/sysconfig/network", "ifcfg-", "") ||
         has_name(examined, "etc/NetworkManager/system-connections", "", "");
}

struct DpkgState {
  std::vector<std::string> half;  ///< packages that are not configured, or half installed
};

DpkgState read_dpkg_status(std::string_view text) {
  DpkgState state;
  std::string_view package;
  each_line(text, [&](std::string_view line, unsigned) {
    if (line.starts_with("Package: ")) package = line.substr(9);
    if (!line.starts_with("Status: ")) return;
    const auto words = contract::split_words(line, " ");
    const std::string_view last = words.back();
    if (last == "half-configured" || last == "half-installed" || last == "unpacked")
      state.half.emplace_back(printable(package));
  });
  return state;
}

std::string first_of(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 3); ++i) text += (i == 0 ? "" : ", ") + names[i];
  return names.size() > 3 ? text + " and " + std::to_string(names.size() - 3) + " more" : text;
}

Findings check_dpkg(const Examined& examined) {
  constexpr std::size_t largest_status = std::size_t{64} << 20;
  const std::string hint = "rescue mount --write, then rescue chroot dpkg --configure -a";
  if (!list_below(examined.original.root, "var/lib/dpkg/updates").empty())
    return {{Level::warning, "dpkg was interrupted: its journal was not merged", hint, ""}};
  const std::string status = text_of(examined, "var/lib/dpkg/status", largest_status);
  if (status.empty())
    return {{Level::warning, "dpkg's list of packages is empty or cannot be read",
             "cp -a var/lib/dpkg/status-old var/lib/dpkg/status, in the original", ""}};
  const DpkgState state = read_dpkg_status(status);
  if (!state.half.empty())
    return {{Level::warning, "packages that are half installed: " + first_of(state.half), hint, ""}};
  return {{Level::ok, "dpkg has nothing left to do", "", ""}};
}

Findings check_rpm(const Examined& examined) {
  const Fd& root = examined.original.root;
  bool whole = false;
  for (const char* file : {"usr/lib/sysimage/rpm/rpmdb.sqlite", "usr/lib/sysimage/rpm/Packages.db",
                           "var/lib/rpm/rpmdb.sqlite", "var/lib/rpm/Packages", "var/lib/rpm/Packages.db"})
    whole = whole || has_file_below(root, file);
  if (!whole) return {{Level::warning, "rpm's database is missing or empty", "rescue chroot rpm --rebuilddb", ""}};
  if (has_name(examined, "var/lib/yum", "transaction-all.", ""))
    return {{Level::warning, "a transaction of yum was interrupted", "rescue chroot yum-complete-transaction", ""}};
  return {{Level::ok, "rpm's database is there", "", ""}};
}

}  // namespace

Findings check_fstab(const Examined& examined) {
  const auto text = read_below(examined.original.root, "etc/fstab", std::size_t{1} << 20);
  if (!text) return {{Level::warning, printable(text.error()), "", ""}};
  OperatingSystem system;
  parse_fstab(*text, system);
  resolve_fstab(system, examined.disks, disks_below(examined.disks, examined.original.device));
  Findings findings;
  for (const FstabEntry& entry : system.fstab)
    if (!entry.problem.empty()) findings.push_back(fstab_finding(entry));
  if (system.fstab_root.empty()) findings.push_back({Level::warning, "there is no entry for /", "", ""});
  if (findings.empty())
    findings.push_back({Level::ok, std::to_string(system.fstab_lines) + " entries, all satisfied", "", ""});
  return findings;
}

Findings check_space(const Examined& examined) {
  Findings findings;
  std::vector<std::string> points{examined.original.at};
  for (const MountEntry& mount : read_mount_table())
    if (mount.point != examined.original.at && keeps_files(mount) && is_at_or_below(mount.point, examined.original.at))
      points.push_back(mount.point);
  for (const std::string& point : points) add_fullness(point, findings);
  if (findings.empty()) findings.push_back({Level::ok, "no file system is 95 % full", "", ""});
  return findings;
}

Findings check_selinux(const Examined& examined) {
  const std::string mode = selinux_mode(examined);
  if (mode != "enforcing" && mode != "permissive") return {{Level::ok, "not in use", "", ""}};
  if (stat_below(examined.original.root, ".autorelabel"))
    return {{Level::ok, mode + "; all files get labels at the next start", "", ""}};
  std::vector<std::string> bare;
  for (const char* path : {"etc/passwd", "etc/shadow", "etc/group", "etc/fstab", "etc/ssh/sshd_config", "etc/hosts",
                           "etc/resolv.conf", "root/.ssh/authorized_keys", "usr/lib/systemd/systemd"})
    if (!has_label(examined, path)) bare.push_back(std::string("/") + path);
  if (bare.empty()) return {{Level::ok, mode + ", files have labels", "", ""}};
  return {{mode == "enforcing" ? Level::broken : Level::warning, mode + ", and without a label: " + first_of(bare),
           "rescue fix autorelabel", ""}};
}

Findings check_network(const Examined& examined) {
  Findings findings;
  if (!has_network_configuration(examined))
    findings.push_back({Level::warning, "no network configuration was found", "", ""});
  const auto folder = open_below(examined.original.root, "etc", O_PATH | O_DIRECTORY);
  struct stat status {};
  if (!folder || ::fstatat(folder->get(), "resolv.conf", &status, AT_SYMLINK_NOFOLLOW) != 0)
    findings.push_back({Level::warning, "there is no /etc/resolv.conf", "", ""});
  else if (S_ISREG(status.st_mode) && text_of(examined, "etc/resolv.conf").find("nameserver") == std::string::npos)
    findings.push_back({Level::warning, "/etc/resolv.conf names no server", "", ""});
  if (findings.empty()) findings.push_back({Level::ok, "configured", "", ""});
  return findings;
}

Findings check_machine_id(const Examined& examined) {
  const std::string text = text_of(examined, "etc/machine-id");
  const std::string_view id = contract::trim(text);
  if (contract::is_lower_hex(id, 32)) return {{Level::ok, std::string(id), "", ""}};
  return {{Level::warning, "/etc/machine-id is empty or damaged: the next start makes a new one", "", ""}};
}

Findings check_packages(const Examined& examined) {
  if (has_folder_below(examined.original.root, "var/lib/dpkg")) return check_dpkg(examined);
  if (has_folder_below(examined.original.root, "var/lib/rpm") ||
      has_folder_below(examined.original.root, "usr/lib/sysimage/rpm"))
    return check_rpm(examined);
  return {{Level::ok, "neither dpkg nor rpm", "", ""}};
}

}  // namespace lifeboat::init
