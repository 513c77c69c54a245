#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lifeboat {

/// A disk as a file of this machine.
struct DiskImage {
  std::filesystem::path file;
  std::string format;  ///< as QEMU calls it: raw or qcow2
};

/// Asks qemu-img what `file` is. Throws Error for anything but raw and qcow2, and for a qcow2 that names other files: a
/// customer's raw disk may begin with a qcow2 header, and would give the guest any file of this machine to read.
DiskImage inspect_disk_image(const std::filesystem::path& file);

/// A way to attach a disk or a CD.
struct Bus {
  std::string_view name;         ///< as --bus takes it
  std::string_view machine;      ///< the machine type that has it; empty: every one
  std::string_view controller;   ///< device that has to be added for it; empty: none
  std::string_view disk_device;  ///< with the bus it is on
  std::string_view cd_device;    ///< empty: this bus has no CDs
};

std::vector<std::string> bus_names();
/// Throws Error.
const Bus& find_bus(const std::string& name);

/// The medium that the guest boots from.
struct RescueDrive {
  DiskImage image;
  bool cd = false;
  const Bus* bus = nullptr;
};

/// The words for QEMU. The firmware boots from it first; writes to a disk go to a temporary overlay.
std::vector<std::string> rescue_drive_words(const RescueDrive& drive);

/// The server's own disks, virtio as Nova has them; without `write` a temporary overlay takes the writes.
std::vector<std::string> original_disk_words(const std::vector<DiskImage>& originals, bool write);

/// A read-only CD, where the machine type keeps CDs.
std::vector<std::string> config_drive_words(const std::filesystem::path& image, std::string_view machine);

/// The commands that make `disk`: a FAT file system with `program` where firmware looks for it on every removable disk
/// (UEFI specification 2.10, 3.5.1.1).
std::vector<std::vector<std::string>> efi_disk_commands(const std::filesystem::path& program,
                                                        const std::filesystem::path& disk);

}  // namespace lifeboat
