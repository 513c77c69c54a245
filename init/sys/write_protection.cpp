#include "init/sys/write_protection.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "init/sys/aside.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/folder.hpp"

namespace lifeboat::init {
namespace {

constexpr Milliseconds patience{2'000};

/// How the names of devices begin that are no disk of anybody.
constexpr std::array<std::string_view, 7> not_disks = {"loop", "ram", "zram", "dm-", "md", "sr", "fd"};

bool is_disk(const std::string& name) {
  return std::ranges::none_of(not_disks, [&](std::string_view start) { return name.starts_with(start); });
}

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
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

using Asked = std::function<std::vector<std::string>()>;

/// Who is given the right between the look at the rights and the protection gets it back: he lifts it after the right
/// is noted, so either he does that after us, or we find the note; and the same the other way round.
Status protect(const std::string& name, const std::string& disk, const Asked& asked) {
  constexpr int most_turns = 10;  // each of them takes another command in between
  const auto may_be = [&] { return may_be_written(asked(), name, disk); };
  if (may_be()) return Done{};
  Status set = Done{};
  bool writable = false;
  for (int turn = 0; turn < most_turns; ++turn) {
    set = set_write_protection(name, !writable);
    if (may_be() == writable) break;
    writable = !writable;
  }
  return set;
}

int protect(const BlockDisk& disk, const Asked& asked) {
  int outcome = 0;
  std::vector<std::string> names = disk.partitions;
  names.push_back(disk.name);
  for (const std::string& name : names) {
    const Status set = protect(name, disk.name, asked);
    if (!set && set.failure().number != ENXIO && set.failure().number != ENOENT) outcome = set.failure().number;
  }
  return outcome;
}

std::vector<std::string> asked_now() { return read_write_rights().devices(); }

/// The kernel says so without the disk: most passes find nothing to do on most disks.
bool is_protected(const BlockDisk& disk) {
  return is_read_only(disk.name) && std::ranges::all_of(disk.partitions, is_read_only);
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

std::uint64_t disk_sequence(const std::string& disk) {
  const std::string text = read_file("/sys/block/" + disk + "/diskseq", 32).value_or("");
  std::uint64_t sequence = 0;
  std::from_chars(text.data(), text.data() + text.size(), sequence);
  return sequence;
}

bool may_be_written(const std::vector<std::string>& asked, const std::string& name, const std::string& disk) {
  if (holds(asked, name) || holds(asked, disk)) return true;
  return name == disk && std::ranges::any_of(asked, [&](const std::string& part) { return is_part_of(part, disk); });
}

NotedProtection noted_protection(const std::string& name) {
  const std::string disk = disk_of(name);
  if (disk.empty()) return {};
  return {may_be_written(read_write_rights().devices(), name, disk), holds(read_protected_by_us(), disk)};
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

std::string protect_disks(const std::vector<BlockDisk>& disks) { return protect_disks(disks, asked_now); }

std::string protect_disks(const std::vector<BlockDisk>& disks, const Asked& asked) {
  std::string lines;
  for (const BlockDisk& disk : disks) {
    if (is_protected(disk)) continue;
    const bool was_writable = !is_read_only(disk.name);
    const std::uint64_t sequence = disk_sequence(disk.name);
    const auto outcome = run_aside(Clock::now() + patience, [&] { return protect(disk, asked); });
    // What was read-only before, and not by us, is so by itself. One that could not be protected is not noted: nobody
    // lifted its protection by hand.
    const bool is_there = ::access(("/sys/block/" + disk.name).c_str(), F_OK) == 0;
    if (was_writable && is_read_only(disk.name) && is_there && disk_sequence(disk.name) == sequence)
      static_cast<void>(add_protected_by_us(disk.name));
    if (outcome == 0) continue;
    lines += "/dev/" + disk.name + " could not be write-protected: " +
             (outcome ? std::string(std::strerror(*outcome)) : "it does not answer") + "\n";
  }
  return lines;
}

std::string protect_all_but(const std::string& own_disk) {
  std::vector<BlockDisk> disks = list_protected_disks(own_disk);
  const std::vector<std::string> left_alone = lifted_by_hand(disks, read_write_rights().devices());
  std::erase_if(disks, [&](const BlockDisk& disk) { return holds(left_alone, disk.name); });
  return protect_disks(disks);
}

std::vector<std::string> lifted_by_hand(const std::vector<BlockDisk>& disks, const std::vector<std::string>& asked) {
  const std::vector<std::string> ours = read_protected_by_us();
  std::vector<std::string> names;
  for (const BlockDisk& disk : disks)
    if (holds(ours, disk.name) && !is_read_only(disk.name) && !may_be_written(asked, disk.name, disk.name))
      names.push_back(disk.name);
  return names;
}

namespace {

Status lift(const std::string& name, const BlockDisk& disk) {
  // The kernel shows a partition as read-only while its disk is: each that nobody asked for gets its own protection
  // now.
  if (const int error = protect(disk, asked_now); error != 0)
    return failure_from_errno("write-protecting the rest of /dev/" + disk.name, error);
  std::vector<std::string> names = name == disk.name ? disk.partitions : std::vector<std::string>{name};
  names.push_back(disk.name);
  for (const std::string& one : names)
    if (Status set = set_write_protection(one, false); !set) return set;
  return Done{};
}

}  // namespace

Status allow_writing(const std::string& name, const std::string& owner) {
  const BlockDisk disk = find_disk(disk_of(name));
  if (disk.name.empty()) return Failure{"this machine has no disk or partition " + name};
  const std::uint64_t sequence = disk_sequence(disk.name);
  const auto rights = change_write_rights([&](WriteRights& noted) { noted.add({name, owner}, sequence); });
  if (!rights) return rights.failure();  // first: PID 1 must not set it again
  Status lifted = lift(name, disk);
  if (!lifted) static_cast<void>(forbid_writing(name, owner));
  return lifted;
}

Status forbid_writing(const std::string& name, const std::string& owner) {
  const auto rights = change_write_rights([&](WriteRights& noted) { noted.remove({name, owner}); });
  if (!rights) return rights.failure();
  const std::string disk = disk_of(name);
  if (disk.empty()) return Done{};  // it is gone
  const std::string line = protect_disks({find_disk(disk)});
  if (line.empty()) return Done{};
  return Failure{line.substr(0, line.size() - 1)};
}

}  // namespace lifeboat::init
