#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/disk/disk_report.hpp"
#include "init/disk/lvm_metadata.hpp"
#include "init/disk/md_superblock.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {

/// A device that others are made of, and what it says of them.
struct Piece {
  std::string device;  ///< "/dev/vda1"
  std::string disk;    ///< the kernel name of the disk that it lies on: "vda"; of an array: its UUID
  std::optional<RaidSuperblock> raid;
  std::optional<LvmLabel> lvm;
  std::string container;     ///< "imsm" or "ddf": a firmware RAID's member; empty: none
  std::string container_id;  ///< which one, where it says so
  bool operator==(const Piece&) const = default;
};

/// What [start, start + size) of the device is a piece of, by what libblkid called its content; nothing: of nothing.
std::optional<Piece> read_piece(const Fd& device, std::uint64_t start, std::uint64_t size, const Content& content);

/// Of a disk that read_disk() has read, and its partitions. What a text of LVM says is kept once for each state of a
/// group. Where the whole disk only seems to be a member because its last partition's superblock is also at its end,
/// that is taken back.
std::vector<Piece> read_pieces(const Fd& device, Disk& disk, const std::string& device_root);

/// How a worker tells them.
std::string pieces_to_json(std::vector<Piece> pieces);
std::vector<Piece> pieces_from_json(std::string_view text);

}  // namespace lifeboat::init
