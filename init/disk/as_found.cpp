#include "init/disk/as_found.hpp"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "init/disk/read_bytes.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/sha256.hpp"

namespace lifeboat::init {
namespace {

constexpr std::uint64_t disk_start = 1 << 20;  // GPT's table, hybrid ISO images, what boot loaders keep after it
constexpr std::uint64_t disk_end = 256 << 10;  // GPT's second table, md 0.90 and 1.0, DDF, IMSM
constexpr std::uint64_t partition_end = 128
                                        << 10;  // ext: 1 KiB, btrfs: 64 KiB, md 1.1/1.2: 0 and 4 KiB; md 0.90: the end
constexpr std::uint64_t hashed_at_once = 4096;
/// Memory that the process has already: fresh pages would be half of the work.
constexpr std::uint64_t read_at_once = 64 << 10;

bool is_zero(std::string_view bytes) {
  return bytes.empty() || (bytes[0] == '\0' && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

std::string number_bytes(std::uint64_t number) {
  std::string bytes;
  for (unsigned shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(number >> shift & 0xffU);
  return bytes;
}

/// SHA-256 of the size and of each block that is not zero, behind its number: most of these areas is empty, and the
/// digest would be most of the work. Empty: it does not read.
std::string digest(const Fd& device, std::uint64_t start, std::uint64_t size) {
  if (size == 0) return {};
  Sha256 sum;
  sum.add(number_bytes(size));
  for (std::uint64_t at = 0; at < size; at += read_at_once) {
    const auto bytes = read_bytes(device, start + at, std::min(read_at_once, size - at));
    if (!bytes) return {};
    for (std::uint64_t inside = 0; inside < bytes->size(); inside += hashed_at_once) {
      const std::string_view piece = std::string_view(*bytes).substr(inside, hashed_at_once);
      if (is_zero(piece)) continue;
      sum.add(number_bytes(at + inside));
      sum.add(piece);
    }
  }
  return to_hex(sum.finish());
}

Ends ends_of(const Fd& device, std::uint64_t start, std::uint64_t size, std::uint64_t first, std::uint64_t last) {
  const std::uint64_t end = std::min(size, last);
  return {digest(device, start, std::min(size, first)), digest(device, start + size - end, end)};
}

std::uint64_t number_file(const std::string& path) {
  const std::string text = read_file(path, 4096).value_or("");
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// Documentation/block/stat.rst: the fifth number counts writes, the seventh their sectors, the twelfth discards.
std::optional<WriteCounters> read_counters(const std::string& path) {
  const std::string text = read_file(path, 4096).value_or("");
  std::array<std::uint64_t, 12> numbers{};
  std::size_t count = 0;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (count < numbers.size()) {
    while (at != end && *at == ' ') ++at;
    const auto read = std::from_chars(at, end, numbers[count]);
    if (read.ec != std::errc()) break;
    at = read.ptr;
    ++count;
  }
  constexpr std::size_t before_discards = 11;  // Linux before 4.18
  if (count < before_discards) return std::nullopt;
  return WriteCounters{numbers[4], numbers[6], numbers[11]};
}

PartitionAsFound partition_as_found(const Fd& device, const Disk& disk, const Partition& partition) {
  PartitionAsFound found;
  found.name = partition.name.empty() ? disk.name + " (" + std::to_string(partition.number) + ")" : partition.name;
  found.start = partition.start;
  found.size = partition.size;
  found.uuid = partition.uuid;
  found.content_uuid = partition.content.uuid;
  const bool within = partition.start <= disk.size && partition.size <= disk.size - partition.start;
  if (within) found.ends = ends_of(device, partition.start, partition.size, partition_end, partition_end);
  return found;
}

}  // namespace

DiskAsFound fingerprint_unread(const Disk& disk, const std::string& sysfs_root, const std::string& problem) {
  const std::string folder = sysfs_root + "/block/" + disk.name;
  DiskAsFound found;
  found.name = disk.name;
  found.sequence = number_file(folder + "/diskseq");
  found.serial = disk.serial;
  found.size = disk.size;
  found.table_id = disk.table_id;
  found.content_uuid = disk.content.uuid;
  found.counters = read_counters(folder + "/stat");
  found.problem = problem;
  return found;
}

DiskAsFound fingerprint(const Disk& disk, const std::string& sysfs_root) {
  DiskAsFound found = fingerprint_unread(disk, sysfs_root, disk.problem);
  const auto device = open_file(disk.path, O_RDONLY | O_NONBLOCK);
  if (!device && found.problem.empty()) found.problem = device.error();
  if (!device || disk.size == 0) return found;  // an empty drive
  found.ends = ends_of(*device, 0, disk.size, disk_start, disk_end);
  for (const Partition& partition : disk.partitions)
    found.partitions.push_back(partition_as_found(*device, disk, partition));
  return found;
}

}  // namespace lifeboat::init
