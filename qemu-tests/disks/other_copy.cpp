#include "qemu-tests/disks/other_copy.hpp"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string_view>

#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/process.hpp"

namespace lifeboat::qemu {
namespace {

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t sum = 0xffffffff;
  for (const char byte : bytes) {
    sum ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1U) ^ ((sum & 1U) != 0 ? 0x82f63b78U : 0U);
  }
  return ~sum;
}

/// btrfs keeps a small file in a node of its trees, which has a checksum of what follows it (16 KiB, a node's usual
/// size).
void sum_btrfs_node(std::string& disk, std::size_t inside, std::string_view fsid) {
  constexpr std::size_t node = 16384, step = 4096, sum_size = 32;
  for (std::size_t start = inside - inside % step; inside - start < node; start -= step) {
    if (disk.compare(start + sum_size, fsid.size(), fsid) != 0) continue;
    const std::uint32_t sum = crc32c(std::string_view(disk).substr(start + sum_size, node - sum_size));
    for (std::size_t i = 0; i < 4; ++i) disk[start + i] = static_cast<char>(sum >> (8 * i));
    return;
  }
  throw Failure("a text of the copy is in no node of its btrfs");
}

/// The UUID of the btrfs in the partition at 1 MiB; empty: there is none.
std::string btrfs_fsid(const std::string& disk) {
  constexpr std::size_t superblock = (1 << 20) + 65536;
  if (disk.size() < superblock + 4096 || disk.compare(superblock + 64, 8, "_BHRfS_M") != 0) return {};
  return disk.substr(superblock + 32, 16);
}

}  // namespace

void make_other(const std::filesystem::path& image, const std::string& text) {
  std::string disk = read_file(image);
  const std::string fsid = btrfs_fsid(disk);
  std::size_t found = 0;
  for (std::size_t at = disk.find(text); at != std::string::npos; at = disk.find(text, at + 1), ++found) {
    disk[at] = static_cast<char>(disk[at] - 'a' + 'A');
    if (!fsid.empty()) sum_btrfs_node(disk, at, fsid);
    std::fstream out(image, std::ios::in | std::ios::out | std::ios::binary);
    const std::size_t begin = at < 16384 ? 0 : at - 16384,
                      size = std::min(disk.size() - begin, at - begin + text.size());
    out.seekp(static_cast<std::streamoff>(begin));
    out.write(disk.data() + begin, static_cast<std::streamsize>(size));
    if (!out) throw Failure("the copy cannot be changed: " + image.string());
  }
  if (found == 0) throw Failure("the disk has no text \"" + text + "\": " + image.string());
}

std::string capital(std::string text) {
  text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

}  // namespace lifeboat::qemu
