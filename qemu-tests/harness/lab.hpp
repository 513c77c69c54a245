#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "qemu-tests/harness/folder.hpp"
#include "qemu-tests/harness/namespace.hpp"
#include "qemu-tests/harness/network.hpp"
#include "qemu-tests/harness/server.hpp"

namespace lifeboat::qemu {

/// A network of its own for guests, in a network namespace: segments (a bridge each) with the guests' cards and the
/// router's addresses, and real servers on them. All of it goes with its owner; the servers' logs stay in the folder
/// when the test fails. Make it before its guests.
class Lab {
 public:
  Lab();
  ~Lab();

  const Namespace& network() const noexcept { return network_; }
  const std::filesystem::path& folder() const noexcept { return folder_.path(); }

  /// A segment, with the router's addresses on it ("10.1.0.1/24", "fd00:1::1/64"). Returns the name of the router's
  /// device, "seg0" and so on; it has a carrier from the start, as servers want it.
  std::string add_segment(const std::vector<std::string>& addresses);
  /// A guest's card on the segment. The Lab's n-th has the MAC address 52:54:00:12:34:0n, unless it is given.
  LabCard add_card(const std::string& segment, std::string mac = "");
  /// Another machine on the segment, which has this address ("10.1.0.50/24") and answers for it.
  void add_neighbour(const std::string& segment, const std::string& address);
  /// Connections to the guest's address on the segment come from 192.0.2.1 or 2001:db8::1 from now on: the guest
  /// answers them through its default gateway alone.
  void reach_from_afar(const std::string& segment, const std::string& address);
  /// One cable to each of `cards` new cards of a guest, which the switch takes for one bond: with LACP ("active"), or
  /// without ("off": the guest decides which cable it uses). `vlan` 0: its frames have no tag. The bond's other side,
  /// where the router's addresses are, is the device returned.
  std::string add_bond(int cards, const std::string& lacp, int vlan, const std::vector<std::string>& addresses);
  /// Cards of the latest add_bond().
  const std::vector<LabCard>& bond_cards() const noexcept { return bond_cards_; }

  /// The same for every test: foreground, log to standard error, no DNS, no files but in the folder.
  Server& start_dnsmasq(const std::string& segment, const std::vector<std::string>& options);
  Server& start_radvd(const std::string& configuration);
  /// `configuration` is Kea's, the value of "Dhcp4" or "Dhcp6", without what every test needs: lease database, loggers.
  Server& start_kea(const std::string& family, const std::string& configuration);

 private:
  Folder folder_{"lab"};
  Namespace network_;
  std::vector<std::unique_ptr<Namespace>> neighbours_;
  std::vector<std::unique_ptr<Server>> servers_;
  std::vector<LabCard> bond_cards_;
  int segments_ = 0, cards_ = 0;
  bool switch_runs_ = false;

  void ip(const std::string& words) const;
  LabCard new_card(std::string mac);
  Server& start(const std::string& name, const std::vector<std::string>& argv, const std::string& ready,
                const std::map<std::string, std::string>& environment = {});
  void start_switch();
  void change_switch(const std::string& words) const;
};

}  // namespace lifeboat::qemu
