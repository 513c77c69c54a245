#include "init/disk/pieces.hpp"

#include <algorithm>
#include <cstdio>

#include "init/disk/read_bytes.hpp"
#include "init/sys/sha256.hpp"

namespace lifeboat::init {
namespace {

/// Which of Intel's families (struct imsm_super in mdadm's super-intel.c): at the last sector but one.
std::string imsm_family(const Fd& device, std::uint64_t start, std::uint64_t size) {
  const auto bytes = size < 1024 ? std::nullopt : read_bytes(device, start + size - 1024, 512);
  if (!bytes || !bytes->starts_with("Intel Raid ISM Cfg Sig. ")) return {};
  char text[12];
  std::snprintf(text, sizeof text, "%08x", static_cast<unsigned>(little_endian(*bytes, 0x28, 4)));
  return text;
}

/// DDF 2.0, 4.2: the GUID that all disks of one container have, in the header's anchor at the last sector.
std::string ddf_guid(const Fd& device, std::uint64_t start, std::uint64_t size) {
  constexpr std::uint64_t magic = 0xde11de11;
  constexpr std::size_t guid_at = 8, guid_size = 24;
  const auto bytes = size < sector_size ? std::nullopt : read_bytes(device, start + size - sector_size, sector_size);
  return bytes && big_endian(*bytes, 0, 4) == magic ? to_hex(bytes->substr(guid_at, guid_size)) : "";
}

/// LVM's text about one state of a group needs to be kept once.
void forget_repeated_group(const std::vector<Piece>& pieces, Piece& piece) {
  if (!piece.lvm || !piece.lvm->group) return;
  LvmGroup& mine = *piece.lvm->group;
  const bool repeated = std::any_of(pieces.begin(), pieces.end(), [&](const Piece& other) {
    return other.lvm && other.lvm->group && other.lvm->group->uuid == mine.uuid &&
           other.lvm->group->version == mine.version;
  });
  if (!repeated) return;
  mine.volumes.clear();
  mine.physical.clear();
}

bool same_member(const Piece& left, const Piece& right) {
  return left.raid && right.raid && left.raid->uuid == right.raid->uuid && left.raid->number == right.raid->number;
}

}  // namespace

std::optional<Piece> read_piece(const Fd& device, std::uint64_t start, std::uint64_t size, const Content& content) {
  Piece piece;
  if (content.type == "linux_raid_member") piece.raid = read_md_superblock(device, start, size);
  if (content.type == "LVM2_member") piece.lvm = read_lvm_label(device, start, size);
  if (content.type == "isw_raid_member") piece.container = "imsm";
  if (content.type == "ddf_raid_member") piece.container = "ddf";
  if (piece.container == "imsm") piece.container_id = imsm_family(device, start, size);
  if (piece.container == "ddf") piece.container_id = ddf_guid(device, start, size);
  if (!piece.raid && !piece.lvm && piece.container.empty()) return std::nullopt;
  return piece;
}

std::vector<Piece> read_pieces(const Fd& device, Disk& disk, const std::string& device_root) {
  std::vector<Piece> pieces;
  const auto add = [&](const std::string& path, std::uint64_t start, std::uint64_t size, const Content& content) {
    auto piece = read_piece(device, start, size, content);
    if (!piece) return;
    piece->device = path;
    piece->disk = disk.name;
    forget_repeated_group(pieces, *piece);
    pieces.push_back(std::move(*piece));
  };
  for (const Partition& partition : disk.partitions)
    if (!partition.name.empty())
      add(device_root + "/" + partition.name, partition.start, partition.size, partition.content);
  const std::size_t partitions = pieces.size();
  add(disk.path, 0, disk.size, disk.content);
  const bool seems =
      pieces.size() > partitions && std::any_of(pieces.begin(), pieces.end() - 1,
                                                [&](const Piece& piece) { return same_member(piece, pieces.back()); });
  if (!seems) return pieces;
  pieces.pop_back();
  disk.content = Content();
  return pieces;
}

}  // namespace lifeboat::init
