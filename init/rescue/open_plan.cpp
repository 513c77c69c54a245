#include "init/rescue/open_plan.hpp"

#include <algorithm>
#include <array>

#include "init/disk/examine.hpp"

namespace lifeboat::init {
namespace {

constexpr std::string_view raid_prefix = "raid:";
constexpr int deepest = 8;  // layers on each other: more is a loop in hostile metadata

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

void add(std::vector<std::string>& names, const std::string& name) {
  if (!holds(names, name)) names.push_back(name);
}

std::string last_part(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

/// Of one that Linux made no device for the path that it will have.
std::string path_of(const Disk& disk, const Partition& partition) {
  return partition.name.empty() ? partition_device(disk.path, partition.number) : "/dev/" + partition.name;
}

const Array* find_array(const DiskReport& report, std::string_view device) {
  for (const Array& array : report.arrays)
    if (device == array.path || (device.starts_with(raid_prefix) && device.substr(raid_prefix.size()) == array.uuid))
      return &array;
  return nullptr;
}

std::string key_of(const Array& array) {
  return array.path.empty() ? std::string(raid_prefix) + array.uuid : array.path;
}

std::string volume_id(const VolumeGroup& group, const LogicalVolume& volume) { return group.uuid + "/" + volume.uuid; }

/// What LVM calls its device: dashes in names are doubled.
std::string mapper_path(const VolumeGroup& group, const LogicalVolume& volume) {
  std::string path = "/dev/mapper/";
  for (const std::string* name : {&group.name, &volume.name}) {
    if (name == &volume.name) path += '-';
    for (const char c : *name) path += c == '-' ? "--" : std::string(1, c);
  }
  return path;
}

struct VolumePlace {
  const VolumeGroup* group = nullptr;
  const LogicalVolume* volume = nullptr;
};

VolumePlace find_volume(const DiskReport& report, const RootPlace& place) {
  for (const VolumeGroup& group : report.groups)
    for (const LogicalVolume& volume : group.volumes)
      if (place.id.empty() ? !volume.path.empty() && volume.path == place.device : volume_id(group, volume) == place.id)
        return {&group, &volume};
  return {};
}

RootPlace place_of(const Array& array) { return {array.path, "array", array.uuid}; }
RootPlace place_of(const VolumeGroup& group, const LogicalVolume& volume) {
  return {volume.path.empty() ? mapper_path(group, volume) : volume.path, "volume", volume_id(group, volume)};
}

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

bool is_encrypted(const Content* content) { return content != nullptr && content->type == "crypto_LUKS"; }

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
    const Array* array = find_array(report, std::string(raid_prefix) + place.id);
    return array == nullptr ? places : places_on(report, key_of(*array));
  }
  return places_on(report, place.device);
}

/// Everything that can be mounted, or is encrypted and not open, at the place and above it.
void collect(const DiskReport& report, const RootPlace& place, int depth, Places& ends) {
  if (depth > deepest) return;
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

// --- the plan

class Planner {
 public:
  explicit Planner(const DiskReport& report) : report_(report) {}

  Result<OpenPlan> run(const RootPlace& place) {
    auto device = reach(place);
    if (!device) return device.failure();
    plan_.device = *device;
    const Content* content = content_at(report_, place);
    if (is_encrypted(content)) {
      const std::string name = "rescue-" + last_part(*device);
      plan_.device = "/dev/mapper/" + name;
      plan_.steps.push_back({"luks", name, plan_.device, {*device}});
      plan_.look_again = true;
    }
    return std::move(plan_);
  }

 private:
  Result<std::string> reach(const RootPlace& place) {
    if (place.kind == "array") {
      const Array* array = find_array(report_, std::string(raid_prefix) + place.id);
      if (array == nullptr) return Failure{"there is no RAID " + place.id};
      return reach(key_of(*array), 0);
    }
    if (place.kind == "volume") return reach_volume(find_volume(report_, place), place, 0);
    return reach(place.device, 0);
  }

  /// A device as others name what they lie on; returns the kernel's device.
  Result<std::string> reach(const std::string& device, int depth) {
    if (depth > deepest) return Failure{device + " lies in too many layers"};
    if (const Array* array = find_array(report_, device)) return reach_array(*array, depth);
    for (const OpenedDevice& opened : report_.opened)
      if (opened.path == device) {
        auto below = reach(opened.device, depth + 1);
        return below ? Result<std::string>(device) : below;
      }
    for (const VolumeGroup& group : report_.groups)
      for (const LogicalVolume& volume : group.volumes)
        if (!volume.path.empty() && volume.path == device)
          return reach_volume({&group, &volume}, place_of(group, volume), depth);
    add_partition(device);
    add(plan_.bottom, device);
    return device;
  }

  void add_partition(const std::string& device) {
    for (const Disk& disk : report_.disks)
      for (const Partition& one : disk.partitions)
        if (one.name.empty() && path_of(disk, one) == device && one.size != 0)
          plan_.steps.push_back({.kind = "partition",
                                 .name = device,
                                 .path = device,
                                 .devices = {disk.path},
                                 .id = std::to_string(one.number),
                                 .start = one.start,
                                 .size = one.size});
  }

  Result<std::string> reach_array(const Array& array, int depth) {
    const std::string title = "the RAID " + (array.name.empty() ? array.uuid : array.name);
    if (array.level == "container" || array.metadata == "imsm" || array.metadata == "ddf")
      return Failure{title + " is a firmware's (" + array.metadata +
                     ")\nhint: assemble it by hand: mdadm --assemble --readonly"};
    if (array.path.empty() && array.state == "incomplete")
      return Failure{title + " misses too many members: it cannot be read\nhint: `rescue disks` shows which"};
    OpenStep step{"array", "", "", {}, array.uuid, array.state == "degraded"};
    for (const Member& member : array.members) {
      if (member.device.empty() || member.state == "out of date" || member.state == "spare" ||
          member.state == "rebuilding")
        continue;
      auto below = reach(member.device, depth + 1);
      if (!below) return below;
      step.devices.push_back(*below);
    }
    if (!array.path.empty()) return array.path;
    for (const OpenStep& known : plan_.steps)
      if (known.kind == "array" && known.id == array.uuid) return known.path;
    step.name = step.path = free_array_name();
    plan_.steps.push_back(step);
    return step.path;
  }

  Result<std::string> reach_volume(const VolumePlace& found, const RootPlace& place, int depth) {
    if (found.volume == nullptr) return Failure{"there is no logical volume " + place.id};
    const std::string name = found.group->name + "/" + found.volume->name;
    if (found.volume->path.empty() && !found.volume->complete)
      return Failure{"the logical volume " + name +
                     " lies on a device that is missing\nhint: `rescue disks` shows which"};
    OpenStep step{"volume", name, mapper_path(*found.group, *found.volume), {}, found.group->uuid};
    for (const Member& member : found.group->physical_volumes) {
      if (member.device.empty()) continue;
      auto below = reach(member.device, depth + 1);
      if (!below) return below;
      step.devices.push_back(*below);
    }
    step.barrier = found.volume->kind != "linear" && found.volume->kind != "striped";
    if (!found.volume->path.empty()) return found.volume->path;
    plan_.steps.push_back(step);
    return step.path;
  }

  /// The kernel names arrays without a number of their own downwards from md127: these stay out of its way.
  std::string free_array_name() const {
    for (int number = 90;; ++number) {
      const std::string path = "/dev/md" + std::to_string(number);
      if (find_array(report_, path) == nullptr &&
          std::ranges::find(plan_.steps, path, &OpenStep::path) == plan_.steps.end())
        return path;
    }
  }

  const DiskReport& report_;
  OpenPlan plan_;
};

}  // namespace

const Content* content_at(const DiskReport& report, const RootPlace& place) {
  if (place.kind == "array") {
    const Array* array = find_array(report, std::string(raid_prefix) + place.id);
    return array == nullptr ? nullptr : &array->content;
  }
  if (place.kind == "volume") {
    const VolumePlace found = find_volume(report, place);
    return found.volume == nullptr ? nullptr : &found.volume->content;
  }
  for (const OpenedDevice& opened : report.opened)
    if (opened.path == place.device) return &opened.content;
  for (const Disk& disk : report.disks) {
    if (disk.path == place.device) return &disk.content;
    for (const Partition& partition : disk.partitions)
      if (place.device == path_of(disk, partition)) return &partition.content;
  }
  return nullptr;
}

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

Result<OpenPlan> plan_opening(const DiskReport& report, const RootPlace& place) { return Planner(report).run(place); }

std::vector<std::string> devices_below(const DiskReport& report, const std::string& device) {
  auto plan = Planner(report).run({device, "", ""});
  return plan ? plan->bottom : std::vector<std::string>{};
}

std::string why_not_write(const Content& content) {
  // The words of init/disk: superblock.cpp, ext_superblock.cpp, ntfs.cpp.
  constexpr std::array<std::string_view, 5> reasons = {"found errors in it", "hibernated", "marked for repair",
                                                       "beyond the end", "were found on only"};
  for (const std::string& line : content.care)
    for (const std::string_view reason : reasons)
      if (line.find(reason) != std::string::npos) return line;
  return {};
}

}  // namespace lifeboat::init
