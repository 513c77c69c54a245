#include "init/sys/mount_table.hpp"

#include <algorithm>
#include <array>

#include "init/sys/fd.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t largest_table = std::size_t{4} << 20;

/// The kernel's own file systems, and those in memory.
constexpr std::array<std::string_view, 24> without_files{
    "autofs",   "binfmt_misc", "bpf",        "cgroup",     "cgroup2",   "configfs", "debugfs", "devpts",
    "devtmpfs", "efivarfs",    "fusectl",    "hugetlbfs",  "mqueue",    "nsfs",     "proc",    "pstore",
    "ramfs",    "rootfs",      "rpc_pipefs", "securityfs", "selinuxfs", "sysfs",    "tmpfs",   "tracefs"};

bool is_octal(char c) { return c >= '0' && c <= '7'; }

/// "\040" and the like are how the kernel writes blanks.
std::string unescaped(std::string_view field) {
  std::string text;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (field[i] != '\\' || i + 3 >= field.size() || !std::ranges::all_of(field.substr(i + 1, 3), is_octal)) {
      text += field[i];
      continue;
    }
    text += static_cast<char>((field[i + 1] - '0') * 64 + (field[i + 2] - '0') * 8 + (field[i + 3] - '0'));
    i += 3;
  }
  return text;
}

/// Fields may be empty (a source): single blanks separate.
std::vector<std::string_view> split_fields(std::string_view line) {
  std::vector<std::string_view> fields;
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t end = std::min(line.find(' ', at), line.size());
    fields.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  return fields;
}

}  // namespace

std::vector<MountEntry> parse_mount_table(std::string_view mountinfo) {
  std::vector<MountEntry> mounts;
  while (!mountinfo.empty()) {
    const std::string_view line = mountinfo.substr(0, mountinfo.find('\n'));
    mountinfo.remove_prefix(std::min(line.size() + 1, mountinfo.size()));
    const auto fields = split_fields(line);
    const auto dash = std::ranges::find(fields, "-");  // optional fields end there
    if (dash - fields.begin() < 6 || fields.end() - dash < 3) continue;
    mounts.push_back({unescaped(fields[4]), unescaped(dash[1]), unescaped(dash[2])});
  }
  return mounts;
}

std::vector<MountEntry> read_mount_table() {
  return parse_mount_table(read_file("/proc/self/mountinfo", largest_table).value_or(""));
}

bool keeps_files(const MountEntry& mount) {
  return std::ranges::find(without_files, mount.type) == without_files.end();
}

bool is_at_or_below(std::string_view path, std::string_view folder) {
  if (folder == "/") return path.starts_with('/');
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

}  // namespace lifeboat::init
