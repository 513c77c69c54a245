// The Lab's side of a bond: Open vSwitch, whose datapath in user space needs nothing of the host's kernel, which may
// have neither bonding nor VLANs.
#include <sstream>

#include "qemu-tests/harness/lab.hpp"

namespace lifeboat::qemu {
namespace {

std::string socket_in(const std::filesystem::path& folder, const char* name) { return (folder / name).string(); }

}  // namespace

void Lab::start_switch() {
  if (switch_runs_) return;
  switch_runs_ = true;
  const std::string database = folder() / "switch.db", socket = "unix:" + socket_in(folder(), "db");
  run_checked({"ovsdb-tool", "create", database, "/usr/share/openvswitch/vswitch.ovsschema"});
  const std::map<std::string, std::string> environment{{"OVS_RUNDIR", folder().string()}};
  start("ovsdb-server",
        {"ovsdb-server", "--remote=p" + socket, "--unixctl=" + socket_in(folder(), "db.control"), database},
        "ovsdb-server (Open vSwitch)", environment);
  start("ovs-vswitchd", {"ovs-vswitchd", socket, "--unixctl=" + socket_in(folder(), "control")}, "ovs-vswitchd (Open",
        environment);
  change_switch("add-br switch -- set bridge switch datapath_type=netdev");
}

/// Returns when the switch has done it.
void Lab::change_switch(const std::string& words) const {
  std::vector<std::string> argv{"ovs-vsctl", "--timeout=20", "--db=unix:" + socket_in(folder(), "db")};
  std::istringstream text(words);
  for (std::string word; text >> word;) argv.push_back(word);
  run_checked(argv);
}

std::string Lab::add_bond(int cards, const std::string& lacp, int vlan, const std::vector<std::string>& addresses) {
  start_switch();
  bond_cards_.clear();
  std::string taps;
  for (int i = 0; i < cards; ++i) {
    bond_cards_.push_back(new_card(""));
    bond_cards_.back().offload = false;
    bond_cards_.back().device += ",speed=1000,duplex=full";  // LACP is spoken where both are known alone
    taps += " " + bond_cards_.back().tap;
  }
  const std::string name = "seg" + std::to_string(segments_++);
  if (lacp == "off")
    for (const LabCard& card : bond_cards_)
      change_switch("add-port switch " + card.tap + (vlan != 0 ? " trunks=" + std::to_string(vlan) : ""));
  else
    change_switch("add-bond switch bond" + name + taps + " lacp=" + lacp + " bond_mode=balance-slb" +
                  (vlan != 0 ? " trunks=" + std::to_string(vlan) : "") + " other_config:lacp-time=fast");
  change_switch("add-port switch " + name + (vlan != 0 ? " tag=" + std::to_string(vlan) : "") + " -- set interface " +
                name + " type=internal");
  ip("link set " + name + " up");
  for (const std::string& address : addresses) ip("address add " + address + " dev " + name);
  return name;
}

}  // namespace lifeboat::qemu
