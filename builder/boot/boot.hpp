#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace lifeboat {

/// What `lifeboat boot` was asked.
struct BootOptions {
  std::filesystem::path medium_path;  ///< folder that `build` wrote, or one medium file
  std::string medium;                 ///< one of boot_medium_names(); empty: find_boot_medium() chooses
  std::string firmware;               ///< one of firmware_names(); empty: bios, and uefi for a unified kernel image
  std::filesystem::path firmware_variables;  ///< a UEFI variable store with other keys; empty: the package's own
  std::string attach;                        ///< cd or disk; empty: what the medium is
  std::string bus;                      ///< one of bus_names(); empty: virtio, and a CD's where the machine has them
  std::string network_card = "virtio";  ///< one of network_card_names()
  std::string network_boot;             ///< kernel, tftp or http; empty: kernel (netboot medium alone)
  std::vector<std::filesystem::path> originals;  ///< disk images attached as the server's own disks, in this order
  bool write = false;  ///< let the guest write to them; else a snapshot overlay takes the writes
  std::string run;     ///< command to run over SSH; empty: stay with the console
  unsigned memory_mib = 1024;
  unsigned timeout_seconds = 180;  ///< until READY
  bool no_password = false;        ///< attach no config drive
};

/// Starts the image in QEMU as a cloud would, with a temporary password on a config drive. With `run`: logs in with
/// that password, runs it, prints its output, powers off, and returns its exit status. Else shows the console until the
/// guest ends and returns 0. Throws Error for a guest that panics, hangs or never gets ready, with the QEMU line that
/// repeats it and the console's last lines.
int boot_image(const BootOptions& options);

}  // namespace lifeboat
