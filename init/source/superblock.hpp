#pragma once
#include <optional>
#include <string>

#include "init/sys/fd.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// A file system that carries data for the guest: its kernel type and its label, without the padding.
struct VolumeLabel {
  std::string type;   ///< "iso9660", "vfat" or "udf"
  std::string label;  ///< of UDF: empty, it is not looked for
};

/// Reads the label of an iso9660, FAT or UDF file system out of its first sectors; a CD that is both ISO 9660 and UDF
/// is the former. Of ISO 9660 with Joliet names it is Joliet's label. Nothing for anything else; a Failure where the
/// device cannot be read.
Result<std::optional<VolumeLabel>> read_volume_label(const std::string& device);

}  // namespace lifeboat::init
