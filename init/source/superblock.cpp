#include "init/source/superblock.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <string_view>

namespace lifeboat::init {
namespace {

/// Up to `size` bytes; fewer at the end of the device.
Result<std::string> read_at(const Fd& fd, const std::string& device, std::uint64_t offset, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const ssize_t count = ::pread(fd.get(), bytes.data() + have, size - have, static_cast<off_t>(offset + have));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failure_from_errno("reading " + device, errno);
    if (count == 0) break;
    have += static_cast<std::size_t>(count);
  }
  bytes.resize(have);
  return bytes;
}

std::uint32_t little(std::string_view bytes, std::size_t offset, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = (value << 8) | static_cast<unsigned char>(bytes[offset + i]);
  return value;
}

std::string without_padding(std::string_view field) {
  const std::size_t end = field.find_last_not_of(std::string_view(" \0", 2));
  return std::string(field.substr(0, end == std::string_view::npos ? 0 : end + 1));
}

constexpr std::size_t sector_size = 2048;

/// Joliet's, in UCS-2 with the high byte first; what is not ASCII no source's label has.
std::string joliet_label(std::string_view field) {
  std::string label;
  for (std::size_t at = 0; at + 1 < field.size(); at += 2)
    label += field[at] == '\0' && static_cast<unsigned char>(field[at + 1]) < 0x80 ? field[at + 1] : '?';
  return without_padding(label);
}

/// ECMA-119 8.4 and 8.5: volume descriptors from sector 16 on, up to the one of type 255, the primary one (type 1)
/// first; volume identifier at byte 40. A supplementary one (type 2) with one of three escape sequences at byte 88 is
/// Joliet's. Its label counts where it has one, as for blkid: the primary one may have no '-' and no small letters, and
/// libarchive and Windows keep to that.
std::optional<VolumeLabel> iso9660_label(std::string_view descriptors) {
  if (descriptors.size() < 72 || descriptors[0] != 1 || descriptors.substr(1, 5) != "CD001") return std::nullopt;
  std::string label = without_padding(descriptors.substr(40, 32));
  for (std::size_t at = sector_size; at + sector_size <= descriptors.size(); at += sector_size) {
    const std::string_view other = descriptors.substr(at, sector_size), escape = other.substr(88, 3);
    if (other.substr(1, 5) != "CD001" || other[0] == '\xff') break;
    if (other[0] != 2 || (escape != "%/@" && escape != "%/C" && escape != "%/E")) continue;
    if (std::string joliet = joliet_label(other.substr(40, 32)); !joliet.empty()) label = std::move(joliet);
    break;
  }
  return VolumeLabel{"iso9660", std::move(label)};
}

/// ECMA-167 2/8.3.1 and 3/9.1: among the descriptors from sector 16 on is one named NSR02 or NSR03.
bool has_udf(std::string_view descriptors) {
  for (std::size_t at = 0; at + 6 <= descriptors.size(); at += sector_size)
    if (const std::string_view id = descriptors.substr(at + 1, 5); id == "NSR02" || id == "NSR03") return true;
  return false;
}

/// What the boot sector says of where things are.
struct FatLayout {
  std::uint64_t root_offset = 0;           ///< bytes; FAT12 and FAT16, where the root directory has a fixed place
  std::size_t root_size = 0;               ///< bytes; 0: FAT32
  std::uint64_t first_cluster_offset = 0;  ///< FAT32's root directory, its first cluster
  std::size_t cluster_size = 0;
  std::string label;  ///< the boot sector's copy, often stale
};

std::optional<FatLayout> fat_layout(std::string_view boot) {
  if (boot.size() < 512 || little(boot, 510, 2) != 0xaa55) return std::nullopt;
  const bool fat32 = boot.substr(0x52, 3) == "FAT";
  if (!fat32 && boot.substr(0x36, 3) != "FAT") return std::nullopt;
  const std::uint64_t sector = little(boot, 11, 2);
  const std::uint64_t per_cluster = little(boot, 13, 1);
  if (sector < 512 || sector > 4096 || per_cluster == 0) return std::nullopt;
  const std::uint64_t fat_sectors = fat32 ? little(boot, 0x24, 4) : little(boot, 22, 2);
  const std::uint64_t root = (little(boot, 14, 2) + little(boot, 16, 1) * fat_sectors) * sector;
  FatLayout layout;
  layout.root_offset = root;
  layout.root_size = fat32 ? 0 : static_cast<std::size_t>(little(boot, 17, 2)) * 32;
  layout.cluster_size = static_cast<std::size_t>(per_cluster * sector);
  if (fat32) layout.first_cluster_offset = root + (std::max(little(boot, 0x2c, 4), 2U) - 2U) * layout.cluster_size;
  layout.label = without_padding(boot.substr(fat32 ? 0x47 : 0x2b, 11));
  return layout;
}

/// The root directory's volume entry is the label that counts; the boot sector's copy is the fallback.
std::optional<std::string> volume_entry(std::string_view directory) {
  for (std::size_t at = 0; at + 32 <= directory.size(); at += 32) {
    const auto first = static_cast<unsigned char>(directory[at]);
    const auto attributes = static_cast<unsigned char>(directory[at + 11]);
    if (first == 0) return std::nullopt;
    if (first != 0xe5 && (attributes & 0x3f) == 0x08) return without_padding(directory.substr(at, 11));
  }
  return std::nullopt;
}

Result<std::optional<VolumeLabel>> fat_label(const Fd& fd, const std::string& device, const FatLayout& layout) {
  const bool fat32 = layout.root_size == 0;
  auto directory = read_at(fd, device, fat32 ? layout.first_cluster_offset : layout.root_offset,
                           std::min<std::size_t>(fat32 ? layout.cluster_size : layout.root_size, 65536));
  if (!directory) return directory.failure();
  return std::optional(VolumeLabel{"vfat", volume_entry(*directory).value_or(layout.label)});
}

}  // namespace

Result<std::optional<VolumeLabel>> read_volume_label(const std::string& device) {
  auto fd = open_file(device, O_RDONLY | O_NONBLOCK);
  if (!fd) return fd.failure();
  auto boot = read_at(*fd, device, 0, 512);
  if (!boot) return boot.failure();
  const auto descriptors = read_at(*fd, device, 32768, 16 * std::size_t{2048});
  if (!descriptors) return descriptors.failure();
  if (auto found = iso9660_label(*descriptors)) return found;
  if (auto layout = fat_layout(*boot)) return fat_label(*fd, device, *layout);
  return has_udf(*descriptors) ? std::optional(VolumeLabel{"udf", ""}) : std::nullopt;
}

}  // namespace lifeboat::init
