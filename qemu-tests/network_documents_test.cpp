// What the config drive's network_data.json asks for, on real networks: static addresses, bonds, vlans; and IPv6's
// DHCP, as router advertisements ask for it. LIFEBOAT_WHOLE_MATRIX=1 runs all of them, else the core alone.
#include "qemu-tests/lab_guest.hpp"

using namespace lifeboat::qemu;
namespace {

/// The two cards of a bond; the first one's address is the bond's, as Nova and Ironic write it. `more` goes into it.
std::string bond_links(const std::string& mode, const std::string& more = "") {
  return R"({"id": "port1", "type": "phy", "ethernet_mac_address": "52:54:00:12:34:01", "mtu": null, "vif_id": null},
            {"id": "port2", "type": "phy", "ethernet_mac_address": "52:54:00:12:34:02", "mtu": null, "vif_id": null},
            {"id": "bond0", "type": "bond", "ethernet_mac_address": "52:54:00:12:34:01", "bond_links": ["port1", "port2"],
             "bond_miimon": 100, "bond_mode": ")" +
         mode + "\"" + more + "}";
}

/// A network of "10.N.0.50/24" with its gateway.
std::string static_network(const std::string& link, const std::string& number) {
  return R"({"id": "network0", "type": "ipv4", "link": ")" + link + R"(", "ip_address": "10.)" + number +
         R"(.0.50", "netmask": "255.255.255.0", "network_id": "da5bb487-5193-4a65-a3df-4a0055a8c0d7",
             "routes": [{"network": "0.0.0.0", "netmask": "0.0.0.0", "gateway": "10.)" +
         number + R"(.0.1"}]})";
}

std::string document(const std::string& links, const std::string& networks, const std::string& services = "") {
  return "{\"links\": [" + links + "], \"networks\": [" + networks + "], \"services\": [" + services + "]}";
}

}  // namespace

TEST_CASE("static addresses of both families, their gateways outside of their networks; DHCP's offer is not taken") {
  if (!can_run(Row::core)) return;
  Lab lab;
  const std::string segment = lab.add_segment({"10.8.0.1/24", "10.99.99.1/32", "fd00:99::1/128"});
  lab.start_dnsmasq(segment, {"--dhcp-range=10.8.0.99,10.8.0.99,1h"});
  lab.reach_from_afar(segment, "10.8.0.50");
  lab.reach_from_afar(segment, "fd00:8::50");
  const std::string link = R"({"id": "tap1", "type": "ovs", "ethernet_mac_address": "52:54:00:12:34:01", "mtu": 1400,
                               "vif_id": "d1ec0e38-dc0b-4d68-b1e4-6ac1b2a1f6a0"})";
  const std::string networks =
      R"({"id": "network0", "type": "ipv4", "link": "tap1", "ip_address": "10.8.0.50", "netmask": "255.255.255.255",
          "routes": [{"network": "0.0.0.0", "netmask": "0.0.0.0", "gateway": "10.99.99.1"}]},
         {"id": "network1", "type": "ipv6", "link": "tap1", "ip_address": "fd00:8::50", "netmask": "ffff:ffff:ffff:ffff::",
          "routes": [{"network": "::", "netmask": "::", "gateway": "fd00:99::1"}]})";
  Vm vm(lab_machine(lab, {lab.add_card(segment)},
                    document(link, networks, R"({"type": "dns", "address": "10.8.0.53"})")));
  vm.wait_until_ready();
  Ssh owner = log_in(lab, "10.8.0.50");
  const std::string addresses = owner.run_checked("ip address show dev eth0");
  CHECK(contains(addresses, " 10.8.0.50/32 "));
  CHECK(contains(addresses, " fd00:8::50/64 "));
  CHECK_FALSE(contains(addresses, "10.8.0.99"));
  CHECK(contains(owner.run_checked("ip route show default"), "default via 10.99.99.1 dev eth0 "));
  CHECK(contains(owner.run_checked("ip -6 route show default"), "default via fd00:99::1 dev eth0 "));
  CHECK(owner.run_checked("cat /sys/class/net/eth0/mtu") == "1400\n");
  CHECK(contains(owner.run_checked("cat /etc/resolv.conf"), "\nnameserver 10.8.0.53\n"));
  log_in(lab, "fd00:8::50");
}

TEST_CASE("DHCPv6: a router says that addresses are the server's, and the login is at the one that it gives") {
  if (!can_run(Row::core)) return;
  Lab lab;
  const std::string segment = lab.add_segment({"fd00:6::1/64"});
  lab.start_kea("6", R"("interfaces-config": {"interfaces": [")" + segment + R"("]},
    "option-data": [{"name": "dns-servers", "data": "fd00:6::53"}, {"name": "domain-search", "data": "lab.example"}],
    "subnet6": [{"id": 1, "subnet": "fd00:6::/64", "interface": ")" +
                         segment + R"(", "pools": [{"pool": "fd00:6::50 - fd00:6::50"}]}])");
  lab.start_radvd("interface " + segment +
                  " { AdvSendAdvert on; AdvManagedFlag on; prefix fd00:6::/64 { AdvAutonomous off; }; };");
  lab.reach_from_afar(segment, "fd00:6::50");
  Vm vm(lab_machine(lab, {lab.add_card(segment)}));
  REQUIRE(vm.wait_until_ready().at("address") == "fd00:6::50");
  Ssh owner = log_in(lab, "fd00:6::50");
  CHECK(contains(owner.run_checked("ip -6 route show default"), "default via fe80::"));
  const std::string resolver = owner.run_checked("cat /etc/resolv.conf");
  CHECK(contains(resolver, "\nnameserver fd00:6::53\n"));
  CHECK(contains(resolver, "\nsearch lab.example\n"));
}

TEST_CASE("DHCPv6 without addresses: the address is made of the router's prefix, the names are the server's") {
  if (!can_run(Row::whole)) return;
  Lab lab;
  const std::string segment = lab.add_segment({"fd00:7::1/64"}), address = "fd00:7::5054:ff:fe12:3401";
  lab.start_dnsmasq(segment, {"--enable-ra", "--dhcp-range=fd00:7::,ra-stateless", "--ra-param=" + segment + ",0",
                              "--dhcp-option=option6:dns-server,[fd00:7::53]"});
  Vm vm(lab_machine(lab, {lab.add_card(segment)}));
  REQUIRE(vm.wait_until_ready().at("address") == address);
  CHECK(contains(log_in(lab, address).run_checked("cat /etc/resolv.conf"), "\nnameserver fd00:7::53\n"));
}

TEST_CASE("DHCPv4 and DHCPv6 of Kea side by side: the login is at both addresses") {
  if (!can_run(Row::whole)) return;
  Lab lab;
  const std::string segment = lab.add_segment({"10.6.0.1/24", "fd00:6::1/64"});
  const std::string on_segment = R"("interfaces-config": {"interfaces": [")" + segment + "\"]},\n";
  lab.start_kea("4", on_segment + R"("subnet4": [{"id": 1, "subnet": "10.6.0.0/24",
                       "pools": [{"pool": "10.6.0.50 - 10.6.0.50"}], "option-data": [{"name": "routers", "data": "10.6.0.1"}]}])");
  lab.start_kea("6", on_segment + R"("subnet6": [{"id": 1, "subnet": "fd00:6::/64", "interface": ")" + segment +
                         R"(", "pools": [{"pool": "fd00:6::50 - fd00:6::50"}]}])");
  lab.start_radvd("interface " + segment +
                  " { AdvSendAdvert on; AdvManagedFlag on; prefix fd00:6::/64 { AdvAutonomous off; }; };");
  Vm vm(lab_machine(lab, {lab.add_card(segment)}));
  vm.wait_until_ready();
  log_in(lab, "10.6.0.50");
  log_in(lab, "fd00:6::50");
}

TEST_CASE("a bond that uses one card at a time, with DHCP on it: a cable that is pulled out costs no connection") {
  if (!can_run(Row::whole)) return;
  Lab lab;
  const std::string segment = lab.add_segment({"10.10.0.1/24"});
  lab.start_dnsmasq(segment, {"--dhcp-range=10.10.0.50,10.10.0.50,1h"});
  const std::vector<LabCard> cards{lab.add_card(segment), lab.add_card(segment)};
  Vm vm(lab_machine(
      lab, cards,
      document(bond_links("active-backup"), R"({"id": "network0", "type": "ipv4_dhcp", "link": "bond0"})")));
  vm.wait_until_ready();
  Ssh owner = log_in(lab, "10.10.0.50", seconds(60));
  const std::string active = "cat /sys/class/net/bond0/bonding/active_slave";
  REQUIRE(owner.run_checked("cat /sys/class/net/bond0/bonding/mode") == "active-backup 1\n");
  const std::string first = owner.run_checked(active);
  vm.set_cable(cards[first == "eth0\n" ? 0 : 1], false);
  CHECK(owner.run_checked(active) != first);
}

TEST_CASE("a bond of two cards that the switch knows of (802.3ad), its mode written as a number") {
  if (!can_run(Row::whole)) return;
  Lab lab;
  const std::string segment = lab.add_bond(2, "active", 0, {"10.11.0.1/24"});
  lab.reach_from_afar(segment, "10.11.0.50");
  Vm vm(lab_machine(
      lab, lab.bond_cards(),
      document(bond_links("4", R"(, "bond_xmit_hash_policy": "layer3+4")"), static_network("bond0", "11"))));
  vm.wait_until_ready();
  Ssh owner = log_in(lab, "10.11.0.50", seconds(60));
  const std::string bond = owner.run_checked("cat /proc/net/bonding/bond0");
  CHECK(contains(bond, "Transmit Hash Policy: layer3+4 "));
  CHECK(contains(bond, "Number of ports: 2\n"));
  CHECK_FALSE(contains(bond, "Partner Mac Address: 00:00:00:00:00:00"));
}

TEST_CASE("a vlan on an 802.3ad bond: the login is at the vlan's address") {
  if (!can_run(Row::core)) return;
  Lab lab;
  const std::string segment = lab.add_bond(2, "active", 105, {"10.12.0.1/24"});
  lab.reach_from_afar(segment, "10.12.0.50");
  const std::string vlan = R"(, {"id": "vlan0", "type": "vlan", "vlan_link": "bond0", "vlan_id": 105,
                                 "vlan_mac_address": "52:54:00:12:34:01"})";
  Vm vm(lab_machine(lab, lab.bond_cards(), document(bond_links("802.3ad") + vlan, static_network("vlan0", "12"))));
  vm.wait_until_ready();
  Ssh owner = log_in(lab, "10.12.0.50", seconds(60));
  CHECK(contains(owner.run_checked("ip -details link show type vlan"), "vlan protocol 802.1Q id 105 "));
  CHECK(contains(owner.run_checked("cat /proc/net/bonding/bond0"), "Number of ports: 2\n"));
}
