#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace lifeboat {

/// The guest's one network: QEMU's own (slirp), with the network boot that it offers.
struct Network {
  enum class Boot { none, tftp, http };

  std::string card = "virtio-net-pci";  ///< QEMU's device
  Boot boot = Boot::none;               ///< else the firmware boots from the network: QEMU's iPXE
  std::filesystem::path folder;         ///< what it serves then: a netboot medium
};

/// What --nic takes.
std::vector<std::string> network_card_names();
/// QEMU's device for one of them. Throws Error.
std::string network_card_device(const std::string& name);

/// The words for QEMU; `ssh_port` on 127.0.0.1 leads to the guest's port 22.
std::vector<std::string> network_words(const Network& network, int ssh_port);

}  // namespace lifeboat
