#include "init/rescue/open_plan.hpp"

#include <algorithm>
#include <array>

#include "init/rescue/report_places.hpp"

namespace lifeboat::init {
namespace {

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

void add(std::vector<std::string>& names, const std::string& name) {
  if (!holds(names, name)) names.push_back(name);
}

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
      const Array* array = find_array_by_id(report_, place.id);
      if (array == nullptr) return Failure{"there is no RAID " + place.id};
      return reach(key_of(*array), 0);
    }
    if (place.kind == "volume") return reach_volume(find_volume(report_, place), place, 0);
    return reach(place.device, 0);
  }

  /// A device as others name what they lie on; returns the kernel's device.
  Result<std::string> reach(const std::string& device, int depth) {
    if (depth > deepest_layer) return Failure{device + " lies in too many layers"};
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

  /// Nothing tells the clones apart: the person does, or nobody.
  static Status check_copy(const std::string& title, const std::vector<std::string>& rivals) {
    if (rivals.empty()) return Done{};
    std::string words = title +
                        " is there more than once: nothing tells which is the original's\nhint: name the one that "
                        "is meant:";
    for (const std::string& device : rivals) words += "\n  rescue mount " + device;
    return Failure{words};
  }

  static Failure why_incomplete(const std::string& title, const std::string& lack, const std::string& doubt) {
    if (doubt.empty()) return Failure{title + " " + lack + "\nhint: `rescue disks` shows which"};
    if (doubt.ends_with(" is open"))
      return Failure{title + " is not opened: " + doubt + "\nhint: end that first: `rescue umount`"};
    return Failure{title + " is not put together: " + doubt +
                   "\nhint: name all that belong together: rescue mount DEVICE DEVICE"};
  }

  Result<std::string> reach_array(const Array& array, int depth) {
    const std::string title = "the RAID " + (array.name.empty() ? array.uuid : array.name);
    if (array.level == "container" || array.metadata == "imsm" || array.metadata == "ddf")
      return Failure{title + " is a firmware's (" + array.metadata +
                     ")\nhint: assemble it by hand: mdadm --assemble --readonly"};
    if (Status known = check_copy(title, array.rivals); !known) return known.failure();
    if (array.path.empty() && array.state == "incomplete")
      return why_incomplete(title, "misses too many members: it cannot be read", array.doubt);
    plan_.doubt = array.doubt;
    OpenStep step{"array", "", "", {}, array.uuid, array.state == "degraded" || !array.doubt.empty()};
    for (const Member& member : array.members) {
      if (member.device.empty() || member.state == "out of date" || member.state == "spare" ||
          member.state == "rebuilding" || member.state == "in doubt")
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
    if (Status known = check_copy("the volume group " + found.group->name, found.group->rivals); !known)
      return known.failure();
    if (found.volume->path.empty() && !found.volume->complete)
      return why_incomplete("the logical volume " + name, "lies on a device that is missing", found.group->doubt);
    OpenStep step{"volume", name, mapper_path(*found.group, *found.volume), {}, found.group->uuid};
    for (const Member& member : found.group->physical_volumes) {
      if (member.device.empty() || member.state == "in doubt") continue;
      auto below = reach(member.device, depth + 1);
      if (!below) return below;
      step.devices.push_back(*below);
    }
    if (found.volume->cached && found.volume->path.empty())
      plan_.needs_writing = "the logical volume " + name + ": " + cached_words;
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
