#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "init/disk/disk_report.hpp"

namespace lifeboat::init {

/// What the volume descriptor's place of a device says about it.
struct MediumLook {
  std::optional<std::string> build_id;  ///< a Lifeboat medium's
  std::string found;                    ///< for people: "no ISO 9660 file system", "an ISO 9660 file system named ..."
};

/// `descriptor`: the 2048 bytes at contract::volume_descriptor_offset.
MediumLook judge_volume_descriptor(std::string_view descriptor);

/// Reads that place. May hang on a dead disk: call it in a worker. "=" and the bytes, or "!" and why there are none.
std::string read_volume_descriptor(const std::string& device);

/// "/dev/sda (QEMU HARDDISK, 1.0 GiB)".
std::string describe_disk(const Disk& disk);
/// "114 MiB", "1.5 GiB".
std::string size_words(std::uint64_t bytes);

}  // namespace lifeboat::init
