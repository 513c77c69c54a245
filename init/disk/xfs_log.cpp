#include "init/disk/xfs_log.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "init/disk/read_bytes.hpp"

// Layouts and the way to the end of the log: linux/fs/xfs/libxfs/xfs_log_format.h, xfs_log_recover.c.
namespace lifeboat::init {
namespace {

constexpr std::uint64_t block = 512;  // XFS's "basic block": the log's unit, whatever the file system's blocks are
constexpr std::uint64_t record_magic = 0xfeedbabe;
constexpr std::uint64_t most_record_blocks = 520;  // 256 KiB of data and its headers

struct Log {
  const Fd& device;
  std::uint64_t start;  ///< byte on the device
  std::uint64_t blocks;
};

std::optional<Log> find_log(const Fd& device, std::uint64_t start) {
  const std::string superblock = read_bytes(device, start, 512).value_or("");
  const std::uint64_t block_size = big_endian(superblock, 4, 4);
  const std::uint64_t log_start = big_endian(superblock, 48, 8);  // group number and block in it
  const std::uint64_t group_blocks = big_endian(superblock, 84, 4);
  const std::uint64_t log_blocks = big_endian(superblock, 96, 4);
  const std::uint64_t group_bits = big_endian(superblock, 124, 1);
  const bool sane =
      block_size >= 512 && block_size <= 65536 && block_size % 512 == 0 && group_bits < 32 && log_blocks != 0;
  if (!sane || log_start == 0 || log_start >> 48U != 0) return std::nullopt;  // 0: the log is on another device
  const std::uint64_t in_group = log_start & ((std::uint64_t{1} << group_bits) - 1);
  const std::uint64_t at = (log_start >> group_bits) * group_blocks + in_group;
  if (at >> 46U != 0) return std::nullopt;
  return Log{device, start + at * block_size, log_blocks * block_size / block};
}

/// Which time round the log the block was last written: each block begins with it, a record's header after its magic.
std::optional<std::uint64_t> cycle_of(const Log& log, std::uint64_t number) {
  const auto bytes = read_bytes(log.device, log.start + number * block, 8);
  if (!bytes) return std::nullopt;
  const std::uint64_t first = big_endian(*bytes, 0, 4);
  return first == record_magic ? big_endian(*bytes, 4, 4) : first;
}

/// The block after the last one written: cycles are one number up to there, and one less (0 at first) from there on.
std::optional<std::uint64_t> find_head(const Log& log) {
  const auto newest = cycle_of(log, 0);
  std::uint64_t low = 0, high = log.blocks;  // the block `low` is of the newest cycle, `high` is not, or is the end
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    const auto cycle = cycle_of(log, middle);
    if (!newest || !cycle) return std::nullopt;
    (*cycle == *newest ? low : high) = middle;
  }
  return high;
}

/// Whether the record whose header is at the front of `bytes` fills them and says that the file system was unmounted.
bool is_unmount_record(std::string_view bytes) {
  constexpr std::uint64_t unmount_flag = 0x20;
  constexpr std::uint64_t header_covers = 32768;  // of record size; larger ones have more header blocks (version 2)
  const bool large = (big_endian(bytes, 8, 4) & 2U) != 0 && big_endian(bytes, 320, 4) > header_covers;
  const std::uint64_t headers = large ? (big_endian(bytes, 320, 4) + header_covers - 1) / header_covers : 1;
  const std::uint64_t data = (big_endian(bytes, 12, 4) + block - 1) / block;
  if (big_endian(bytes, 40, 4) != 1 || (headers + data) * block != bytes.size()) return false;
  return (big_endian(bytes, headers * block + 9, 1) & unmount_flag) != 0;
}

}  // namespace

XfsLog read_xfs_log(const Fd& device, std::uint64_t start) {
  const auto log = find_log(device, start);
  const auto head = log ? find_head(*log) : std::nullopt;
  if (!head) return XfsLog::unknown;
  const std::uint64_t length = std::min(*head, most_record_blocks);
  const auto bytes = read_bytes(device, log->start + (*head - length) * block, length * block);
  if (!bytes) return XfsLog::unknown;
  for (std::uint64_t back = 1; back <= length; ++back) {
    const std::string_view record = std::string_view(*bytes).substr((length - back) * block);
    if (big_endian(record, 0, 4) == record_magic) return is_unmount_record(record) ? XfsLog::clean : XfsLog::dirty;
  }
  return length < most_record_blocks ? XfsLog::unknown : XfsLog::dirty;  // short: it may begin at the log's other end
}

}  // namespace lifeboat::init
