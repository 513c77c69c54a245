#include "init/disk/sysfs.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <memory>

#include "init/disk/printable.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/folder.hpp"

namespace lifeboat::init {
namespace {

constexpr std::uint64_t sysfs_sector = 512;  // sysfs counts in these, whatever the disk's own sectors are

/// 0 where it is missing or no number.
std::uint64_t number_attribute(const std::string& folder, std::string_view name) {
  const std::string text = sysfs_attribute(folder, name);
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// "/devices/pci0000:00/..." of a block folder: the link resolved, without the sysfs root.
std::string position_of(const std::string& sysfs_root, const std::string& folder) {
  const std::unique_ptr<char, void (*)(void*)> root(::realpath(sysfs_root.c_str(), nullptr), std::free);
  const std::unique_ptr<char, void (*)(void*)> real(::realpath(folder.c_str(), nullptr), std::free);
  if (!root || !real) return folder;
  const std::string_view path(real.get());
  const std::string_view prefix(root.get());
  return std::string(path.starts_with(prefix) ? path.substr(prefix.size()) : path);
}

std::string model_of(const std::string& folder) {
  std::string model = sysfs_attribute(folder, "device/model");
  const std::string vendor = sysfs_attribute(folder, "device/vendor");
  if (vendor.empty() || vendor.starts_with("0x") || vendor == "ATA")
    return model;  // virtio: a number; ATA: says nothing
  if (model.starts_with(vendor)) return model;
  return model.empty() ? vendor : vendor + " " + model;
}

std::string serial_of(const std::string& folder) {
  if (auto serial = sysfs_attribute(folder, "serial"); !serial.empty()) return serial;         // virtio
  if (auto serial = sysfs_attribute(folder, "device/serial"); !serial.empty()) return serial;  // NVMe, MMC
  const std::string page = read_file(folder + "/device/vpd_pg80", 4096).value_or("");  // SCSI: unit serial number
  constexpr std::size_t header = 4;
  return page.size() > header ? printable_trimmed(std::string_view(page).substr(header)) : "";
}

std::vector<Partition> kernel_partitions(const std::string& folder) {
  std::vector<Partition> partitions;
  const std::string disk = folder.substr(folder.rfind('/') + 1);
  for (const auto& [name, is_folder] : list_folder(folder)) {
    if (!name.starts_with(disk)) continue;  // a partition is always named after its disk
    const std::string path = folder + "/" + name;
    Partition partition;
    partition.number = static_cast<std::uint32_t>(number_attribute(path, "partition"));
    if (partition.number == 0) continue;
    partition.name = name;
    partition.start = number_attribute(path, "start") * sysfs_sector;
    partition.size = number_attribute(path, "size") * sysfs_sector;
    partitions.push_back(std::move(partition));
  }
  std::sort(partitions.begin(), partitions.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  return partitions;
}

bool is_left_out(const Disk& disk, const std::string& folder) {
  // NVMe's multipath heads also lie below devices/virtual, but not below virtual/block.
  const bool made_by_kernel = disk.position.find("/devices/virtual/block/") != std::string::npos;
  const bool hidden = number_attribute(folder, "hidden") != 0;
  const bool floppy = disk.name.starts_with("fd");
  const bool card_boot_area = disk.name.starts_with("mmcblk") && disk.name.find_first_of("br", 6) != std::string::npos;
  return made_by_kernel || hidden || floppy || card_boot_area;
}

Disk disk_at(const std::string& sysfs_root, const std::string& device_root, const std::string& name) {
  const std::string folder = sysfs_root + "/block/" + name;
  constexpr std::uint64_t scsi_type_cd = 5;
  Disk disk;
  disk.name = name;
  disk.path = device_root + "/" + name;
  std::replace(disk.path.begin(), disk.path.end(), '!', '/');  // sysfs writes "cciss!c0d0" for cciss/c0d0
  disk.position = position_of(sysfs_root, folder);
  disk.size = number_attribute(folder, "size") * sysfs_sector;
  disk.bus = bus_of(disk.position);
  disk.model = model_of(folder);
  disk.serial = serial_of(folder);
  disk.read_only = number_attribute(folder, "ro") != 0;
  disk.removable = number_attribute(folder, "removable") != 0;
  disk.optical = name.starts_with("sr") || number_attribute(folder, "device/type") == scsi_type_cd;
  disk.partitions = kernel_partitions(folder);
  return disk;
}

bool is_pci_address(std::string_view text) {
  return text.size() == 12 && text[4] == ':' && text[7] == ':' && text[10] == '.';  // 0000:00:1f.2
}

std::string_view take_component(std::string_view& path) {
  const std::size_t end = path.find('/');
  const std::string_view component = path.substr(0, end);
  path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
  return component;
}

std::string_view take_digits(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])) != 0) ++end;
  std::string_view digits = text.substr(0, end);
  text.remove_prefix(end);
  while (digits.size() > 1 && digits[0] == '0') digits.remove_prefix(1);
  return digits;
}

/// Less than 0, 0, more than 0; runs of digits count by value.
int compare_naturally(std::string_view left, std::string_view right) {
  while (!left.empty() && !right.empty()) {
    const std::string_view left_digits = take_digits(left);
    const std::string_view right_digits = take_digits(right);
    if (left_digits.size() != right_digits.size()) return left_digits.size() < right_digits.size() ? -1 : 1;
    if (const int order = left_digits.compare(right_digits); order != 0) return order;
    if (left.empty() || right.empty()) break;
    if (left[0] != right[0]) return left[0] < right[0] ? -1 : 1;
    left.remove_prefix(1);
    right.remove_prefix(1);
  }
  return left.empty() == right.empty() ? 0 : left.empty() ? -1 : 1;
}

bool is_numbered(std::string_view component, std::string_view word) {
  return component.size() > word.size() && component.starts_with(word) &&
         std::all_of(component.begin() + static_cast<std::ptrdiff_t>(word.size()), component.end(),
                     [](unsigned char c) { return std::isdigit(c) != 0; });
}

}  // namespace

std::string sysfs_attribute(const std::string& folder, std::string_view name) {
  return printable_trimmed(read_file(folder + "/" + std::string(name), 4096).value_or(""));
}

bool position_before(std::string_view left, std::string_view right) {
  while (!left.empty() && !right.empty()) {
    const std::string_view a = take_component(left);
    const std::string_view b = take_component(right);
    // A PCI address is hexadecimal of a fixed width: its text is its order.
    const int order = is_pci_address(a) && is_pci_address(b) ? a.compare(b) : compare_naturally(a, b);
    if (order != 0) return order < 0;
  }
  return left.empty() && !right.empty();
}

std::string bus_of(std::string_view position) {
  std::string bus;
  while (!position.empty()) {
    const std::string_view component = take_component(position);
    if (is_numbered(component, "usb") || is_numbered(component, "ata")) return std::string(component.substr(0, 3));
    if (component.starts_with("VMBUS")) return "hyperv";
    if (component.starts_with("vbd-")) return "xen";
    if (component.starts_with("nvme")) return "nvme";
    if (component.starts_with("mmc")) return "mmc";
    if (is_numbered(component, "session")) return "iscsi";
    if (component.starts_with("rport-")) return "fc";
    if (is_numbered(component, "virtio")) bus = "virtio";
    if (is_numbered(component, "host")) bus = "scsi";
  }
  return bus;
}

Result<std::vector<Disk>> list_disks(const std::string& sysfs_root, const std::string& device_root) {
  const std::string folder = sysfs_root + "/block";
  if (auto readable = open_file(folder, O_RDONLY | O_DIRECTORY); !readable) return readable.failure();
  std::vector<Disk> disks;
  for (const auto& [name, is_folder] : list_folder(folder)) {
    Disk disk = disk_at(sysfs_root, device_root, name);
    if (!is_left_out(disk, folder + "/" + name)) disks.push_back(std::move(disk));
  }
  std::sort(disks.begin(), disks.end(), [](const Disk& a, const Disk& b) {
    return position_before(a.position, b.position) || (a.position == b.position && a.name < b.name);
  });
  return disks;
}

}  // namespace lifeboat::init
