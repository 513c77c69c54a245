#include <algorithm>
#include <functional>

#include "init/disk/fstab.hpp"
#include "init/disk/fstab_devices.hpp"
#include "init/disk/fstab_tags.hpp"
#include "init/disk/kernel_name.hpp"

namespace lifeboat::init {
namespace {

using Matches = std::vector<const FstabDevice*>;

/// The search for one entry: what matches, and what to say.
class Resolver {
 public:
  Resolver(const DiskReport& report, const std::vector<FstabDevice>& devices, const std::vector<std::string>& home)
      : report_(report), devices_(devices), home_(home) {}

  void resolve(FstabEntry& entry) const {
    entry.device.clear();
    entry.problem.clear();
    if (needs_no_device(entry)) return;
    if (const auto tagged = parse_tag(entry.spec)) {
      const auto matches = [&](const FstabDevice& device) { return tagged->tag->matches(device, tagged->id); };
      return take(find(matches), tagged->tag->missing, entry);
    }
    if (const auto name = after(entry.spec, "/dev/mapper/")) return resolve_mapped(*name, entry);
    if (const auto name = after(entry.spec, "/dev/disk/by-id/")) return resolve_hardware_id(*name, entry);
    if (const auto name = after(entry.spec, "/dev/disk/by-path/")) return resolve_place(*name, entry);
    if (const auto name = after(entry.spec, "/dev/md")) return resolve_array(*name, entry);
    if (const auto name = after(entry.spec, "/dev/")) return resolve_name(*name, entry);
    miss(entry, "this way to name a device is not known");
  }

 private:
  void resolve_mapped(std::string_view name, FstabEntry& entry) const {
    Matches found = find([&](const FstabDevice& device) { return device.mapped == name; });
    if (found.empty()) found = find_opened(entry);
    if (!found.empty()) return take(std::move(found), "", entry);
    if (const auto uuid = after(name, "luks-"))
      for (const FstabDevice& device : devices_)
        if (device.content->usage == "crypto" && same_id(device.content->uuid, *uuid))
          return miss(entry, "it is inside the encrypted " + device.path + ", which is not open");
    take({}, "no device here has this name", entry);
  }

  /// The server's name for an encrypted device is in its crypttab; here it bears another. Where one alone fits, that.
  Matches find_opened(const FstabEntry& entry) const {
    Matches found = find([&](const FstabDevice& device) {
      return device.disk == nullptr && device.array == nullptr && device.group.empty() && is_mountable(device) &&
             (entry.type == "auto" || entry.type == device.content->type);
    });
    return found.size() == 1 ? found : Matches();
  }

  void resolve_hardware_id(std::string_view name, FstabEntry& entry) const {
    for (const std::string_view prefix : {"dm-name-", "dm-uuid-LVM-", "md-uuid-", "md-name-"})
      if (const auto id = after(name, prefix)) return resolve_layer_id(prefix, *id, entry);
    const auto [disk_name, number] = split_part(name);
    take(find([&, disk_name = disk_name, number = number](const FstabDevice& device) {
           return is_part(device, number) && device.disk->serial.size() >= 3 &&
                  disk_name.ends_with(underscored(device.disk->serial));
         }),
         "no disk here has this id", entry);
  }

  void resolve_layer_id(std::string_view prefix, std::string_view id, FstabEntry& entry) const {
    if (prefix == "dm-name-") return resolve_mapped(id, entry);
    take(find([&](const FstabDevice& device) {
           if (device.array != nullptr)
             return (prefix == "md-uuid-" && same_id(device.array->uuid, id)) ||
                    (prefix == "md-name-" && device.array->name == id);
           return prefix == "dm-uuid-LVM-" && !device.group.empty() && lvm_id(device) == id;
         }),
         "no device here has this id", entry);
  }

  /// The UUIDs of the group and the volume, without their dashes.
  std::string lvm_id(const FstabDevice& device) const {
    std::string id;
    for (const VolumeGroup& group : report_.groups)
      for (const LogicalVolume& volume : group.volumes)
        if (&volume.content == device.content) id = group.uuid + volume.uuid;
    std::erase(id, '-');
    return id;
  }

  /// "virtio-pci-0000:00:04.0-part1", "pci-0000:00:1f.2-ata-1": only the first kind names a disk by its address alone.
  void resolve_place(std::string_view name, FstabEntry& entry) const {
    const auto [disk_name, number] = split_part(name);
    const std::size_t at = disk_name.find("pci-");
    const std::string address(at == std::string_view::npos ? "" : disk_name.substr(at + 4, 12));
    const Matches found = find([&, number = number](const FstabDevice& device) {
      return address.size() == 12 && is_part(device, number) &&
             device.disk->position.find("/" + address + "/") != std::string::npos;
    });
    if (found.size() != 1) return take({}, "which disk was plugged in there is not known", entry);
    take(found, "", entry);
    warn(entry, entry.spec + " is a place of that server: here it is probably " + found.front()->path);
  }

  void resolve_array(std::string_view name, FstabEntry& entry) const {
    if (name.starts_with('/') || name.starts_with('_')) name.remove_prefix(1);
    const auto named = [&](const FstabDevice& device) {
      if (device.array == nullptr) return false;
      const std::string_view full = device.array->name;
      return full == name || full.substr(full.find(':') + 1) == name;
    };
    const Matches found = find(named);
    if (!found.empty()) return take(found, "", entry);
    const Matches arrays = find([](const FstabDevice& device) { return device.array != nullptr; });
    if (arrays.size() != 1) return take({}, "no RAID here has this name", entry);
    take(arrays, "", entry);
    warn(entry, entry.spec + " was a name of that server's kernel; here it is probably " + arrays.front()->path);
  }

  /// "vg/root", or a kernel name.
  void resolve_name(std::string_view name, FstabEntry& entry) const {
    const std::size_t slash = name.find('/');
    if (slash == std::string_view::npos) return resolve_kernel_name(name, entry);
    take(find([&](const FstabDevice& device) {
           return !device.group.empty() && device.group == name.substr(0, slash) &&
                  device.volume == name.substr(slash + 1);
         }),
         "no logical volume here has this name", entry);
  }

  void resolve_kernel_name(std::string_view name, FstabEntry& entry) const {
    const Matches same =
        find([&](const FstabDevice& device) { return rank(device) == 0 && kernel_name(device) == name; });
    if (!same.empty()) return take(same, "", entry);
    const auto wanted = parse_kernel_name(name);
    const auto disk = wanted ? disk_numbered(wanted->disk) : "";
    const Matches found = find([&](const FstabDevice& device) {
      return wanted && is_part(device, wanted->part) && !disk.empty() && device.disk->name == disk;
    });
    if (found.empty()) return take({}, "a name of that server's kernel; no device here can be told to be it", entry);
    take(found, "", entry);
    const Content& content = *found.front()->content;
    if (entry.type != "auto" && !content.type.empty() && !fits(entry.type, content.type)) {
      entry.device.clear();
      return miss(entry, "a name of that server's kernel; here it would be " + found.front()->path +
                             ", but that holds " + content.type);
    }
    warn(entry, entry.spec + " was a name of that server's kernel; here it is probably " + found.front()->path);
  }

  static bool fits(std::string_view wanted, std::string_view type) {
    const auto family = [](std::string_view name) {
      return name.starts_with("ext") && name.size() == 4 ? "ext" : name.starts_with("ntfs") ? "ntfs" : name;
    };
    return family(wanted) == family(type) || (wanted == "msdos" && type == "vfat");
  }

  static std::string_view kernel_name(const FstabDevice& device) {
    if (device.partition != nullptr) return device.partition->name;
    return device.disk != nullptr ? std::string_view(device.disk->name) : std::string_view();
  }

  /// That server had neither the rescue medium nor its config drive: the first disk is that of the system itself.
  std::string disk_numbered(std::size_t number) const {
    if (number == 0) return home_.size() == 1 ? home_.front() : "";
    std::vector<std::string> others;
    for (const Disk& disk : report_.disks) {
      const bool counts = !disk.optical && disk.role != DiskRole::rescue_medium && disk.role != DiskRole::config_drive;
      if (counts && std::ranges::find(home_, disk.name) == home_.end()) others.push_back(disk.name);
    }
    return number <= others.size() ? others[number - 1] : "";
  }

  /// 0: on the system's own disks; 1: on the original; 2: on another; 3: on the rescue medium.
  int rank(const FstabDevice& device) const {
    const auto on = [&](const auto& is_right) { return std::ranges::any_of(device.disks, is_right); };
    if (on([&](const std::string& disk) { return std::ranges::find(home_, disk) != home_.end(); })) return 0;
    if (on([&](const std::string& disk) { return disk == report_.original; })) return 1;
    const auto is_medium = [&](const std::string& name) {
      const auto disk = std::ranges::find(report_.disks, name, &Disk::name);
      return disk != report_.disks.end() && disk->role == DiskRole::rescue_medium;
    };
    return on(is_medium) ? 3 : 2;
  }

  /// What is right, the best rank alone.
  Matches find(const std::function<bool(const FstabDevice&)>& is_right) const {
    Matches found;
    int best = 4;
    for (const FstabDevice& device : devices_) {
      if (!is_right(device)) continue;
      const int its = rank(device);
      if (its < best) found.clear();
      if (its <= best) found.push_back(&device);
      best = std::min(best, its);
    }
    return found;
  }

  void take(const Matches& found, std::string_view missing, FstabEntry& entry) const {
    if (found.empty()) return miss(entry, std::string(missing) + hidden());
    const FstabDevice& first = *found.front();
    if (rank(first) == 3) return miss(entry, "only the rescue medium has it");
    entry.device = first.path;
    entry.problem = first.trouble;
    const bool one_btrfs = first.content->type == "btrfs" && std::ranges::all_of(found, [&](const FstabDevice* device) {
                             return device->content->uuid == first.content->uuid;
                           });
    if (found.size() > 1 && !one_btrfs)
      entry.problem = first.path + " and " + found[1]->path + " both have it: which one is meant is not known";
  }

  /// Where it may be all the same.
  std::string hidden() const {
    for (const FstabDevice& device : devices_) {
      const bool opened =
          std::ranges::any_of(report_.opened, [&](const auto& one) { return one.device == device.path; });
      if (device.content->usage == "crypto" && !opened && rank(device) <= 1)
        return "; it may be inside the encrypted " + device.path + ", which is not open";
    }
    return {};
  }

  static void warn(FstabEntry& entry, const std::string& text) {
    entry.problem = entry.problem.empty() ? text : text + "; " + entry.problem;
  }

  static void miss(FstabEntry& entry, const std::string& why) {
    entry.problem = why;
    if (has_option(entry, "noauto"))
      entry.problem += "; the system starts all the same (noauto)";
    else if (has_option(entry, "nofail"))
      entry.problem += "; the system starts all the same (nofail)";
    else if (has_option(entry, "_netdev"))
      entry.problem += "; it comes over the network (_netdev)";
    else if (entry.type == "swap")
      entry.problem += "; the system's start waits for it";
    else
      entry.problem += "; the system does not start without it";
  }

  const DiskReport& report_;
  const std::vector<FstabDevice>& devices_;
  const std::vector<std::string>& home_;
};

void resolve_with(const std::vector<FstabDevice>& devices, const DiskReport& report,
                  const std::vector<std::string>& home, Content& content) {
  if (!content.system) return;
  const Resolver resolver(report, devices, home);
  for (FstabEntry& entry : content.system->fstab) resolver.resolve(entry);
}

}  // namespace

void resolve_fstab(OperatingSystem& system, const DiskReport& report, const std::vector<std::string>& home) {
  const std::vector<FstabDevice> devices = fstab_devices(report);
  const Resolver resolver(report, devices, home);
  for (FstabEntry& entry : system.fstab) resolver.resolve(entry);
}

void resolve_all_fstabs(DiskReport& report) {
  const std::vector<FstabDevice> devices = fstab_devices(report);  // the contents stay where they are
  for (Disk& disk : report.disks) {
    resolve_with(devices, report, {disk.name}, disk.content);
    for (Partition& partition : disk.partitions) resolve_with(devices, report, {disk.name}, partition.content);
  }
  for (Array& array : report.arrays) resolve_with(devices, report, disks_below(report, array.members), array.content);
  for (VolumeGroup& group : report.groups)
    for (LogicalVolume& volume : group.volumes)
      resolve_with(devices, report, disks_below(report, group.physical_volumes), volume.content);
  for (OpenedDevice& opened : report.opened)
    resolve_with(devices, report, disks_below(report, opened.device), opened.content);
}

}  // namespace lifeboat::init
