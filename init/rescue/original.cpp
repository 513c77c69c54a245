#include "init/rescue/original.hpp"

#include <fcntl.h>
#include <sys/statvfs.h>

#include <algorithm>

#include "init/rescue/session.hpp"
#include "init/sys/mount_table.hpp"

namespace lifeboat::init {
namespace {

Result<Original> open_at(const std::string& at, const std::string& device) {
  auto root = open_file(at, O_PATH | O_DIRECTORY);
  if (!root) return Failure{root.error() + "\nhint: --at names the folder where the original's root is mounted"};
  struct statvfs status {};
  const bool write = ::fstatvfs(root->get(), &status) == 0 && (status.f_flag & ST_RDONLY) == 0;
  return Original{at, device, write, std::move(*root)};
}

bool needs_quotes(char c) { return c <= ' ' || c == '"' || c == '\\' || c == 0x7f; }

void append_quoted(std::string& line, std::string_view value) {
  constexpr std::string_view digits = "01234567";
  line += '"';
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') line += '\\';
    if (byte >= ' ' && byte != 0x7f)
      line += c;
    else
      line += {'\\', digits[byte >> 6U], digits[(byte >> 3U) & 7U], digits[byte & 7U]};
  }
  line += '"';
}

}  // namespace

Result<Original> open_original(const std::string& at) {
  if (!at.empty()) return open_at(at, "");
  const auto session = read_session();
  if (!session) return session.failure();
  if (!*session) return Failure{"no original system is mounted\nhint: `rescue mount` does it, read-only"};
  const auto mounts = read_mount_table();
  if (std::ranges::find(mounts, (*session)->at, &MountEntry::point) == mounts.end())
    return Failure{"the original is not mounted at " + (*session)->at +
                   " any more\nhint: `rescue umount` cleans up, then `rescue mount`"};
  return open_at((*session)->at, (*session)->device);
}

Result<Original> open_original_for_writing(const std::string& at) {
  auto original = open_original(at);
  if (!original || original->write) return original;
  return Failure{original->at + " is mounted read-only" +
                 (at.empty() ? "\nhint: `rescue umount`, then `rescue mount --write`"
                             : "\nhint: mount -o remount,rw " + original->at)};
}

std::string result_line(const std::vector<std::pair<std::string_view, std::string>>& pairs) {
  std::string line = "RESCUE-RESULT";
  for (const auto& [key, value] : pairs) {
    line += " " + std::string(key) + "=";
    if (value.empty() || std::ranges::any_of(value, needs_quotes))
      append_quoted(line, value);
    else
      line += value;
  }
  return line + "\n";
}

}  // namespace lifeboat::init
