#include "builder/boot/network.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "builder/base/error.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"
#include "builder/boot/qemu_words.hpp"

namespace lifeboat {
namespace {

struct Card {
  std::string_view name, device;
};
constexpr std::array cards{Card{"virtio", "virtio-net-pci"}, Card{"e1000", "e1000"}, Card{"e1000e", "e1000e"},
                           Card{"rtl8139", "rtl8139"}, Card{"vmxnet3", "vmxnet3"}};

/// In slirp's network, and nobody else's there: .2 is the host, .3 the name server, .15 the guest.
constexpr const char* web_server = "10.0.2.100";

/// QEMU starts one httpd per connection and joins it to the guest: no port of this machine is opened, nobody else
/// reaches the image, and nothing is left when QEMU ends.
std::string http_words(const std::filesystem::path& folder) {
  const std::string server = quote_command({"busybox", "httpd", "-i", "-h", folder.string()});
  return std::string(",bootfile=http://") + web_server + "/boot-http.ipxe,guestfwd=tcp:" + web_server +
         ":80-cmd:" + option_value(server);
}

std::string boot_words(const Network& network) {
  if (network.boot == Network::Boot::tftp) return ",tftp=" + option_value(network.folder) + ",bootfile=boot.ipxe";
  return network.boot == Network::Boot::http ? http_words(network.folder) : "";
}

}  // namespace

std::vector<std::string> network_card_names() {
  std::vector<std::string> names;
  for (const Card& card : cards) names.emplace_back(card.name);
  return names;
}

std::string network_card_device(const std::string& name) {
  const auto* card = std::ranges::find(cards, name, &Card::name);
  if (card == cards.end()) throw Error("there is no network card " + name, join(network_card_names(), ", "));
  return std::string(card->device);
}

std::vector<std::string> network_words(const Network& network, int ssh_port) {
  const bool boots = network.boot != Network::Boot::none;
  return {"-netdev", "user,id=net,hostfwd=tcp:127.0.0.1:" + std::to_string(ssh_port) + "-:22" + boot_words(network),
          "-device", network.card + ",netdev=net" + (boots ? ",bootindex=0" : "")};
}

}  // namespace lifeboat
