#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "init/net/plan.hpp"

namespace lifeboat::init {

/// A network card that is there.
struct Card {
  std::string name;  ///< the kernel's, "eth0"
  std::string mac;   ///< the permanent one, as far as sysfs tells
  std::vector<std::string>
      others;  ///< what systemd's udev may have called it: "enp0s3", "ens3", "eno1", "enx525400..."
};

/// Those with a device behind them, sorted by name. `sysfs` is "/sys".
std::vector<Card> list_cards(const std::string& sysfs = "/sys");

/// Other names of a card at this path of sysfs, by systemd.net-naming-scheme(7): what its PCI address, its slot
/// (`slots`: "3" -> "0000:00:03"), the firmware's index and its MAC address make. Without systemd's exceptions for
/// ports that share one function.
std::vector<std::string> other_names(const std::string& device_path, const std::string& firmware_index,
                                     const std::vector<std::pair<std::string, std::string>>& slots,
                                     const std::string& mac);

/// The plan's cards by name become cards by MAC address where the name is one of `others`: the rescue system's kernel
/// names them its own way. A MAC address that no card has (the system gave it to the card) does not count where there
/// is a name. If in the end one card and one link are left that are nobody's, they are taken for each other's: noted.
void name_cards_by_mac(NetworkPlan& plan, const std::vector<Card>& cards = list_cards());

}  // namespace lifeboat::init
