#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "qemu-tests/harness/ssh.hpp"
#include "qemu-tests/harness/vm.hpp"

namespace lifeboat::qemu {

/// What the guest did to a disk, as QEMU's block layer counts it.
struct DiskWrites {
  std::uint64_t writes = 0;    ///< requests; discards ("unmap") and flushes are not among them
  std::uint64_t bytes = 0;     ///< of those
  std::uint64_t discards = 0;  ///< requests
  bool operator==(const DiskWrites&) const = default;
};

/// A machine's disks that come and go while it runs, each a SCSI disk whose serial number is its id. The machine needs
/// can_plug() before it starts.
class HotPlug {
 public:
  static void can_plug(VmOptions& options);
  HotPlug(Vm& vm, Ssh& ssh) : vm_(&vm), ssh_(&ssh) {}

  /// Plugs it in, waits until the guest has the disk and its udev is done with it, and returns the kernel's name of it:
  /// "sda". The guest may write to the file.
  std::string plug(const std::string& id, const std::filesystem::path& file);
  /// The same for any block node: QEMU's options of `blockdev-add`, without "node-name".
  std::string plug_node(const std::string& id, nlohmann::json node);
  /// Pulls it out, as a person would: the guest is not asked. Waits until QEMU has let go of the file and, where the
  /// guest can say so, it has no such disk any more.
  void unplug(const std::string& id);
  DiskWrites writes(const std::string& id);

 private:
  Vm* vm_;
  Ssh* ssh_;
};

}  // namespace lifeboat::qemu
