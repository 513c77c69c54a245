#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace lifeboat::qemu {

/// A disk of the guest. It is attached as the real server's would be: the guest may write to the file.
struct AttachedDisk {
  std::filesystem::path file;
  std::string device = "virtio-blk-pci";  ///< or ide-hd, scsi-hd, nvme ...
  std::string format = "raw";
  std::string controller = {};         ///< device that has to be there for it: "virtio-scsi-pci,id=scsi"
  bool port_of_its_own = false;        ///< SATA: one device on each of q35's ports "ide.0" to "ide.5"
  std::string serial = {};             ///< empty: QEMU's own, or none
  std::optional<int> boot_index = {};  ///< the firmware starts the lowest
  bool cd = false;                     ///< a CD, read-only
  bool snapshot = false;               ///< the file stays as it is: a temporary overlay takes the writes
};

/// The file on a bus: virtio, scsi, ide (machine pc), sata (machine q35), nvme, usb.
AttachedDisk disk_on(const std::string& bus, const std::filesystem::path& file);
/// The same as a CD: scsi, ide, sata, usb.
AttachedDisk cd_on(const std::string& bus, const std::filesystem::path& file);

/// The machine type that has the bus: "pc" or "q35".
std::string machine_with(const std::string& bus);

/// The words for QEMU, each controller once. The last SATA port is left to the config drive.
std::vector<std::string> drive_words(const std::vector<AttachedDisk>& disks);

}  // namespace lifeboat::qemu
