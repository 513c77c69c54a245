#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace lifeboat {

/// One of the server's own disks.
struct DiskImage {
  std::filesystem::path file;
  std::string format;  ///< as QEMU calls it: raw or qcow2
};

/// Asks qemu-img what `file` is. Throws Error for anything but raw and qcow2, and for a qcow2 that names other files: a
/// customer's raw disk may begin with a qcow2 header, and would give the guest any file of this machine to read.
DiskImage inspect_disk_image(const std::filesystem::path& file);

/// The machine that Nova makes on x86 unless told otherwise: i440FX with IDE CDs, virtio disks, virtio network.
struct Machine {
  std::filesystem::path kernel;
  std::filesystem::path initrd;
  std::string kernel_arguments;
  std::filesystem::path config_drive;  ///< ISO 9660 image; empty: none
  std::vector<DiskImage> originals;    ///< the first is vda
  bool write = false;                  ///< else QEMU keeps writes in a temporary overlay
  std::string accelerator;             ///< value of -accel
  std::string uuid;                    ///< what the firmware tables say the server is called
  unsigned memory_mib = 1024;
};

/// The descriptors (sockets) that QEMU inherits.
struct MachineChannels {
  int console = -1;
  int control = -1;
};

/// What starts it. The port in front of the guest's port 22 is QEMU's choice; Guest asks for it.
std::vector<std::string> qemu_command(const Machine& machine, const MachineChannels& channels);

/// The same machine for a person to type: console on the terminal, port 2222, no config drive (its password is gone).
std::string repeat_line(const Machine& machine);

}  // namespace lifeboat
