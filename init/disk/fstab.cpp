#include "init/disk/fstab.hpp"

#include <algorithm>
#include <array>

#include "init/contract/text.hpp"
#include "init/disk/printable.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t most_shown = 200;  // of a field, in characters; paths and UUIDs are shorter

std::string_view take_field(std::string_view& line) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t start = line.find_first_not_of(blanks);
  if (start == std::string_view::npos) return line = {};
  line.remove_prefix(start);
  const std::string_view field = line.substr(0, line.find_first_of(blanks));
  line.remove_prefix(field.size());
  return field;
}

bool is_octal(std::string_view text) {
  return text.size() == 3 && text[0] >= '0' && text[0] <= '3' &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '7'; });
}

/// getmntent(3): a blank is \040, a backslash \134.
std::string unescape(std::string_view field) {
  std::string out;
  for (std::size_t i = 0; i < field.size(); ++i) {
    const std::string_view digits = field.substr(i + 1, 3);
    if (field[i] == '\\' && is_octal(digits)) {
      out += static_cast<char>((digits[0] - '0') * 64 + (digits[1] - '0') * 8 + (digits[2] - '0'));
      i += 3;
    } else {
      out += field[i];
    }
  }
  return printable(out, most_shown);
}

FstabEntry read_entry(std::string_view spec, std::string_view point, std::string_view rest) {
  FstabEntry entry;
  entry.spec = unescape(spec);
  entry.point = unescape(point);
  entry.type = unescape(take_field(rest));
  if (entry.type.empty()) entry.type = "auto";
  if (const std::string_view options = take_field(rest); !options.empty()) entry.options = unescape(options);
  return entry;
}

}  // namespace

void parse_fstab(std::string_view text, OperatingSystem& system) {
  for (std::uint32_t number = 1; !text.empty(); ++number) {
    std::string_view line = contract::take_line(text);
    if (line.size() > most_fstab_line) continue;
    const std::string_view spec = take_field(line);
    const std::string_view point = take_field(line);
    if (spec.empty() || spec.starts_with('#') || point.empty() || point.starts_with('#')) continue;
    ++system.fstab_lines;
    FstabEntry entry = read_entry(spec, point, line);
    entry.line = number;
    if (entry.point == "/") system.fstab_root = entry.spec;
    if (system.fstab.size() < most_fstab_entries) system.fstab.push_back(std::move(entry));
  }
}

bool has_option(const FstabEntry& entry, std::string_view option) {
  std::string_view options = entry.options;
  while (!options.empty()) {
    const std::size_t end = std::min(options.find(','), options.size());
    if (options.substr(0, end) == option) return true;
    options.remove_prefix(std::min(end + 1, options.size()));
  }
  return false;
}

bool is_optional(const FstabEntry& entry) { return has_option(entry, "noauto") || has_option(entry, "nofail"); }

bool needs_no_device(const FstabEntry& entry) {
  constexpr std::array types = {
      "proc",      "sysfs",      "tmpfs",     "devtmpfs", "devpts",  "ramfs",   "cgroup", "cgroup2",  "debugfs",
      "mqueue",    "securityfs", "hugetlbfs", "configfs", "tracefs", "bpf",     "pstore", "efivarfs", "binfmt_misc",
      "fusectl",   "rpc_pipefs", "selinuxfs", "nfs",      "nfs4",    "cifs",    "smb3",   "smbfs",    "ceph",
      "glusterfs", "9p",         "virtiofs",  "afs",      "lustre",  "overlay", "aufs",   "none",     "bind",
      "autofs",    "davfs",      "usbfs",     "zfs",      "sshfs",   "nfsd",    "vboxsf", "gfs2",     "ocfs2"};
  if (std::ranges::find(types, entry.type) != types.end() || entry.type.starts_with("fuse.")) return true;
  if (has_option(entry, "bind") || has_option(entry, "rbind") || has_option(entry, "loop")) return true;
  if (has_option(entry, "_netdev") && !entry.spec.starts_with("/dev/") && entry.spec.find('=') == std::string::npos)
    return true;
  // An image file, a swap file, or a word ("none", "tmpfs") of a type that we do not know.
  return entry.spec.find('=') == std::string::npos && !entry.spec.starts_with("/dev/");
}

}  // namespace lifeboat::init
