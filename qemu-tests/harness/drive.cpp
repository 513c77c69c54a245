#include "qemu-tests/harness/drive.hpp"

#include <map>
#include <set>

#include "qemu-tests/harness/process.hpp"

namespace lifeboat::qemu {
namespace fs = std::filesystem;
namespace {

struct Bus {
  std::string controller, disk_device, cd_device;
  bool port_of_its_own = false;
};

const Bus& bus_named(const std::string& name) {
  static const std::map<std::string, Bus> buses{
      {"virtio", {"", "virtio-blk-pci", ""}},
      {"scsi", {"virtio-scsi-pci,id=virtio-scsi", "scsi-hd,bus=virtio-scsi.0", "scsi-cd,bus=virtio-scsi.0"}},
      {"ide", {"", "ide-hd,bus=ide.0", "ide-cd,bus=ide.0"}},
      {"sata", {"", "ide-hd", "ide-cd", true}},  // q35's "IDE" devices hang on its AHCI controller
      {"nvme", {"", "nvme", ""}},
      {"usb", {"qemu-xhci,id=usb", "usb-storage,bus=usb.0", "usb-storage,bus=usb.0"}}};
  return buses.at(name);
}

std::string drive_options(const AttachedDisk& disk) {
  return ",format=" + disk.format + (disk.cd ? ",media=cdrom,readonly=on" : "") +
         (disk.snapshot ? ",snapshot=on" : "") + ",file=" + disk.file.string();
}

std::string device_options(const AttachedDisk& disk) {
  std::string serial = disk.serial;
  if (serial.empty() && disk.device == "nvme") serial = "none";  // it does not do without
  return (serial.empty() ? "" : ",serial=" + serial) +
         (disk.boot_index ? ",bootindex=" + std::to_string(*disk.boot_index) : "");
}

}  // namespace

AttachedDisk disk_on(const std::string& bus, const fs::path& file) {
  const Bus& found = bus_named(bus);
  return {.file = file,
          .device = found.disk_device,
          .controller = found.controller,
          .port_of_its_own = found.port_of_its_own};
}

AttachedDisk cd_on(const std::string& bus, const fs::path& file) {
  const Bus& found = bus_named(bus);
  if (found.cd_device.empty()) throw Failure("there is no CD on the bus " + bus);
  return {.file = file,
          .device = found.cd_device,
          .controller = found.controller,
          .port_of_its_own = found.port_of_its_own,
          .cd = true};
}

std::string machine_with(const std::string& bus) { return bus == "sata" ? "q35" : "pc"; }

std::vector<std::string> drive_words(const std::vector<AttachedDisk>& disks) {
  std::vector<std::string> words;
  std::set<std::string> controllers{""};
  int ports = 0;
  for (std::size_t i = 0; i < disks.size(); ++i) {
    const AttachedDisk& disk = disks[i];
    if (controllers.insert(disk.controller).second) words.insert(words.end(), {"-device", disk.controller});
    const std::string id = "disk" + std::to_string(i);
    words.insert(words.end(), {"-drive", "if=none,id=" + id + drive_options(disk)});
    const std::string port = disk.port_of_its_own ? ",bus=ide." + std::to_string(ports++) : "";
    words.insert(words.end(), {"-device", disk.device + port + ",drive=" + id + device_options(disk)});
  }
  return words;
}

}  // namespace lifeboat::qemu
