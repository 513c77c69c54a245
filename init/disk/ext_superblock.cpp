#include "init/disk/ext_superblock.hpp"

#include <cstdio>
#include <ctime>
#include <string_view>

#include "init/disk/features.hpp"
#include "init/disk/printable.hpp"
#include "init/disk/read_bytes.hpp"
#include "init/disk/superblock.hpp"

// Offsets: linux/fs/ext4/ext4.h, struct ext4_super_block, which lies 1024 bytes into the file system.
namespace lifeboat::init {
namespace {

std::string read_superblock(const Fd& device, std::uint64_t start) {
  return read_bytes(device, start + 1024, 1024).value_or("");
}

bool has_orphans(std::string_view superblock) {
  constexpr std::uint64_t orphan_present = 0x10000;  // the orphan file is in use (Linux 5.15 on)
  return little_endian(superblock, 0xe8, 4) != 0 || (little_endian(superblock, 0x64, 4) & orphan_present) != 0;
}

void add_cleanliness(std::string_view superblock, Content& content) {
  constexpr std::string_view not_clean = "it was not unmounted cleanly";
  constexpr std::uint64_t has_journal = 0x4;
  constexpr std::uint64_t needs_recovery = 0x4;
  constexpr std::uint64_t state_clean = 0x1;
  const bool journal = (little_endian(superblock, 0x5c, 4) & has_journal) != 0;
  if ((little_endian(superblock, 0x60, 4) & needs_recovery) != 0)
    content.care.emplace_back("its journal is not replayed: " + std::string(not_clean));
  else if (!journal && (little_endian(superblock, 0x3a, 2) & state_clean) == 0)
    content.care.emplace_back(not_clean);
}

/// "2024-03-01 12:30:05 UTC"; the fifth byte of the second is kept apart.
std::string time_text(std::uint64_t low, std::uint64_t high) {
  const auto seconds = static_cast<std::time_t>(low | high << 32U);
  std::tm parts{};
  char text[64];
  if (::gmtime_r(&seconds, &parts) == nullptr || std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts) == 0)
    return {};
  return text;
}

void add_errors(std::string_view superblock, Content& content) {
  constexpr std::uint64_t state_errors = 0x2;
  if ((little_endian(superblock, 0x3a, 2) & state_errors) == 0) return;
  std::string text = std::to_string(little_endian(superblock, 0x194, 4)) + " counted";
  const std::uint64_t time = little_endian(superblock, 0x198, 4);
  const std::string_view function = superblock.substr(0x1a8, 32);
  if (time != 0) text += "; the first " + time_text(time, little_endian(superblock, 0x278, 1));
  if (time != 0 && function[0] != '\0') text += " in " + printable(function.substr(0, function.find('\0')), 40);
  content.care.push_back("the kernel has found errors in it (" + text + ")");
}

/// A limit of 0 or -1 is none.
void add_mount_count(std::string_view superblock, Content& content) {
  const std::uint64_t mounts = little_endian(superblock, 0x34, 2);
  const std::uint64_t most = little_endian(superblock, 0x36, 2);
  constexpr std::uint64_t negative = 0x8000;
  if (most != 0 && most < negative && mounts >= most)
    content.care.push_back("it was mounted " + std::to_string(mounts) + " times since its last check, its limit is " +
                           std::to_string(most));
}

void add_size(std::string_view superblock, std::uint64_t size, Content& content) {
  constexpr std::uint64_t has_64bit = 0x80;
  const bool wide = (little_endian(superblock, 0x60, 4) & has_64bit) != 0;
  const std::uint64_t blocks =
      little_endian(superblock, 0x04, 4) | (wide ? little_endian(superblock, 0x150, 4) << 32U : 0);
  const std::uint64_t block_bits = 10 + little_endian(superblock, 0x18, 4);
  if (block_bits <= 16 && blocks >> 47U == 0) add_size_warning(blocks << block_bits, size, content);
}

}  // namespace

void add_ext_warnings(const Fd& device, std::uint64_t start, std::uint64_t size, Content& content) {
  const std::string superblock = read_superblock(device, start);
  if (superblock.empty()) return;
  add_cleanliness(superblock, content);
  add_errors(superblock, content);
  if (has_orphans(superblock))
    content.care.emplace_back("files deleted while open are still on it: even a read-only mount frees them");
  add_mount_count(superblock, content);
  add_size(superblock, size, content);
  const FeatureBits bits = {little_endian(superblock, 0x5c, 4), little_endian(superblock, 0x64, 4),
                            little_endian(superblock, 0x60, 4)};
  for (std::string& line : feature_trouble("ext4", bits, versions_here())) content.care.push_back(std::move(line));
}

}  // namespace lifeboat::init
