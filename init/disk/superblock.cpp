#include "init/disk/superblock.hpp"

#include <string_view>

#include "init/disk/ext_superblock.hpp"
#include "init/disk/features.hpp"
#include "init/disk/read_bytes.hpp"
#include "init/disk/xfs_log.hpp"

namespace lifeboat::init {
namespace {

constexpr std::string_view not_clean = "it was not unmounted cleanly";

void add_lines(std::vector<std::string> lines, Content& content) {
  for (std::string& line : lines) content.care.push_back(std::move(line));
}

// struct btrfs_super_block, 64 KiB into the file system.
constexpr std::uint64_t btrfs_superblock_at = 65536;

void add_btrfs_warnings(const Fd& device, std::uint64_t start, std::uint64_t size, Content& content) {
  const std::string superblock = read_bytes(device, start + btrfs_superblock_at, 4096).value_or("");
  constexpr std::uint64_t flag_error = 0x4;
  if (little_endian(superblock, 0x60, 8) != 0)
    content.care.emplace_back("its log is not replayed: " + std::string(not_clean));
  if ((little_endian(superblock, 0x38, 8) & flag_error) != 0)
    content.care.emplace_back("the kernel has found errors in it");
  if (const std::uint64_t devices = little_endian(superblock, 0x88, 8); devices > 1) {
    content.care.emplace_back("it is one of " + std::to_string(devices) + " devices of one file system");
    content.devices = devices;
    content.device_number = little_endian(superblock, 0xc9, 8);
    content.generation = little_endian(superblock, 0x48, 8);
  }
  add_size_warning(little_endian(superblock, 0xd1, 8), size, content);
  add_lines(feature_trouble("btrfs", {0, little_endian(superblock, 0xb4, 8), little_endian(superblock, 0xbc, 8)},
                            versions_here()),
            content);
}

void add_vfat_warnings(const Fd& device, std::uint64_t start, std::uint64_t size, Content& content) {
  const std::string sector = read_bytes(device, start, 512).value_or("");
  const bool fat32 = little_endian(sector, 0x16, 2) == 0;  // FAT32 has no 16-bit FAT size
  constexpr std::uint64_t dirty = 0x1;
  if ((little_endian(sector, fat32 ? 0x41 : 0x25, 1) & dirty) != 0) content.care.emplace_back(not_clean);
  const std::uint64_t small = little_endian(sector, 0x13, 2);
  add_size_warning((small == 0 ? little_endian(sector, 0x20, 4) : small) * little_endian(sector, 0x0b, 2), size,
                   content);
}

void add_ntfs_warnings(const Fd& device, std::uint64_t start, std::uint64_t size, Content& content) {
  const std::string sector = read_bytes(device, start, 512).value_or("");
  const std::uint64_t sectors = little_endian(sector, 0x28, 8);
  if (sectors >> 48U == 0) add_size_warning(sectors * little_endian(sector, 0x0b, 2), size, content);
}

void add_xfs_warnings(const Fd& device, std::uint64_t start, std::uint64_t size, Content& content) {
  const std::string superblock = read_bytes(device, start, 512).value_or("");
  constexpr std::uint64_t version_5 = 5;
  constexpr std::uint64_t needs_repair = 0x10;
  const std::uint64_t incompat = big_endian(superblock, 216, 4);
  if (read_xfs_log(device, start) == XfsLog::dirty)
    content.care.emplace_back("its log is not replayed: " + std::string(not_clean));
  if (const std::uint64_t blocks = big_endian(superblock, 8, 8); blocks >> 47U == 0)
    add_size_warning(blocks * big_endian(superblock, 4, 4), size, content);
  if ((big_endian(superblock, 100, 2) & 0xfU) != version_5) return;
  if ((incompat & needs_repair) != 0)
    content.care.emplace_back("it is marked for repair: xfs_repair has not finished on it");
  add_lines(feature_trouble("xfs", {0, big_endian(superblock, 212, 4), incompat}, versions_here()), content);
}

}  // namespace

void add_size_warning(std::uint64_t says, std::uint64_t size, Content& content) {
  constexpr std::uint64_t unit = 1024;
  if (says <= size) return;
  content.care.emplace_back("its superblock says " + std::to_string(says / unit) + " KiB, but there are " +
                            std::to_string(size / unit) +
                            " KiB: its end is missing, as after a copy that was not finished; write nothing to it");
}

void add_superblock_warnings(const Fd& device, std::uint64_t start, std::uint64_t size, Content& content) {
  if (content.type == "ext4" || content.type == "ext3" || content.type == "ext2")
    add_ext_warnings(device, start, size, content);
  if (content.type == "btrfs") add_btrfs_warnings(device, start, size, content);
  if (content.type == "xfs") add_xfs_warnings(device, start, size, content);
  if (content.type == "vfat") add_vfat_warnings(device, start, size, content);
  if (content.type == "ntfs") add_ntfs_warnings(device, start, size, content);
  if (content.type == "swsuspend")
    content.care.emplace_back("it holds a hibernated system: its file systems must not be written to");
}

std::uint64_t count_btrfs_devices(const Fd& device, std::uint64_t start) {
  return little_endian(read_bytes(device, start + btrfs_superblock_at, 4096).value_or(""), 0x88, 8);
}

}  // namespace lifeboat::init
