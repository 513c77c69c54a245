// The machine comes up wherever its own network would: real servers in a network namespace, each test to a login over
// the address that the machine should have. LIFEBOAT_WHOLE_MATRIX=1 runs all of them, else the core alone.
#include <nlohmann/json.hpp>

#include "qemu-tests/harness/raw_servers.hpp"
#include "qemu-tests/lab_guest.hpp"

using namespace lifeboat::qemu;
namespace {

constexpr const char* slaac_address = "fd00:3::5054:ff:fe12:3401";  // of the Lab's first card

/// Offers and gives 10.9.0.50 for an hour.
DhcpReply usual_reply(const DhcpRequest& request) {
  return {.type = request.type == 1 ? 2 : 5,
          .address = "10.9.0.50",
          .options = tlv(51, be32(3600)) + tlv(1, address_bytes("255.255.255.0")) + tlv(3, address_bytes("10.9.0.1"))};
}

/// As the report has it.
double seconds_of_step(Ssh& owner, const std::string& name) {
  const auto report = nlohmann::json::parse(owner.run_checked("cat /run/lifeboat/report.json"));
  for (const auto& step : report.at("boot").at("steps"))
    if (step.at("name") == name) return step.at("ended").get<double>() - step.at("started").get<double>();
  throw Failure("report.json has no step \"" + name + '"');
}

}  // namespace

TEST_CASE("DHCPv4: the address, router, names and servers of the lease are set, and the login is at that address") {
  if (!can_run(Row::whole)) return;
  Lab lab;
  const std::string segment = lab.add_segment({"10.1.0.1/24"});
  lab.start_dnsmasq(segment, {"--dhcp-range=10.1.0.50,10.1.0.50,1h", "--dhcp-option=option:dns-server,10.1.0.3",
                              "--dhcp-option=option:domain-name,lab.example"});
  lab.reach_from_afar(segment, "10.1.0.50");
  Vm vm(lab_machine(lab, {lab.add_card(segment)}));
  REQUIRE(vm.wait_until_ready().at("address") == "10.1.0.50");
  Ssh owner = log_in(lab, "10.1.0.50");
  CHECK(contains(owner.run_checked("ip -4 address show dev eth0"), " 10.1.0.50/24 "));
  CHECK(contains(owner.run_checked("ip route show default"), "default via 10.1.0.1 dev eth0 "));
  const std::string resolver = owner.run_checked("cat /etc/resolv.conf");
  CHECK(contains(resolver, "\nsearch lab.example\n"));
  CHECK(contains(resolver, "\nnameserver 10.1.0.3\n"));
}

TEST_CASE("DHCPv4 as clouds do it, on the second card: a /32, classless routes over a gateway outside of it, the MTU") {
  if (!can_run(Row::core)) return;
  Lab lab;
  const std::string segment = lab.add_segment({"10.2.0.1/24", "10.99.99.1/32"});
  lab.start_dnsmasq(
      segment, {"--dhcp-range=10.2.0.50,10.2.0.50,1h", "--dhcp-option=option:netmask,255.255.255.255",
                "--dhcp-option=option:router,10.2.0.77", "--dhcp-option=121,0.0.0.0/0,10.99.99.1,10.2.0.0/24,0.0.0.0",
                "--dhcp-option=249,0.0.0.0/0,10.2.0.88", "--dhcp-option=option:mtu,1400"});
  lab.reach_from_afar(segment, "10.2.0.50");
  Vm vm(lab_machine(lab, {lab.add_card(lab.add_segment({})), lab.add_card(segment)}));
  REQUIRE(vm.wait_until_ready().at("address") == "10.2.0.50");
  Ssh owner = log_in(lab, "10.2.0.50");
  CHECK(contains(owner.run_checked("ip -4 address show dev eth1"), " 10.2.0.50/32 "));
  const std::string routes = owner.run_checked("ip route show");
  CHECK(contains(routes, "default via 10.99.99.1 dev eth1 "));
  CHECK(contains(routes, "10.2.0.0/24 dev eth1 "));
  CHECK_FALSE(contains(routes, "10.2.0.77"));  // RFC 3442: no router option beside classless routes
  CHECK_FALSE(contains(routes, "10.2.0.88"));
  CHECK(owner.run_checked("cat /sys/class/net/eth1/mtu") == "1400\n");
}

TEST_CASE("DHCPv4 of Microsoft's kind: classless routes in option 249 alone") {
  if (!can_run(Row::whole)) return;
  Lab lab;
  const std::string segment = lab.add_segment({"10.2.0.1/24"});
  lab.start_dnsmasq(segment, {"--dhcp-range=10.2.0.50,10.2.0.50,1h", "--dhcp-option=option:router,10.2.0.77",
                              "--dhcp-option=249,0.0.0.0/0,10.2.0.1"});
  lab.reach_from_afar(segment, "10.2.0.50");
  Vm vm(lab_machine(lab, {lab.add_card(segment)}));
  REQUIRE(vm.wait_until_ready().at("address") == "10.2.0.50");
  CHECK(contains(log_in(lab, "10.2.0.50").run_checked("ip route show default"), "default via 10.2.0.1 dev eth0 "));
}

TEST_CASE("IPv6 alone: the router's prefix gives the address, and no DHCP server is waited for") {
  if (!can_run(Row::core)) return;
  Lab lab;
  const std::string segment = lab.add_segment({"fd00:3::1/64"});
  lab.start_radvd("interface " + segment +
                  " { AdvSendAdvert on; prefix fd00:3::/64 {}; RDNSS fd00:3::53 {}; DNSSL lab.example {}; };");
  lab.reach_from_afar(segment, slaac_address);
  Vm vm(lab_machine(lab, {lab.add_card(segment)}));
  const Ready ready = vm.wait_until_ready();
  REQUIRE(ready.at("address") == slaac_address);
  Ssh owner = log_in(lab, slaac_address);
  CHECK(contains(owner.run_checked("ip -6 route show default"), "default via fe80::"));
  const std::string resolver = owner.run_checked("cat /etc/resolv.conf");
  CHECK(contains(resolver, "\nnameserver fd00:3::53\n"));
  CHECK(contains(resolver, "\nsearch lab.example\n"));
}

TEST_CASE("two cards, and only the second one's network has a server") {
  if (!can_run(Row::whole)) return;
  Lab lab;
  const std::string silent = lab.add_segment({"10.4.0.1/24"}), segment = lab.add_segment({"10.5.0.1/24"});
  lab.start_dnsmasq(segment, {"--dhcp-range=10.5.0.50,10.5.0.50,1h"});
  lab.reach_from_afar(segment, "10.5.0.50");
  Vm vm(lab_machine(lab, {lab.add_card(silent), lab.add_card(segment)}));
  REQUIRE(vm.wait_until_ready().at("address") == "10.5.0.50");
  CHECK(contains(log_in(lab, "10.5.0.50").run_checked("ip -4 address show dev eth1"), " 10.5.0.50/24 "));
}

TEST_CASE(
    "three cards and no server at all: the console says so within the ladder's time, fe80:: lets in, and one line by "
    "hand gives an address") {
  if (!can_run(Row::core)) return;
  Lab lab;
  std::vector<LabCard> cards;
  std::string segment;
  for (int i = 0; i < 3; ++i)
    cards.push_back(lab.add_card(
        segment = lab.add_segment(i < 2 ? std::vector<std::string>{} : std::vector<std::string>{"10.13.0.1/24"})));
  Vm vm(lab_machine(lab, cards));
  const Ready ready = vm.wait_until_ready();
  CHECK(ready.at("address") == "none");
  vm.console().wait_until_said("NOT YET: no network address so far", seconds(30));
  vm.console().wait_until_said("DHCP and RA eth0: no DHCP server has answered; eth1:", seconds(30));
  vm.console().wait_until_said("rescue network set ADDRESS/LENGTH", seconds(30));
  Ssh owner = log_in(lab, "fe80::5054:ff:fe12:3403%" + segment);
  CHECK(seconds_of_step(owner, "await the network") < 21);  // the ladder's 20 s

  CHECK(owner.run("rescue network set 10.13.0.50/24 via 10.13.0.1").status == 1);  // of which card?
  owner.run_checked("rescue network set 10.13.0.50/24 via 10.13.0.1 dns 10.13.0.53 dev eth2");
  vm.console().wait_until_said("LIFEBOAT-READY build=" + ready.at("build") + " address=10.13.0.50 ", seconds(30));
  Ssh there = log_in(lab, "10.13.0.50");
  CHECK(contains(there.run_checked("cat /etc/resolv.conf"), "nameserver 10.13.0.53\n"));
  CHECK(contains(there.run_checked("rescue network"), "from the rescue network set"));
  owner.run_checked("rescue network reset");
  CHECK_FALSE(contains(owner.run_checked("ip -4 address show dev eth2"), "10.13.0.50"));
}

TEST_CASE("a DHCP server that answers after 12 s still gives its address") {
  if (!can_run(Row::whole)) return;
  Lab lab;
  const std::string segment = lab.add_segment({"10.9.0.1/24"});
  std::chrono::steady_clock::time_point first{};
  const RawDhcpServer server(lab, segment, [&](const DhcpRequest& request) -> std::vector<DhcpReply> {
    const auto now = std::chrono::steady_clock::now();
    if (first == decltype(first){}) first = now;
    if (now - first < seconds(12)) return {};
    return {usual_reply(request)};
  });
  Vm vm(lab_machine(lab, {lab.add_card(segment)}));
  CHECK(vm.wait_until_ready().at("login") == "password");
  log_in(lab, "10.9.0.50", seconds(60));
  vm.console().wait_until_said("address=10.9.0.50 ", seconds(10));
}

TEST_CASE("a DHCP server that takes its offer back is asked again") {
  if (!can_run(Row::whole)) return;
  Lab lab;
  const std::string segment = lab.add_segment({"10.9.0.1/24"});
  bool refused = false;
  const RawDhcpServer server(lab, segment, [&](const DhcpRequest& request) -> std::vector<DhcpReply> {
    if (request.type != 3 || refused) return {usual_reply(request)};
    refused = true;
    return {{.type = 6, .address = "0.0.0.0", .options = tlv(56, "not this one")}};
  });
  Vm vm(lab_machine(lab, {lab.add_card(segment)}));
  REQUIRE(vm.wait_until_ready().at("address") == "10.9.0.50");
  CHECK(refused);
  log_in(lab, "10.9.0.50");
}

TEST_CASE("a cable that is plugged in after the start is taken up") {
  if (!can_run(Row::whole)) return;
  Lab lab;
  const std::string segment = lab.add_segment({"10.1.0.1/24"});
  lab.start_dnsmasq(segment, {"--dhcp-range=10.1.0.50,10.1.0.50,1h"});
  const LabCard card = lab.add_card(segment);
  Vm vm(lab_machine(lab, {card}));
  vm.set_cable(card, false);
  CHECK(vm.wait_until_ready().at("address") == "none");
  vm.console().wait_until_said("no carrier", seconds(30));
  vm.set_cable(card, true);
  log_in(lab, "10.1.0.50", seconds(60));
}

TEST_CASE("an address that another machine has is declined, and the server's next one is taken") {
  if (!can_run(Row::whole)) return;
  Lab lab;
  const std::string segment = lab.add_segment({"10.1.0.1/24"});
  lab.add_neighbour(segment, "10.1.0.50/24");
  lab.start_dnsmasq(segment, {"--dhcp-range=10.1.0.50,10.1.0.51,1h", "--dhcp-sequential-ip"});
  Vm vm(lab_machine(lab, {lab.add_card(segment)}));
  REQUIRE(vm.wait_until_ready().at("address") == "10.1.0.51");
  log_in(lab, "10.1.0.51");
}
