#include "init/disk/operating_system.hpp"

#include <array>
#include <cstddef>

#include "init/contract/text.hpp"
#include "init/disk/fstab.hpp"
#include "init/disk/linux_details.hpp"
#include "init/disk/printable.hpp"
#include "init/sys/read_only_mount.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t most_file_bytes = 65536;  // of os-release and fstab; real ones have a few hundred

/// A shell assignment's value as os-release(5) allows it: with either quote or none, backslash escapes in double
/// quotes.
std::string unquote(std::string_view value) {
  if (value.size() >= 2 && value.front() == '\'' && value.back() == '\'')
    return std::string(value.substr(1, value.size() - 2));
  if (value.size() < 2 || value.front() != '"' || value.back() != '"') return std::string(value);
  value = value.substr(1, value.size() - 2);
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\' && i + 1 < value.size()) ++i;
    out += value[i];
  }
  return out;
}

std::string value_of(std::string_view text, std::string_view key) {
  std::string found;
  while (!text.empty()) {
    std::string_view line = contract::take_line(text);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.starts_with(key) && line.substr(key.size()).starts_with('=')) found = unquote(line.substr(key.size() + 1));
  }
  return printable_trimmed(found);
}

/// Releases from before os-release (2012) name themselves in a line of their own file.
std::string old_release_name(const Fd& root) {
  struct Row {
    const char* path;
    const char* prefix;
  };
  constexpr std::array<Row, 3> rows = {
      {{"etc/redhat-release", ""}, {"etc/SuSE-release", ""}, {"etc/debian_version", "Debian "}}};
  for (const Row& row : rows) {
    const std::string text = read_file_inside(root, row.path, most_file_bytes).value_or("");
    std::string_view rest = text;
    if (const std::string name = printable_trimmed(contract::take_line(rest)); !name.empty()) return row.prefix + name;
  }
  return {};
}

std::string linux_name(const Fd& root) {
  for (const char* path : {"etc/os-release", "usr/lib/os-release"})
    if (auto text = read_file_inside(root, path, most_file_bytes))
      if (std::string name = parse_os_release(*text); !name.empty()) return name;
  return old_release_name(root);
}

}  // namespace

std::string parse_os_release(std::string_view text) {
  if (std::string pretty = value_of(text, "PRETTY_NAME"); !pretty.empty()) return pretty;
  const std::string name = value_of(text, "NAME");
  const std::string version = value_of(text, "VERSION");
  return name.empty() || version.empty() ? name : name + " " + version;
}

std::optional<OperatingSystem> find_linux(const Fd& root) {
  OperatingSystem system;
  system.kind = "linux";
  system.name = linux_name(root);
  const auto fstab = read_file_inside(root, "etc/fstab", most_file_bytes);
  if (fstab) parse_fstab(*fstab, system);
  if (system.name.empty() && system.fstab_root.empty()) return std::nullopt;
  if (system.name.empty()) system.name = "a Linux without a name";
  add_linux_details(root, system);
  return system;
}

}  // namespace lifeboat::init
