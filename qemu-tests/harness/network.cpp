#include "qemu-tests/harness/network.hpp"

namespace lifeboat::qemu {
namespace {

std::string boot_options(NetworkBoot boot, const std::string& folder) {
  if (boot == NetworkBoot::tftp) return ",tftp=" + folder + ",bootfile=boot.ipxe";
  if (boot == NetworkBoot::http)
    return ",bootfile=http://10.0.2.100/boot-http.ipxe,guestfwd=tcp:10.0.2.100:80-cmd:busybox httpd -i -h " + folder;
  return "";
}

}  // namespace

std::vector<std::string> network_words(const std::vector<LabCard>& cards) {
  std::vector<std::string> words;
  for (const LabCard& card : cards)
    words.insert(words.end(), {"-netdev",
                               "tap,id=" + card.tap + ",ifname=" + card.tap +
                                   ",script=no,downscript=no,vnet_hdr=" + (card.offload ? "on" : "off"),
                               "-device", card.device + ",netdev=" + card.tap + ",mac=" + card.mac});
  return words;
}

std::vector<std::string> network_words(const std::string& device, int ssh_port, NetworkBoot boot,
                                       const std::filesystem::path& folder, bool open,
                                       const std::vector<int>& forwarded) {
  std::string more = open ? "" : ",restrict=on";
  for (const int port : forwarded) more += ",hostfwd=tcp:127.0.0.1:0-:" + std::to_string(port);
  return {"-netdev",
          "user,id=net,hostfwd=tcp:127.0.0.1:" + std::to_string(ssh_port) + "-:22" + more + boot_options(boot, folder),
          "-device", device + ",netdev=net" + (boot == NetworkBoot::none ? "" : ",bootindex=0")};
}

}  // namespace lifeboat::qemu
