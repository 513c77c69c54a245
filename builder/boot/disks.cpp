#include "builder/boot/disks.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "builder/base/error.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"
#include "builder/boot/qemu_words.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

// On q35 "ide.0" is a port of its AHCI controller, on pc a channel of PIIX.
constexpr std::array buses{
    Bus{"virtio", "", "", "virtio-blk-pci", ""},
    Bus{"scsi", "", "virtio-scsi-pci,id=scsi", "scsi-hd,bus=scsi.0", "scsi-cd,bus=scsi.0"},
    Bus{"ide", "pc", "", "ide-hd,bus=ide.0", "ide-cd,bus=ide.0"},
    Bus{"sata", "q35", "", "ide-hd,bus=ide.0", "ide-cd,bus=ide.0"},
    Bus{"nvme", "", "", "nvme,serial=rescue", ""},
    Bus{"usb", "", "qemu-xhci,id=usb", "usb-storage,bus=usb.0,removable=on", "usb-storage,bus=usb.0"}};

}  // namespace

std::vector<std::string> bus_names() {
  std::vector<std::string> names;
  for (const Bus& bus : buses) names.emplace_back(bus.name);
  return names;
}

const Bus& find_bus(const std::string& name) {
  const auto* bus = std::ranges::find(buses, name, &Bus::name);
  if (bus == buses.end()) throw Error("there is no bus " + name, join(bus_names(), ", "));
  return *bus;
}

std::vector<std::string> rescue_drive_words(const RescueDrive& drive) {
  std::vector<std::string> words;
  if (!drive.bus->controller.empty()) append(words, {"-device", std::string(drive.bus->controller)});
  append(
      words,
      {"-drive",
       "if=none,id=rescue,format=" + drive.image.format + (drive.cd ? ",media=cdrom,readonly=on" : ",snapshot=on") +
           ",file=" + option_value(drive.image.file),
       "-device", std::string(drive.cd ? drive.bus->cd_device : drive.bus->disk_device) + ",drive=rescue,bootindex=0"});
  return words;
}

std::vector<std::string> original_disk_words(const std::vector<DiskImage>& originals, bool write) {
  std::vector<std::string> words;
  int number = 0;
  for (const DiskImage& disk : originals) {
    const std::string id = "original" + std::to_string(number++);
    append(words, {"-drive",
                   "if=none,id=" + id + ",file=" + option_value(disk.file) + ",format=" + disk.format +
                       (write ? "" : ",snapshot=on"),
                   "-device", "virtio-blk-pci,drive=" + id});
  }
  return words;
}

std::vector<std::string> config_drive_words(const fs::path& image, std::string_view machine) {
  std::vector<std::string> words{"-drive", "if=none,id=config,format=raw,readonly=on,file=" + option_value(image)};
  // Nova's default on q35 is SATA; SCSI is its hw_cdrom_bus=scsi, and a cloud kernel without AHCI sees it too.
  if (machine == "q35")
    append(words, {"-device", "virtio-scsi-pci,id=cds", "-device", "scsi-cd,bus=cds.0,drive=config"});
  else
    append(words, {"-device", "ide-cd,drive=config,bus=ide.1"});
  return words;
}

std::vector<std::vector<std::string>> efi_disk_commands(const fs::path& program, const fs::path& disk) {
  const std::uintmax_t kibibytes = fs::file_size(program) / 1024 + 4096;  // FAT's own tables are far smaller
  return {{"truncate", "-s", std::to_string(kibibytes) + "K", disk.string()},
          {"mformat", "-i", disk.string(), "-F", "-v", "RESCUE", "::"},
          {"mmd", "-i", disk.string(), "::/EFI", "::/EFI/BOOT"},
          {"mcopy", "-i", disk.string(), program.string(), "::/EFI/BOOT/BOOTX64.EFI"}};
}

DiskImage inspect_disk_image(const fs::path& file) {
  const fs::path whole = fs::absolute(file);
  return with_context("attaching " + file.string(), [&] {
    if (!fs::exists(whole)) throw Error("no such file");
    const std::string said =
        run_checked({.argv = {"qemu-img", "info", "--force-share", "--output=json", "--", whole.string()},
                     .needed_for = "reading a disk image's format"});
    const nlohmann::json info = nlohmann::json::parse(said, nullptr, false);
    const std::string format = info.is_object() ? info.value("format", "") : "";
    if (format != "raw" && format != "qcow2")
      throw Error("its format is " + printable(format) + "; raw and qcow2 can be attached",
                  "qemu-img convert -O qcow2 " + quote_command({file.string()}) + " original.qcow2");
    const bool names_files = info.contains("backing-filename") || said.find("\"data-file\"") != std::string::npos;
    if (names_files)
      throw Error("it is a qcow2 that takes its content from another file",
                  "if you trust it, make one file of it: qemu-img convert -O qcow2 " + quote_command({file.string()}) +
                      " original.qcow2");
    return DiskImage{whole, format};
  });
}

}  // namespace lifeboat
