#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace lifeboat::qemu {

/// How the machine boots from its network card: QEMU's iPXE finds boot.ipxe on slirp's TFTP server, or boot-http.ipxe
/// on a busybox httpd that slirp starts for each connection.
enum class NetworkBoot { none, tftp, http };

/// A guest's card at a Lab's tap device.
struct LabCard {
  std::string tap;
  std::string mac;
  std::string device = "virtio-net-pci";
  /// The kernel's bridges know frames whose checksum the card is to fill in; a switch in user space does not.
  bool offload = true;
};

/// The words for QEMU, which has to run in the Lab's namespace.
std::vector<std::string> network_words(const std::vector<LabCard>& cards);

/// The -netdev "net" behind the card `device`, and the card. The host's `ssh_port` leads to the guest's port 22,
/// free ones to its `forwarded` ports. `folder` is what the servers serve. The guest reaches nothing else, unless it is
/// `open`: then what this process reaches, and as 10.0.2.2 its 127.0.0.1.
std::vector<std::string> network_words(const std::string& device, int ssh_port, NetworkBoot boot,
                                       const std::filesystem::path& folder, bool open,
                                       const std::vector<int>& forwarded);

}  // namespace lifeboat::qemu
