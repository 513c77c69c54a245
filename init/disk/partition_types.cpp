#include "init/disk/partition_types.hpp"

#include <algorithm>
#include <iterator>

namespace lifeboat::init {
namespace {

struct Row {
  std::string_view type;
  std::string_view name;
};

// GPT: UEFI 2.10 5.3.3, the Discoverable Partitions Specification, Microsoft's PARTITION_INFORMATION_GPT.
constexpr Row rows[] = {
    {"c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "EFI system"},
    {"21686148-6449-6e6f-744e-656564454649", "BIOS boot"},
    {"0fc63daf-8483-4772-8e79-3d69d8477de4", "Linux"},
    {"4f68bce3-e8cd-4db1-96e7-fbcaf984b709", "Linux root (x86-64)"},
    {"b921b045-1df0-41c3-af44-4c6f280d3fae", "Linux root (arm64)"},
    {"44479540-f297-41b2-9af7-d131d5f0458a", "Linux root (x86)"},
    {"8484680c-9521-48c6-9c11-b0720656f69e", "Linux /usr (x86-64)"},
    {"933ac7e1-2eb4-4f13-b844-0e14e2aef915", "Linux /home"},
    {"3b8f8425-20e0-4f3b-907f-1a25a76f98e8", "Linux /srv"},
    {"4d21b016-b534-45c2-a9fb-5c16e091fd2d", "Linux /var"},
    {"bc13c2ff-59e6-4262-a352-b275fd6f7172", "Linux extended boot"},
    {"0657fd6d-a4ab-43c4-84e5-0933c84b4f4f", "Linux swap"},
    {"e6d6d379-f507-44c2-a23c-238f2a3df928", "Linux LVM"},
    {"a19d880f-05fc-4d3b-a006-743f0f84911e", "Linux RAID"},
    {"ca7d7ccb-63ed-4c53-861c-1742536059cc", "LUKS"},
    {"ebd0a0a2-b9e5-4433-87c0-68b6b72699c7", "Microsoft basic data"},
    {"e3c9e316-0b5c-4db8-817d-f92df00215ae", "Microsoft reserved"},
    {"de94bba4-06d1-4d40-a16a-bfd50179d6ac", "Windows recovery"},
    {"af9b60a0-1431-4f62-bc68-3311714a69ad", "Windows LDM data"},
    {"5808c8aa-7e8f-42e0-85d2-e1e90434cfb3", "Windows LDM metadata"},
    {"9e1a2d38-c612-4316-aa26-8b49521e5a8b", "PReP boot"},
    {"516e7cb6-6ecf-11d6-8ff8-00022d09712b", "FreeBSD UFS"},
    {"516e7cba-6ecf-11d6-8ff8-00022d09712b", "FreeBSD ZFS"},
    {"83bd6b9d-7f41-11dc-be0b-001560b84f0f", "FreeBSD boot"},
    {"6a898cc3-1dd2-11b2-99a6-080020736631", "ZFS"},
    {"0x01", "FAT12"},
    {"0x04", "FAT16"},
    {"0x05", "extended"},
    {"0x06", "FAT16"},
    {"0x07", "NTFS or exFAT"},
    {"0x0b", "FAT32"},
    {"0x0c", "FAT32"},
    {"0x0e", "FAT16"},
    {"0x0f", "extended"},
    {"0x11", "hidden FAT12"},
    {"0x14", "hidden FAT16"},
    {"0x17", "hidden NTFS"},
    {"0x1b", "hidden FAT32"},
    {"0x1c", "hidden FAT32"},
    {"0x27", "Windows recovery"},
    {"0x41", "PReP boot"},
    {"0x42", "Windows dynamic disk"},
    {"0x82", "Linux swap"},
    {"0x83", "Linux"},
    {"0x85", "Linux extended"},
    {"0x8e", "Linux LVM"},
    {"0xa5", "FreeBSD"},
    {"0xa6", "OpenBSD"},
    {"0xa9", "NetBSD"},
    {"0xee", "GPT protective"},
    {"0xef", "EFI system"},
    {"0xfd", "Linux RAID"},
};

}  // namespace

std::string partition_type_name(std::string_view type) {
  const auto* row =
      std::find_if(std::begin(rows), std::end(rows), [type](const Row& candidate) { return candidate.type == type; });
  return row == std::end(rows) ? "" : std::string(row->name);
}

}  // namespace lifeboat::init
