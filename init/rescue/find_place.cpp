#include "init/rescue/find_place.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

#include "init/rescue/report_places.hpp"

namespace lifeboat::init {
namespace {

// --- what a word means

void add_named_disks(const DiskReport& report, const std::string& name, std::vector<RootPlace>& found) {
  for (const Disk& disk : report.disks) {
    if (disk.name == name) found.push_back({disk.path, "disk", ""});
    for (const Partition& partition : disk.partitions)
      if (path_of(disk, partition) == "/dev/" + name) found.push_back({"/dev/" + name, "partition", ""});
  }
}

void add_named_layers(const DiskReport& report, const std::string& word, const std::string& name,
                      std::vector<RootPlace>& found) {
  for (const Array& array : report.arrays)
    if (array.uuid == word || (!array.name.empty() && array.name == word) ||
        (!array.path.empty() && (array.path == word || array.path == "/dev/" + name)))
      found.push_back(place_of(array));
  for (const OpenedDevice& opened : report.opened)
    if (opened.path == word || opened.name == name) found.push_back({opened.path, "opened", ""});
  for (const VolumeGroup& group : report.groups)
    for (const LogicalVolume& volume : group.volumes)
      if (group.name + "/" + volume.name == name || mapper_path(group, volume) == word || volume.uuid == word ||
          "mapper/" + last_part(mapper_path(group, volume)) == name || (!volume.path.empty() && volume.path == word) ||
          volume_id(group, volume) == word)
        found.push_back(place_of(group, volume));
}

// --- what is behind a place

using Places = std::vector<RootPlace>;

bool has_system(const DiskReport& report, const RootPlace& place) {
  const Content* content = content_at(report, place);
  return content != nullptr && content->system && content->system->kind == "linux";
}

bool has_file_system(const DiskReport& report, const RootPlace& place) {
  const Content* content = content_at(report, place);
  return content != nullptr && content->usage == "filesystem";
}

/// Of a kind that is not looked into before it is open: a thin volume, a RAID 5 of which a member is missing.
bool is_unknown(const DiskReport& report, const RootPlace& place) {
  const Content* content = content_at(report, place);
  return (place.kind == "volume" || place.kind == "array") && content != nullptr && content->type.empty();
}

/// What lies directly on the device: arrays, volumes, what was opened of it.
Places places_on(const DiskReport& report, const std::string& device) {
  Places places;
  for (const Array& array : report.arrays)
    for (const Member& member : array.members)
      if (member.device == device && array.level != "container") places.push_back(place_of(array));
  for (const OpenedDevice& opened : report.opened)
    if (opened.device == device) places.push_back({opened.path, "opened", ""});
  for (const VolumeGroup& group : report.groups)
    for (const Member& member : group.physical_volumes)
      if (member.device == device)
        for (const LogicalVolume& volume : group.volumes)
          if (volume.kind != "thin-pool") places.push_back(place_of(group, volume));
  return places;
}

Places parts_of(const DiskReport& report, const RootPlace& place) {
  Places places;
  if (place.kind == "disk")
    for (const Disk& disk : report.disks)
      if (disk.path == place.device)
        for (const Partition& partition : disk.partitions)
          places.push_back({path_of(disk, partition), "partition", ""});
  if (!places.empty()) return places;
  if (place.kind == "array") {
    const Array* array = find_array_by_id(report, place.id);
    return array == nullptr ? places : places_on(report, key_of(*array));
  }
  return places_on(report, place.device);
}

/// Everything that can be mounted, or is encrypted and not open, at the place and above it.
void collect(const DiskReport& report, const RootPlace& place, int depth, Places& ends) {
  if (depth > deepest_layer) return;
  const Places parts = parts_of(report, place);
  for (const RootPlace& part : parts) collect(report, part, depth + 1, ends);
  if (!parts.empty() || std::ranges::find(ends, place) != ends.end()) return;
  if (has_file_system(report, place) || is_encrypted(content_at(report, place)) || is_unknown(report, place))
    ends.push_back(place);
}

std::string name_of(const DiskReport& report, const RootPlace& place) {
  if (place.kind == "array") return place.device.empty() ? place.id : place.device;
  if (place.kind != "volume") return place.device;
  const VolumePlace found = find_volume(report, place);
  if (found.group == nullptr) return place.device;
  const bool twice = std::ranges::count(report.groups, found.group->name, &VolumeGroup::name) > 1;
  return twice ? place.id : found.group->name + "/" + found.volume->name;
}

std::string listed(const DiskReport& report, const Places& places) {
  std::string text;
  for (const RootPlace& place : places) {
    const Content* content = content_at(report, place);
    text += "\n  rescue mount " + name_of(report, place);
    if (content == nullptr || content->type.empty()) continue;
    text += "   # " + (is_encrypted(content) ? "encrypted" : content->type);
    if (content->system) text += ", " + content->system->name;
  }
  return text;
}

/// Installers name the volume so; nothing else is known of one that cannot be looked into.
bool is_called_root(const DiskReport& report, const RootPlace& place) {
  const VolumePlace found = place.kind == "volume" ? find_volume(report, place) : VolumePlace();
  return found.volume != nullptr && is_unknown(report, place) && found.volume->name.find("root") != std::string::npos;
}

Places only(const Places& places, const auto& wanted) {
  Places chosen;
  std::ranges::copy_if(places, std::back_inserter(chosen), wanted);
  return chosen;
}

/// The one root of several places; where nothing tells which, the only file system, the only encrypted one.
Result<RootPlace> choose(const DiskReport& report, const Places& ends, const std::string& where) {
  if (ends.empty())
    return Failure{where + " holds nothing that can be mounted\nhint: `rescue disks` shows what is there"};
  const auto systems = only(ends, [&](const RootPlace& end) { return has_system(report, end); });
  if (systems.size() == 1) return systems[0];
  if (!systems.empty())
    return Failure{where + " holds several systems\nhint: say which one:" + listed(report, systems)};
  const auto encrypted = only(ends, [&](const RootPlace& end) { return is_encrypted(content_at(report, end)); });
  if (encrypted.size() == 1) return encrypted[0];
  const auto called_root = only(ends, [&](const RootPlace& end) { return is_called_root(report, end); });
  if (called_root.size() == 1) return called_root[0];
  if (ends.size() == 1) return ends[0];
  return Failure{where + " holds no root that could be told\nhint: say which one:" + listed(report, ends)};
}

Result<RootPlace> find_original(const DiskReport& report) {
  Places all;
  for (const Disk& disk : report.disks)
    if (disk.role != DiskRole::rescue_medium && disk.role != DiskRole::config_drive)
      collect(report, {disk.path, "disk", ""}, 0, all);
  if (report.confidence == Confidence::unsure || (report.original.empty() && !report.root)) {
    const auto systems = only(all, [&](const RootPlace& end) { return has_system(report, end); });
    if (systems.size() > 1)
      return Failure{"it is not sure which system is the original: " + report.reason +
                     "\nhint: say which one:" + listed(report, systems)};
  }
  if (report.root) return *report.root;
  if (report.original.empty()) return choose(report, all, "this machine");
  Places ends;
  collect(report, {"/dev/" + report.original, "disk", ""}, 0, ends);
  return choose(report, ends, "the original disk, " + report.original + ",");
}

}  // namespace

Result<RootPlace> find_place(const DiskReport& report, const std::string& word) {
  Places found;
  if (word.empty()) {
    auto original = find_original(report);
    if (!original) return original;
    found.push_back(*original);
  } else {
    const std::string name = word.starts_with("/dev/") ? word.substr(5) : word;
    add_named_disks(report, name, found);
    add_named_layers(report, word, name, found);
  }
  if (found.empty())
    return Failure{"this machine has no " + word + " that could be mounted\nhint: `rescue disks` lists what there is"};
  if (found.size() > 1)
    return Failure{"there is more than one " + word + "\nhint: say which one:" + listed(report, found)};
  Places ends;
  collect(report, found[0], 0, ends);
  return choose(report, ends, word.empty() ? "the original's root" : word);
}

Result<RootPlace> narrow_place(const DiskReport& report, const RootPlace& place) {
  Places ends;
  collect(report, place, 0, ends);
  return choose(report, ends, place.device);
}

}  // namespace lifeboat::init
