#include <algorithm>

#include "init/disk/report_page.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t most_named = 8;         // devices of one array or group by their names
constexpr std::size_t most_clone_lines = 12;  // lines about them

std::string name_of(const Array& array) {
  if (!array.path.empty()) return array.path.substr(array.path.rfind('/') + 1);
  return array.name.empty() ? array.uuid.substr(0, 8) : array.name;
}

/// "vda1", "the RAID server:0".
std::string device_text(const DiskReport& report, const std::string& device) {
  for (const Array& array : report.arrays)
    if (device == "raid:" + array.uuid) return "the RAID " + name_of(array);
  constexpr std::string_view folder = "/dev/";
  return device.starts_with(folder) ? device.substr(folder.size()) : device;
}

std::string device_texts(const DiskReport& report, const std::vector<std::string>& devices) {
  if (devices.size() > most_named) return std::to_string(devices.size()) + " devices";
  std::vector<std::string> names;
  for (const std::string& device : devices) names.push_back(device_text(report, device));
  return joined_and(names);
}

std::vector<std::string> devices_that_are(const std::vector<Member>& members, std::string_view state) {
  std::vector<std::string> devices;
  for (const Member& member : members)
    if (member.state == state && !member.device.empty()) devices.push_back(member.device);
  return devices;
}

std::string level_text(const Array& array) {
  if (array.level == "container") return array.metadata == "imsm" ? "firmware RAID (Intel)" : "firmware RAID (DDF)";
  constexpr std::string_view raid = "raid";
  return array.level.starts_with(raid) ? "RAID " + array.level.substr(raid.size()) : array.level + " RAID";
}

/// How many of its places nobody fills that could be read from.
std::string lack_text(const Array& array) {
  const auto placed = std::count_if(array.members.begin(), array.members.end(),
                                    [](const Member& member) { return member.state == "active" && member.slot >= 0; });
  return std::to_string(array.slots - std::min<std::size_t>(array.slots, static_cast<std::size_t>(placed))) + " of " +
         std::to_string(array.slots) + " devices are not there or not usable";
}

std::string state_text(const Array& array) {
  if (array.state == "degraded") return "; DEGRADED: " + lack_text(array);
  if (array.state == "incomplete") return "; INCOMPLETE, it cannot be read: " + lack_text(array);
  return array.state == "whole" ? "; whole" : "";
}

void put_array(Page& page, const DiskReport& report, const Array& array) {
  const auto active = devices_that_are(array.members, "active"), spare = devices_that_are(array.members, "spare");
  const std::string on = active.empty() ? "" : " on " + device_texts(report, active);
  page.row(name_of(array), array.size, level_text(array) + on + state_text(array));
  if (!array.uuid.empty()) page.below("md " + array.metadata + ", UUID " + array.uuid);
  if (!spare.empty()) page.below("spare: " + device_texts(report, spare));
  for (const std::string& line : array.care) page.below(line, "! ");
  page.below(content_text(array.content));
  put_details(page, array.content);
}

/// What is said of a volume that nobody looked into.
std::string kind_text(const LogicalVolume& volume) {
  if (volume.kind == "thin-pool") return "pool of the thin volumes";
  if (volume.kind == "thin") return "thin volume";
  if (volume.kind == "cache" || volume.kind == "writecache") return "volume with a cache";
  if (volume.kind == "snapshot") return "snapshot";
  if (volume.kind.starts_with("raid")) return "volume, RAID " + volume.kind.substr(4);
  return volume.kind + " volume";
}

void put_volume(Page& page, const LogicalVolume& volume) {
  const std::string content = content_text(volume.content);
  const bool plain = volume.kind == "linear" || volume.kind == "striped";
  const std::string unseen = plain && volume.complete ? "nothing known in it" : kind_text(volume);
  page.row("  " + volume.name, volume.size, content.empty() ? unseen : content);
  if (!content.empty() && !plain) page.below(kind_text(volume));
  if (!volume.path.empty()) page.below("active: " + volume.path);
  if (!volume.complete) page.below("not all devices that it lies on are there", "! ");
  put_details(page, volume.content);
}

void put_group(Page& page, const DiskReport& report, const VolumeGroup& group) {
  std::vector<std::string> devices;
  std::size_t missing = 0;
  for (const Member& member : group.physical_volumes) {
    if (!member.device.empty()) devices.push_back(member.device);
    if (member.device.empty()) ++missing;
  }
  page.row(group.name, group.size, "LVM volume group on " + device_texts(report, devices));
  page.below("UUID " + group.uuid);
  if (missing != 0)
    page.below(std::to_string(missing) + " of " + std::to_string(group.physical_volumes.size()) +
                   " physical volumes are missing",
               "! ");
  for (const std::string& line : group.care) page.below(line, "! ");
  for (const LogicalVolume& volume : group.volumes) put_volume(page, volume);
}

/// A label that the devices share only because they are one file system says nothing more.
bool says_more(const DiskReport& report, const Clone& clone) {
  return clone.kind != "label" || std::none_of(report.clones.begin(), report.clones.end(), [&](const Clone& other) {
           return other.kind == "file system UUID" && other.devices == clone.devices;
         });
}

void put_clones(Page& page, const DiskReport& report) {
  std::vector<const Clone*> said;
  for (const Clone& clone : report.clones)
    if (says_more(report, clone)) said.push_back(&clone);
  if (said.empty()) return;
  page.wrap("", "The same id in several places", 0);
  for (std::size_t i = 0; i < said.size() && i < most_clone_lines; ++i)
    page.wrap("  ", said[i]->kind + " " + said[i]->id + ": " + device_texts(report, said[i]->devices), 4);
  if (said.size() > most_clone_lines)
    page.wrap("  ", "and " + std::to_string(said.size() - most_clone_lines) + " more: rescue json", 4);
  page.wrap("  ", "`rescue mount` opens the original's devices alone, whatever bears the same ids.", 2);
}

}  // namespace

void put_layers(Page& page, const DiskReport& report) {
  if (!report.arrays.empty()) page.wrap("", "RAID", 0);
  for (const Array& array : report.arrays) put_array(page, report, array);
  if (!report.groups.empty()) page.wrap("", "LVM", 0);
  for (const VolumeGroup& group : report.groups) put_group(page, report, group);
  if (!report.opened.empty()) page.wrap("", "Opened, decrypted", 0);
  for (const OpenedDevice& opened : report.opened) {
    const std::string content = content_text(opened.content);
    page.row(opened.name, opened.size,
             (content.empty() ? "nothing known in it" : content) + ", from " + device_text(report, opened.device));
    put_details(page, opened.content);
  }
  put_clones(page, report);
}

}  // namespace lifeboat::init
