#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "init/disk/fstab_devices.hpp"

namespace lifeboat::init {

/// How an fstab may name a device by an id: the tag, udev's folder for it, and what to say where nothing has it.
struct FstabTag {
  std::string_view name;
  std::string_view folder;
  std::string_view missing;
  bool (*matches)(const FstabDevice&, std::string_view);
};

struct TaggedId {
  const FstabTag* tag;
  std::string id;
};

/// "UUID=..." and "/dev/disk/by-uuid/...", without quotes and udev's escapes; nothing for other ways to name a device.
std::optional<TaggedId> parse_tag(std::string_view spec);

/// Whether both are one id, in whatever case; an empty one is none.
bool same_id(std::string_view left, std::string_view right);

/// What can be mounted or swapped to; of RAID and LVM the whole, not its members.
bool is_mountable(const FstabDevice& device);

/// What comes behind the prefix.
std::optional<std::string_view> after(std::string_view text, std::string_view prefix);

/// "NAME-part2" of udev's links by id and path: the disk's name and the partition; 0 is the whole disk.
std::pair<std::string_view, std::uint32_t> split_part(std::string_view name);

/// Whether it is this partition of its disk, or with 0 the whole.
bool is_part(const FstabDevice& device, std::uint32_t number);

/// As udev writes a serial number into its links' names.
std::string underscored(std::string text);

}  // namespace lifeboat::init
