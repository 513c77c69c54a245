#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "builder/boot/disks.hpp"
#include "builder/boot/firmware.hpp"
#include "builder/boot/network.hpp"

namespace lifeboat {

/// What QEMU itself loads into memory, without a boot loader.
struct DirectKernel {
  std::filesystem::path kernel;
  std::filesystem::path initrd;
  std::string arguments;
};

/// The machine that Nova makes on x86 unless told otherwise: i440FX with IDE CDs, virtio disks, virtio network.
struct Machine {
  std::string type = "pc";  ///< value of -machine
  Firmware firmware;
  std::optional<DirectKernel> kernel;
  std::optional<RescueDrive> rescue;   ///< the first disk, as in Nova's legacy rescue
  std::filesystem::path efi_program;   ///< what `rescue` is made of (medium uki); empty: it is a file of the build
  std::filesystem::path config_drive;  ///< ISO 9660 image; empty: none
  std::vector<DiskImage> originals;    ///< the server's own disks
  bool write = false;                  ///< else QEMU keeps writes in a temporary overlay
  Network network;
  std::string accelerator;  ///< value of -accel
  std::string uuid;         ///< what the firmware tables say the server is called
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
