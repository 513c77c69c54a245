#include "init/sys/write_protection.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "init/sys/aside.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/file_lock.hpp"
#include "init/sys/folder.hpp"

namespace lifeboat::init {
namespace {

constexpr const char* now_file = "/run/lifeboat/writable";
constexpr const char* ever_file = "/run/lifeboat/was-writable";
constexpr const char* rights_lock = "/run/lifeboat/writable.lock";
constexpr const char* protected_file = "/run/lifeboat/protected";
constexpr Milliseconds patience{2'000};

/// How the names of devices begin that are no disk of anybody.
constexpr std::array<std::string_view, 7> not_disks = {"loop", "ram", "zram", "dm-", "md", "sr", "fd"};

bool is_disk(const std::string& name) {
  return std::ranges::none_of(not_disks, [&](std::string_view start) { return name.starts_with(start); });
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

std::vector<std::string> read_names(const char* file) {
  std::vector<std::string> names;
  const std::string text = read_file(file).value_or("");
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (end > at) names.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return names;
}

Status write_names(const char* file, const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += name + "\n";
  return replace_file(file, text, 0600);
}

std::vector<std::string> list_partitions(const std::string& folder) {
  std::vector<std::string> partitions;
  const std::string disk = folder.substr(folder.rfind('/') + 1);  // they are always named after it
  for (const FolderEntry& entry : list_folder(folder))
    if (entry.name.starts_with(disk) && ::access((folder + "/" + entry.name + "/partition").c_str(), F_OK) == 0)
      partitions.push_back(entry.name);
  return partitions;
}

BlockDisk find_disk(const std::string& name) { return {name, list_partitions("/sys/block/" + name)}; }

int protect(const BlockDisk& disk, const std::vector<std::string>& asked) {
  int outcome = 0;
  std::vector<std::string> names = disk.partitions;
  names.push_back(disk.name);
  for (const std::string& name : names) {
    if (may_be_written(asked, name, disk)) continue;
    const Status set = set_write_protection(name, true);
    if (!set && set.failure().number != ENXIO && set.failure().number != ENOENT) outcome = set.failure().number;
  }
  return outcome;
}

/// The kernel says so without the disk: most passes find nothing to do on most disks.
bool is_protected(const BlockDisk& disk) {
  return is_read_only(disk.name) && std::ranges::all_of(disk.partitions, is_read_only);
}

/// What was read-only before, and not by us, is so by itself. One that could not be protected is not noted: nobody
/// lifted its protection by hand.
void note_protected(const std::string& disk) {
  std::vector<std::string> ours = read_protected_by_us();
  if (holds(ours, disk)) return;
  ours.push_back(disk);
  static_cast<void>(write_names(protected_file, ours));
}

}  // namespace

std::vector<BlockDisk> list_protected_disks(const std::string& own_disk, const std::string& sys) {
  std::vector<BlockDisk> disks;
  for (const FolderEntry& entry : list_folder(sys + "/block"))
    if (is_disk(entry.name) && entry.name != own_disk)
      disks.push_back({entry.name, list_partitions(sys + "/block/" + entry.name)});
  return disks;
}

std::string disk_of(const std::string& name, const std::string& sys) {
  if (name.empty() || name.find('/') != std::string::npos) return {};
  if (::access((sys + "/block/" + name).c_str(), F_OK) == 0) return name;
  for (const FolderEntry& entry : list_folder(sys + "/block"))
    if (::access((sys + "/block/" + entry.name + "/" + name + "/partition").c_str(), F_OK) == 0) return entry.name;
  return {};
}

std::vector<std::string> read_protected_by_us() { return read_names(protected_file); }

WriteRights read_write_rights() { return {read_names(now_file), read_names(ever_file)}; }

Result<WriteRights> change_write_rights(const std::function<void(WriteRights&)>& change) {
  const auto lock = lock_file(rights_lock, patience);  // who stopped while he held it holds up nobody
  WriteRights rights = read_write_rights();
  change(rights);
  if (Status written = write_names(ever_file, rights.ever); !written) return written.failure();
  if (Status written = write_names(now_file, rights.now); !written) return written.failure();
  return rights;
}

bool may_be_written(const std::vector<std::string>& asked, const std::string& name, const BlockDisk& disk) {
  if (holds(asked, name) || holds(asked, disk.name)) return true;
  return name == disk.name &&
         std::ranges::any_of(disk.partitions, [&](const std::string& part) { return holds(asked, part); });
}

bool is_read_only(const std::string& name) {
  return !read_file("/sys/class/block/" + name + "/ro", 16).value_or("").starts_with('0');
}

Status set_write_protection(const std::string& name, bool on) {
  auto device = open_file("/dev/" + name, O_RDONLY | O_NONBLOCK);
  if (!device) return device.failure();
  struct stat status {};
  if (::fstat(device->get(), &status) != 0 || !S_ISBLK(status.st_mode))
    return Failure{"/dev/" + name + " is no block device"};
  const int value = on ? 1 : 0;
  if (::ioctl(device->get(), BLKROSET, &value) == 0) return Done{};
  return failure_from_errno((on ? "write-protecting /dev/" : "lifting the write protection of /dev/") + name, errno);
}

std::string protect_disks(const std::vector<BlockDisk>& disks, const std::vector<std::string>& asked) {
  std::string lines;
  for (const BlockDisk& disk : disks) {
    if (is_protected(disk)) continue;
    const bool was_writable = !is_read_only(disk.name);
    const auto outcome = run_aside(Clock::now() + patience, [&] { return protect(disk, asked); });
    if (was_writable && is_read_only(disk.name)) note_protected(disk.name);
    if (outcome == 0) continue;
    lines += "/dev/" + disk.name + " could not be write-protected: " +
             (outcome ? std::string(std::strerror(*outcome)) : "it does not answer") + "\n";
  }
  return lines;
}

std::vector<std::string> lifted_by_hand(const std::vector<BlockDisk>& disks, const std::vector<std::string>& asked) {
  const std::vector<std::string> ours = read_protected_by_us();
  std::vector<std::string> names;
  for (const BlockDisk& disk : disks)
    if (holds(ours, disk.name) && !is_read_only(disk.name) && !may_be_written(asked, disk.name, disk))
      names.push_back(disk.name);
  return names;
}

void forget_protection(const std::string& disk) {
  std::vector<std::string> ours = read_protected_by_us();
  if (std::erase(ours, disk) != 0) static_cast<void>(write_names(protected_file, ours));
}

Status allow_writing(const std::string& name) {
  const BlockDisk disk = find_disk(disk_of(name));
  if (disk.name.empty()) return Failure{"this machine has no disk or partition " + name};
  const auto rights = change_write_rights([&](WriteRights& noted) {
    for (auto* list : {&noted.now, &noted.ever})
      if (!holds(*list, name)) list->push_back(name);
  });
  if (!rights) return rights.failure();  // first: PID 1 must not set it again
  // The kernel shows a partition as read-only while its disk is: each that nobody asked for gets its own protection
  // now.
  if (const int error = protect(disk, rights->now); error != 0)
    return failure_from_errno("write-protecting the rest of /dev/" + disk.name, error);
  std::vector<std::string> names = name == disk.name ? disk.partitions : std::vector<std::string>{name};
  names.push_back(disk.name);
  for (const std::string& one : names)
    if (Status set = set_write_protection(one, false); !set) return set;
  return Done{};
}

Status forbid_writing(const std::string& name) {
  const auto rights = change_write_rights([&](WriteRights& noted) { std::erase(noted.now, name); });
  if (!rights) return rights.failure();
  const std::string disk = disk_of(name);
  if (disk.empty()) return Done{};  // it is gone
  const std::string line = protect_disks({find_disk(disk)}, rights->now);
  if (line.empty()) return Done{};
  return Failure{line.substr(0, line.size() - 1)};
}

}  // namespace lifeboat::init
