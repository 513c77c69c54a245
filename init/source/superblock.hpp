#pragma once
#include <optional>
#include <string>

#include "init/sys/fd.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// A file system that carries data for the guest: its kernel type and its label, without the padding.
struct VolumeLabel {
  std::string type;  ///< "iso9660" or "vfat"
  std::string label;
};

/// Reads the label of an iso9660 or FAT file system out of its first sectors. Nothing for anything else; a Failure
/// where the device cannot be read.
Result<std::optional<VolumeLabel>> read_volume_label(const std::string& device);

}  // namespace lifeboat::init
