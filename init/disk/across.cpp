#include "init/disk/across.hpp"

#include <algorithm>
#include <set>

#include "init/disk/fstab_devices.hpp"
#include "init/disk/linux_details.hpp"

namespace lifeboat::init {
namespace {

std::vector<Content*> all_contents(DiskReport& report) {
  std::vector<Content*> contents;
  for (Disk& disk : report.disks) {
    contents.push_back(&disk.content);
    for (Partition& partition : disk.partitions) contents.push_back(&partition.content);
  }
  for (Array& array : report.arrays) contents.push_back(&array.content);
  for (VolumeGroup& group : report.groups)
    for (LogicalVolume& volume : group.volumes) contents.push_back(&volume.content);
  for (OpenedDevice& opened : report.opened) contents.push_back(&opened.content);
  return contents;
}

/// Of clones each device is there twice: it counts once, and the newest of them.
void check_btrfs(Content& content, const std::vector<Content*>& all) {
  std::set<std::uint64_t> numbers;
  std::uint64_t newest = 0;
  for (const Content* other : all) {
    if (other->type != content.type || other->uuid != content.uuid) continue;
    numbers.insert(other->device_number);
    newest = std::max(newest, other->generation);
  }
  if (numbers.size() < content.devices)
    content.care.push_back(std::to_string(content.devices - numbers.size()) + " of its " +
                           std::to_string(content.devices) + " devices " +
                           (content.devices - numbers.size() == 1 ? "is" : "are") +
                           " missing: it can be mounted with the option degraded, if at all");
  if (content.generation < newest)
    content.care.push_back("it is older than another device of the same file system (generation " +
                           std::to_string(content.generation) + ", there " + std::to_string(newest) +
                           "): it was away for a while, or is an old copy");
}

/// The same unit by two paths has one serial number, and one size.
void check_paths(Disk& disk, const std::vector<Disk>& all) {
  const bool network_like = disk.bus == "scsi" || disk.bus == "iscsi" || disk.bus == "fc";
  if (disk.serial.empty() || !network_like) return;
  for (const Disk& other : all)
    if (&other != &disk && other.bus == disk.bus && other.serial == disk.serial && other.size == disk.size)
      disk.care.push_back("it has the serial number of " + other.name +
                          ": perhaps it is one disk, reached by two paths (multipath); work with one of them only");
}

/// The device of one of these, as an fstab's entry names it; nothing where no content lies on it.
struct Placed {
  std::string path;
  const Content* content;
};

std::vector<Placed> all_placed(const DiskReport& report) {
  std::vector<Placed> all;
  for (const FstabDevice& device : fstab_devices(report)) all.push_back({device.path, device.content});
  return all;
}

void take_boot_files(const Content& content, OperatingSystem& system) {
  for (const std::string& file : content.boot) {
    const bool kernel = file.starts_with("Linux ");
    const bool folder = file.starts_with("EFI/") || file == "Windows Boot Manager";
    if (kernel) system.kernels.push_back(file.substr(6));
    if (!kernel && !folder && system.boot_loader.empty()) system.boot_loader = file;
  }
  sort_kernels(system.kernels);
}

/// Where /boot or the EFI system partition is a file system of its own, its kernels and boot loader lie there.
void add_separate_boot(OperatingSystem& system, const std::vector<Placed>& all) {
  for (const FstabEntry& entry : system.fstab) {
    if (entry.device.empty() || (entry.point != "/boot" && entry.point != "/boot/efi" && entry.point != "/efi"))
      continue;
    const auto placed = std::ranges::find(all, entry.device, &Placed::path);
    if (placed != all.end()) take_boot_files(*placed->content, system);
  }
}

/// A Windows starts by a boot store on its own disk, which is on another partition as a rule.
void check_windows(Disk& disk) {
  std::vector<Content*> contents = {&disk.content};
  for (Partition& partition : disk.partitions) contents.push_back(&partition.content);
  const auto has_store = [](const Content* content) {
    return std::ranges::find(content->boot, "Windows Boot Manager") != content->boot.end();
  };
  const bool store = std::ranges::any_of(contents, has_store);
  for (Content* content : contents) {
    if (!content->system || content->system->kind != "windows") continue;
    if (store) content->system->boot_loader = "Windows Boot Manager";
    if (!store) content->care.emplace_back("no boot store (BCD) of Windows was seen on its disk: it may not start");
  }
}

}  // namespace

void add_boot_places(DiskReport& report) {
  const std::vector<Placed> all = all_placed(report);
  for (Content* content : all_contents(report))
    if (content->system && content->system->kind == "linux") add_separate_boot(*content->system, all);
  for (Disk& disk : report.disks) check_windows(disk);
}

void check_across_disks(DiskReport& report) {
  const std::vector<Content*> contents = all_contents(report);
  for (Content* content : contents)
    if (content->type == "btrfs" && content->devices > 1) check_btrfs(*content, contents);
  for (Disk& disk : report.disks) check_paths(disk, report.disks);
}

}  // namespace lifeboat::init
