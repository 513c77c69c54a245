// Links against the real kernel, with a real neighbour behind a cable. What is read back with `ip` was not ours.
#include "init/net/links.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <functional>

#include "init/sys/clock.hpp"
#include "init/tests/cable.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using test::Cable;
using test::find_link;
using test::has;
using test::ip;

namespace {

Address address(std::string_view text) { return *parse_address(text); }
Prefix prefix(std::string_view text) { return *parse_prefix(text); }

bool within(Milliseconds limit, const std::function<bool()>& done) {
  for (const auto end = Clock::now() + limit; Clock::now() < end; ::usleep(20'000))
    if (done()) return true;
  return done();
}

Links open_links() {
  auto links = Links::open();
  REQUIRE(links);
  return std::move(*links);
}

/// False where the kernel has no such links (no module of that name); a warning says so.
bool kernel_has(const Status& made, const std::string& kind) {
  if (!made && made.failure().number == EOPNOTSUPP) {
    WARN("not run: this kernel has no links of kind " << kind);
    return false;
  }
  INFO((made ? "" : made.error()));
  REQUIRE(made);
  return true;
}

}  // namespace

TEST_CASE("an IPv6 gateway outside of the own /128 is reached, on-link") {
  Cable cable;
  if (!cable.is_there()) return;
  Links links = open_links();
  const Link card = find_link(links, "card");
  REQUIRE(links.set_up(card));
  cable.ip_there({"addr", "add", "2001:db8:ffff::1/64", "dev", "wire", "nodad"});
  cable.ip_there({"addr", "add", "2001:db8:77::1/128", "dev", "wire", "nodad"});
  cable.ip_there({"route", "add", "2001:db8::5/128", "dev", "wire"});
  const Prefix own = prefix("2001:db8::5/128");
  REQUIRE(links.add_address(card, own));
  REQUIRE(links.add_route(card, {prefix("::/0"), address("2001:db8:ffff::1")}, own, 100));
  has(ip({"-6", "route"}), "default via 2001:db8:ffff::1 dev card proto dhcp metric 100 onlink");
  REQUIRE(links.add_route(card, {prefix("2001:db8:88::/48"), address("fe80::1")}, own, 100));
  has(ip({"-6", "route"}), "2001:db8:88::/48 via fe80::1 dev card proto dhcp metric 100");
  // Something that is sent by the route arrives: the gateway is resolved for it.
  REQUIRE(within(Milliseconds(4000), [&] { return links.addresses()->size() == 2; }));
  has(ip({"-6", "route", "get", "2001:db8:77::1"}), "via 2001:db8:ffff::1 dev card");
  REQUIRE(links.ask_neighbour(card, address("2001:db8:ffff::1")));
  CHECK(within(Milliseconds(2000),
               [&] { return *links.neighbour(card, address("2001:db8:ffff::1")) == Neighbour::reachable; }));

  REQUIRE(links.remove_route(card, {prefix("::/0"), address("2001:db8:ffff::1")}, 100));
  CHECK(ip({"-6", "route"}).find("default") == std::string::npos);
}

TEST_CASE("a gateway that answers is reachable, one that does not is silent after three questions") {
  Cable cable;
  if (!cable.is_there()) return;
  Links links = open_links();
  const Link card = find_link(links, "card");
  REQUIRE(links.set_up(card));
  cable.ip_there({"addr", "add", "10.9.0.1/24", "dev", "wire"});
  REQUIRE(links.add_address(card, prefix("10.9.0.5/24")));
  CHECK(*links.neighbour(card, address("10.9.0.1")) == Neighbour::unknown);
  REQUIRE(links.ask_neighbour(card, address("10.9.0.1")));
  REQUIRE(links.ask_neighbour(card, address("10.9.0.77")));
  CHECK(
      within(Milliseconds(1000), [&] { return *links.neighbour(card, address("10.9.0.1")) == Neighbour::reachable; }));
  CHECK(*links.neighbour(card, address("10.9.0.77")) == Neighbour::unknown);
  CHECK(within(Milliseconds(5000), [&] { return *links.neighbour(card, address("10.9.0.77")) == Neighbour::silent; }));
}

TEST_CASE("an IPv6 address is tentative first, and a duplicate where somebody else on the link has it") {
  Cable cable;
  if (!cable.is_there()) return;
  Links links = open_links();
  const Link card = find_link(links, "card");
  REQUIRE(links.set_up(card));
  cable.ip_there({"addr", "add", "2001:db8::5/64", "dev", "wire", "nodad"});
  // The kernel asks once: before the other end sends anything, nobody answers.
  REQUIRE(within(Milliseconds(4000), [&] {
    return cable.ip_there({"link", "show", "wire"}).find("state UP") != std::string::npos;
  }));
  REQUIRE(links.add_address(card, prefix("2001:db8::5/64")));
  REQUIRE(links.add_address(card, prefix("2001:db8::6/64")));
  const auto state = [&](const std::string& text) {
    const auto all = links.addresses_of_all_states();
    for (const LinkAddress& known : *all)
      if (known.text == text) return known.state;
    FAIL("no address " << text);
    return AddressState::ready;
  };
  const auto is_ready = [&](const std::string& text) {
    const auto ready = links.addresses();
    return std::ranges::find(*ready, text, &LinkAddress::text) != ready->end();
  };
  CHECK(state("2001:db8::5") == AddressState::tentative);
  CHECK_FALSE(is_ready("2001:db8::5"));
  CHECK(within(Milliseconds(4000), [&] { return state("2001:db8::5") == AddressState::duplicate; }));
  CHECK(within(Milliseconds(4000), [&] { return state("2001:db8::6") == AddressState::ready; }));
  CHECK(is_ready("2001:db8::6"));
  CHECK_FALSE(is_ready("2001:db8::5"));
}

TEST_CASE("replies from an address go by a table of their own, until the rule is removed") {
  Cable cable;
  if (!cable.is_there()) return;
  Links links = open_links();
  const Link card = find_link(links, "card");
  REQUIRE(links.set_up(card));
  for (const auto& [own, gateway, all] :
       {std::tuple("10.9.0.5/24", "10.9.0.1", "0.0.0.0/0"), std::tuple("2001:db8::5/64", "2001:db8::1", "::/0")}) {
    const Prefix prefix_of_own = prefix(own);
    const Route route{prefix(all), address(gateway)};
    const std::string family = prefix_of_own.address.ipv6 ? "-6" : "-4";
    const std::string from = to_text(prefix_of_own.address);
    REQUIRE(links.add_address(card, prefix_of_own));
    REQUIRE(links.add_route(card, route, prefix_of_own, 100, 1003));
    REQUIRE(links.add_rule(prefix_of_own.address, 1003));
    REQUIRE(links.add_rule(prefix_of_own.address, 1003));  // a second time changes nothing
    has(ip({family, "rule"}), "1000:\tfrom " + from + " lookup 1003");
    has(ip({family, "route", "show", "table", "1003"}), "default via " + std::string(gateway) + " dev card");
    CHECK(ip({family, "route"}).find("default") == std::string::npos);
    REQUIRE(links.remove_rule(prefix_of_own.address, 1003));
    CHECK(ip({family, "rule"}).find("1003") == std::string::npos);
    CHECK_FALSE(links.remove_rule(prefix_of_own.address, 1003));
    REQUIRE(links.remove_route(card, route, 100, 1003));
    // `ip` calls a table that never had a route or is empty an error for one family and nothing for the other.
    CHECK(ip({family, "route", "show", "table", "all"}).find("table 1003") == std::string::npos);
  }
}

TEST_CASE("a bridge is made, has members, and is removed; a card's MAC is set while it is down") {
  Cable cable;
  if (!cable.is_there()) return;
  Links links = open_links();
  if (!kernel_has(links.make_bridge("br0"), "bridge")) return;
  const Link bridge = find_link(links, "br0");
  CHECK(bridge.kind == "bridge");
  CHECK(links.make_bridge("br0").error() == "making the bridge br0: File exists");
  const Link card = find_link(links, "card");
  CHECK(card.permanent_mac == card.mac);
  REQUIRE(links.enslave(card, bridge));
  CHECK(find_link(links, "card").master == bridge.index);
  has(ip({"link", "show", "card"}), "master br0");
  REQUIRE(links.set_mac(bridge, "52:54:00:12:34:56"));
  has(ip({"link", "show", "br0"}), "link/ether 52:54:00:12:34:56");
  REQUIRE(links.set_up(bridge));
  REQUIRE(links.set_up(card));
  CHECK(within(Milliseconds(2000), [&] { return find_link(links, "br0").carrier; }));
  REQUIRE(links.set_down(bridge));
  CHECK_FALSE(find_link(links, "br0").up);
  REQUIRE(links.remove_link(bridge));
  CHECK(find_link(links, "card").master == 0);
}

TEST_CASE("a VLAN is made on its parent") {
  Cable cable;
  if (!cable.is_there()) return;
  Links links = open_links();
  const Link card = find_link(links, "card");
  if (!kernel_has(links.make_vlan(card, 4094, "card.4094"), "vlan")) return;
  CHECK(find_link(links, "card.4094").kind == "vlan");
  has(ip({"-d", "link", "show", "card.4094"}), "vlan protocol 802.1Q id 4094 ");
  CHECK(links.make_vlan(card, 4094, "other").error() == "making the VLAN other (4094 on card): File exists");
}

TEST_CASE("a bond has its options, and members that were down") {
  Cable cable;
  if (!cable.is_there()) return;
  Links links = open_links();
  const BondOptions options{{"mode", "4"},      {"miimon", "50"},     {"lacp_rate", "fast"},
                            {"updelay", "100"}, {"downdelay", "150"}, {"xmit_hash_policy", "layer3+4"}};
  if (!kernel_has(links.make_bond("bond0", {}), "bond")) return;
  REQUIRE(links.make_bond("bond0", options));  // in the place of one that nobody uses
  const Link bond = find_link(links, "bond0");
  CHECK(bond.kind == "bond");
  REQUIRE(links.set_mac(bond, "52:54:00:12:34:56"));
  REQUIRE(links.enslave(find_link(links, "card"), bond));
  REQUIRE(links.set_up(bond));
  const std::string shown = ip({"-d", "link", "show", "bond0"});
  for (const char* part : {"mode 802.3ad miimon 50 updelay 100 downdelay 150", "xmit_hash_policy layer3+4",
                           "lacp_rate fast", "link/ether 52:54:00:12:34:56"})
    has(shown, part);
  CHECK(find_link(links, "card").mac == "52:54:00:12:34:56");
  CHECK(links.make_bond("bond0", options).error() == "making the bond bond0: File exists");
  CHECK(within(Milliseconds(2000), [&] { return find_link(links, "bond0").carrier; }));
}
