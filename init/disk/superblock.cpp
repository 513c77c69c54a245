#include "init/disk/superblock.hpp"

#include <string_view>

#include "init/disk/read_bytes.hpp"
#include "init/disk/xfs_log.hpp"

namespace lifeboat::init {
namespace {

constexpr std::string_view not_clean = "it was not unmounted cleanly";

// Offsets of ext: linux/fs/ext4/ext4.h, struct ext4_super_block, which lies 1024 bytes into the file system.
std::string ext_superblock(const Fd& device, std::uint64_t start) {
  return read_bytes(device, start + 1024, 1024).value_or("");
}

bool ext_has_orphans(std::string_view superblock) {
  constexpr std::uint64_t orphan_present = 0x10000;  // the orphan file is in use (Linux 5.15 on)
  return little_endian(superblock, 0xe8, 4) != 0 || (little_endian(superblock, 0x64, 4) & orphan_present) != 0;
}

void add_ext_warnings(const Fd& device, std::uint64_t start, Content& content) {
  const std::string superblock = ext_superblock(device, start);
  if (superblock.empty()) return;
  constexpr std::uint64_t has_journal = 0x4;
  constexpr std::uint64_t needs_recovery = 0x4;
  constexpr std::uint64_t state_clean = 0x1;
  constexpr std::uint64_t state_errors = 0x2;
  const std::uint64_t state = little_endian(superblock, 0x3a, 2);
  const bool journal = (little_endian(superblock, 0x5c, 4) & has_journal) != 0;
  if ((little_endian(superblock, 0x60, 4) & needs_recovery) != 0)
    content.care.emplace_back("its journal is not replayed: " + std::string(not_clean));
  else if (!journal && (state & state_clean) == 0)
    content.care.emplace_back(not_clean);
  if ((state & state_errors) != 0)
    content.care.emplace_back("the kernel has found errors in it (" +
                              std::to_string(little_endian(superblock, 0x194, 4)) + " counted)");
  if (ext_has_orphans(superblock))
    content.care.emplace_back("files deleted while open are still on it: even a read-only mount frees them");
}

// struct btrfs_super_block, 64 KiB into the file system.
constexpr std::uint64_t btrfs_superblock_at = 65536;

void add_btrfs_warnings(const Fd& device, std::uint64_t start, Content& content) {
  const std::string superblock = read_bytes(device, start + btrfs_superblock_at, 4096).value_or("");
  constexpr std::uint64_t flag_error = 0x4;
  if (little_endian(superblock, 0x60, 8) != 0)
    content.care.emplace_back("its log is not replayed: " + std::string(not_clean));
  if ((little_endian(superblock, 0x38, 8) & flag_error) != 0)
    content.care.emplace_back("the kernel has found errors in it");
  if (const std::uint64_t devices = little_endian(superblock, 0x88, 8); devices > 1)
    content.care.emplace_back("it is one of " + std::to_string(devices) + " devices of one file system");
}

void add_vfat_warnings(const Fd& device, std::uint64_t start, Content& content) {
  const std::string sector = read_bytes(device, start, 512).value_or("");
  const bool fat32 = little_endian(sector, 0x16, 2) == 0;  // FAT32 has no 16-bit FAT size
  constexpr std::uint64_t dirty = 0x1;
  if ((little_endian(sector, fat32 ? 0x41 : 0x25, 1) & dirty) != 0) content.care.emplace_back(not_clean);
}

void add_xfs_warnings(const Fd& device, std::uint64_t start, Content& content) {
  const std::string superblock = read_bytes(device, start, 512).value_or("");
  constexpr std::uint64_t version_5 = 5;
  constexpr std::uint64_t needs_repair = 0x10;
  if (read_xfs_log(device, start) == XfsLog::dirty)
    content.care.emplace_back("its log is not replayed: " + std::string(not_clean));
  if ((big_endian(superblock, 100, 2) & 0xfU) == version_5 && (big_endian(superblock, 216, 4) & needs_repair) != 0)
    content.care.emplace_back("it is marked for repair: xfs_repair has not finished on it");
}

}  // namespace

void add_superblock_warnings(const Fd& device, std::uint64_t start, Content& content) {
  if (content.type == "ext4" || content.type == "ext3" || content.type == "ext2")
    add_ext_warnings(device, start, content);
  if (content.type == "btrfs") add_btrfs_warnings(device, start, content);
  if (content.type == "xfs") add_xfs_warnings(device, start, content);
  if (content.type == "vfat") add_vfat_warnings(device, start, content);
  if (content.type == "swsuspend")
    content.care.emplace_back("it holds a hibernated system: its file systems must not be written to");
}

bool has_ext_orphans(const Fd& device, std::uint64_t start) { return ext_has_orphans(ext_superblock(device, start)); }

std::uint64_t count_btrfs_devices(const Fd& device, std::uint64_t start) {
  return little_endian(read_bytes(device, start + btrfs_superblock_at, 4096).value_or(""), 0x88, 8);
}

}  // namespace lifeboat::init
