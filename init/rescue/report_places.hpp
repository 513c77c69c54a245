#pragma once
#include <string>
#include <string_view>

#include "init/disk/disk_report.hpp"

namespace lifeboat::init {

/// Layers on each other; more is a loop in hostile metadata.
inline constexpr int deepest_layer = 8;

/// "sda1" of "/dev/sda1".
inline std::string last_part(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

/// Of one that Linux made no device for the path that it will have.
std::string path_of(const Disk& disk, const Partition& partition);

/// By its device or by key_of(); nullptr: there is none.
const Array* find_array(const DiskReport& report, std::string_view device);
const Array* find_array_by_id(const DiskReport& report, const std::string& id);
/// What layers call it that lie on it: its device, or "raid:UUID" where it has none.
std::string key_of(const Array& array);

struct VolumePlace {
  const VolumeGroup* group = nullptr;
  const LogicalVolume* volume = nullptr;
};
/// Both or neither.
VolumePlace find_volume(const DiskReport& report, const RootPlace& place);
/// "GROUP-UUID/VOLUME-UUID": two groups may bear one name.
std::string volume_id(const VolumeGroup& group, const LogicalVolume& volume);
/// What LVM calls its device: dashes in names are doubled.
std::string mapper_path(const VolumeGroup& group, const LogicalVolume& volume);

RootPlace place_of(const Array& array);
RootPlace place_of(const VolumeGroup& group, const LogicalVolume& volume);

/// Nothing: the report has no such place.
const Content* content_at(const DiskReport& report, const RootPlace& place);
bool is_encrypted(const Content* content);

}  // namespace lifeboat::init
