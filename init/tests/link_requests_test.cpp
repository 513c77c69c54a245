// Every request byte for byte. The expected bytes are written from the kernel's structs (linux/netlink.h, rtnetlink.h,
// if_link.h, if_addr.h, neighbour.h, fib_rules.h): header, body, attributes, each in a line or two.
#include "init/net/link_requests.hpp"

#include "init/net/link_parse.hpp"
#include "init/tests/hex.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using test::from_hex;
using test::to_hex;

namespace {

const Link card{.index = 3, .name = "card"};
const Link bond{.index = 9, .name = "bond0"};

void is(const NetlinkRequest& request, std::string_view expected) {
  CHECK(to_hex(request.bytes()) == to_hex(from_hex(expected)));
}

Prefix prefix(std::string_view text) { return *parse_prefix(text); }
Address address(std::string_view text) { return *parse_address(text); }

}  // namespace

TEST_CASE("lists are asked for with a dump of everything, neighbours with those of one link") {
  is(list_links_request(), "20000000 1200 0103 00000000 00000000  00 00 0000 00000000 00000000 00000000");
  is(list_addresses_request(), "18000000 1600 0103 00000000 00000000  00 00 00 00 00000000");
  is(list_ipv6_routes_request(), "1c000000 1a00 0103 00000000 00000000  0a 00 00 00 00 00 00 00 00000000");
  is(list_neighbours_request(card, address("fe80::1")),
     "24000000 1e00 0103 00000000 00000000  0a 00 0000 00000000 0000 00 00  0800 0800 03000000");
}

TEST_CASE("a link is set up and down, its MTU, MAC and master set") {
  is(set_up_request(card, true), "20000000 1000 0500 00000000 00000000  00 00 0000 03000000 01000000 01000000");
  is(set_up_request(card, false), "20000000 1000 0500 00000000 00000000  00 00 0000 03000000 00000000 01000000");
  is(set_mtu_request(card, 1442),
     "28000000 1000 0500 00000000 00000000  00 00 0000 03000000 00000000 00000000  0800 0400 a2050000");
  is(set_mac_request(card, "52:54:00:12:ab:ff"),
     "2c000000 1000 0500 00000000 00000000  00 00 0000 03000000 00000000 00000000  0a00 0100 52540012abff 0000");
  is(set_master_request(card, bond),
     "28000000 1000 0500 00000000 00000000  00 00 0000 03000000 00000000 00000000  0800 0a00 09000000");
}

TEST_CASE("a VLAN is made on its parent, a bridge on nothing, and both are removed by their index") {
  is(make_vlan_request(bond, 4094, "bond0.4094"),
     "50000000 1000 0506 00000000 00000000  00 00 0000 00000000 00000000 00000000"
     "0e00 0300 626f6e64302e34303934 0000  0800 0500 09000000"
     "1800 1200  0800 0100 766c616e  0c00 0200  0600 0100 fe0f 0000");
  is(make_bridge_request("br0"),
     "38000000 1000 0506 00000000 00000000  00 00 0000 00000000 00000000 00000000"
     "0700 0300 627230 00  1000 1200  0a00 0100 627269646765 0000");
  is(remove_link_request(bond), "20000000 1100 0500 00000000 00000000  00 00 0000 09000000 00000000 00000000");
}

TEST_CASE("a bond is made with its options by name or number, each as wide as the kernel wants it") {
  const auto by_name = make_bond_request("bond0", {{"mode", "802.3ad"},
                                                   {"miimon", "50"},
                                                   {"lacp_rate", "fast"},
                                                   {"xmit_hash_policy", "layer3+4"},
                                                   {"updelay", "200"},
                                                   {"downdelay", "300"}});
  REQUIRE(by_name);
  const std::string_view bytes =
      "6c000000 1000 0506 00000000 00000000  00 00 0000 00000000 00000000 00000000"
      "0900 0300 626f6e6430 000000"
      "4000 1200  0800 0100 626f6e64  3400 0200"
      "0500 0100 04 000000  0800 0300 32000000  0500 1500 01 000000  0500 0e00 01 000000"
      "0800 0400 c8000000  0800 0500 2c010000";
  is(*by_name, bytes);
  const auto by_number = make_bond_request("bond0", {{"mode", "4"},
                                                     {"miimon", "50"},
                                                     {"lacp_rate", "1"},
                                                     {"xmit_hash_policy", "1"},
                                                     {"updelay", "200"},
                                                     {"downdelay", "300"}});
  REQUIRE(by_number);
  is(*by_number, bytes);
}

TEST_CASE("a bond whose document does not say how members are watched watches their carrier") {
  const auto plain = make_bond_request("b", {{"mode", "active-backup"}});
  REQUIRE(plain);
  is(*plain,
     "48000000 1000 0506 00000000 00000000  00 00 0000 00000000 00000000 00000000  0500 0300 62 000000"
     "2000 1200  0800 0100 626f6e64  1400 0200  0500 0100 01 000000  0800 0300 64000000");
  const auto by_arp = make_bond_request("b", {{"arp_interval", "500"}, {"arp_ip_target", "10.0.0.1,10.0.0.2"}});
  REQUIRE(by_arp);
  is(*by_arp,
     "54000000 1000 0506 00000000 00000000  00 00 0000 00000000 00000000 00000000  0500 0300 62 000000"
     "2c00 1200  0800 0100 626f6e64  2000 0200  0800 0700 f4010000"
     "1400 0800  0800 0000 0a000001  0800 0100 0a000002");
}

TEST_CASE("an option that the bond's mode has no use for, or that names a member, is passed over") {
  const auto plain = make_bond_request("b", {{"mode", "active-backup"}});
  const auto more = make_bond_request("b", {{"mode", "active-backup"}, {"lacp_rate", "fast"}, {"primary", "eth0"}});
  REQUIRE(more);
  CHECK(to_hex(more->bytes()) == to_hex(plain->bytes()));
}

TEST_CASE("an unknown option of a bond, and a value that none can have, are named") {
  const auto error = [](const BondOptions& options) { return make_bond_request("b", options).error(); };
  CHECK(error({{"mode", "1"}, {"colour", "red"}}) == "unknown option \"colour\" of a bond");
  CHECK(error({{"a\nb", "1"}}) == "unknown option \"a?b\" of a bond");
  CHECK(error({{"mode", "8"}}) == "a bond's option mode cannot be \"8\"");
  CHECK(error({{"mode", "fast\x1b"}}) == "a bond's option mode cannot be \"fast?\"");
  CHECK(error({{"miimon", "-1"}}) == "a bond's option miimon cannot be \"-1\"");
  CHECK(error({{"miimon", "2147483648"}}) == "a bond's option miimon cannot be \"2147483648\"");
  CHECK(error({{"num_grat_arp", "256"}}) == "a bond's option num_grat_arp cannot be \"256\"");
  CHECK(error({{"arp_ip_target", "10.0.0.1,fe80::1"}}) ==
        "a bond's option arp_ip_target cannot be \"10.0.0.1,fe80::1\"");
  CHECK(error({{"arp_ip_target", ""}}) == "a bond's option arp_ip_target cannot be \"\"");
}

TEST_CASE("an address is given with its network's broadcast address, and taken by itself") {
  is(add_address_request(card, prefix("10.9.1.5/20")),
     "30000000 1400 0505 00000000 00000000  02 14 00 00 03000000"
     "0800 0200 0a090105  0800 0100 0a090105  0800 0400 0a090fff");
  is(add_address_request(card, prefix("10.9.1.5/32")),
     "28000000 1400 0505 00000000 00000000  02 20 00 00 03000000  0800 0200 0a090105  0800 0100 0a090105");
  is(add_address_request(card, prefix("169.254.7.5/16")),  // scope link
     "30000000 1400 0505 00000000 00000000  02 10 00 fd 03000000"
     "0800 0200 a9fe0705  0800 0100 a9fe0705  0800 0400 a9feffff");
  is(add_address_request(card, prefix("2001:db8::5/64")),
     "40000000 1400 0505 00000000 00000000  0a 40 00 00 03000000"
     "1400 0200 20010db8000000000000000000000005  1400 0100 20010db8000000000000000000000005");
  is(remove_address_request(card, prefix("10.9.1.5/20")),
     "20000000 1500 0500 00000000 00000000  02 14 00 00 03000000  0800 0200 0a090105");
}

TEST_CASE("a route goes through its gateway, which is declared on-link only where it must be") {
  const TableRoute inside{{prefix("0.0.0.0/0"), address("10.9.0.1")}, prefix("10.9.0.5/24"), 100};
  is(add_route_request(card, inside),
     "34000000 1800 0505 00000000 00000000  02 00 00 00 fe 10 00 01 00000000"
     "0800 0500 0a090001  0800 0400 03000000  0800 0600 64000000");
  const TableRoute outside{{prefix("0.0.0.0/0"), address("172.31.1.1")}, prefix("10.9.0.5/32"), 100};
  is(add_route_request(card, outside),
     "34000000 1800 0505 00000000 00000000  02 00 00 00 fe 10 00 01 04000000"
     "0800 0500 ac1f0101  0800 0400 03000000  0800 0600 64000000");
  const TableRoute link_local{{prefix("::/0"), address("fe80::1")}, prefix("2001:db8::5/128"), 100};
  is(add_route_request(card, link_local),
     "40000000 1800 0505 00000000 00000000  0a 00 00 00 fe 10 00 01 00000000"
     "1400 0500 fe800000000000000000000000000001  0800 0400 03000000  0800 0600 64000000");
}

TEST_CASE("a network on the link is a route without a gateway; a route's own metric counts before the link's") {
  const TableRoute direct{{prefix("10.8.3.0/16"), {}, 7}, prefix("10.9.0.5/24"), 100};
  is(add_route_request(card, direct),
     "34000000 1800 0505 00000000 00000000  02 10 00 00 fe 10 fd 01 00000000"
     "0800 0100 0a080000  0800 0400 03000000  0800 0600 07000000");
  is(remove_route_request(card, direct),
     "34000000 1900 0500 00000000 00000000  02 10 00 00 fe 10 fd 01 00000000"
     "0800 0100 0a080000  0800 0400 03000000  0800 0600 07000000");
}

TEST_CASE("reply routing is a rule for an address and routes in a table of any number") {
  const TableRoute low{{prefix("0.0.0.0/0"), address("10.9.0.1")}, prefix("10.9.0.5/24"), 100, 200};
  is(add_route_request(card, low),
     "34000000 1800 0505 00000000 00000000  02 00 00 00 c8 10 00 01 00000000"
     "0800 0500 0a090001  0800 0400 03000000  0800 0600 64000000");
  const TableRoute high{{prefix("0.0.0.0/0"), address("10.9.0.1")}, prefix("10.9.0.5/24"), 100, 1003};
  is(add_route_request(card, high),
     "3c000000 1800 0505 00000000 00000000  02 00 00 00 00 10 00 01 00000000"
     "0800 0500 0a090001  0800 0400 03000000  0800 0600 64000000  0800 0f00 eb030000");
  is(add_rule_request(address("10.9.0.5"), 1003),
     "34000000 2000 0506 00000000 00000000  02 00 20 00 00 00 00 01 00000000"
     "0800 0200 0a090005  0800 0600 e8030000  0800 0f00 eb030000");
  is(remove_rule_request(address("2001:db8::5"), 200),
     "40000000 2100 0500 00000000 00000000  0a 00 80 00 c8 00 00 01 00000000"
     "1400 0200 20010db8000000000000000000000005  0800 0600 e8030000  0800 0f00 c8000000");
}

TEST_CASE("a neighbour is asked for as if there was something to send") {
  is(ask_neighbour_request(card, address("10.9.0.1")),
     "24000000 1c00 0505 00000000 00000000  02 00 0000 03000000 1000 01 00  0800 0100 0a090001");
}

TEST_CASE("what the kernel says of a link is read, nested attributes too") {
  const std::string bytes = from_hex(
      "00 00 0100 05000000 43100100 00000000"  // up, with carrier
      "0a00 0300 65746830 3000 0000"           // "eth00"
      "0a00 0100 020304050607 0000  0a00 3600 525400123456 0000"
      "0800 0400 dc050000  0800 0a00 09000000"
      "0c00 1280 0700 0100 627230 00"  // with NLA_F_NESTED: kind "br0"
      "1800 1a00  0400 0200  1000 0a00  0800 0100 c0000080  0400 0200");
  const auto link = parse_link({16, bytes});
  REQUIRE(link);
  CHECK(link->index == 5);
  CHECK(link->name == "eth00");
  CHECK(link->mac == "02:03:04:05:06:07");
  CHECK(link->permanent_mac == "52:54:00:12:34:56");
  CHECK(link->mtu == 1500);
  CHECK(link->master == 9);
  CHECK(link->kind == "br0");
  CHECK((link->up && link->carrier && link->ethernet && !link->loopback));
  CHECK((link->ra_managed && link->ra_other));
  CHECK_FALSE(parse_link({17, bytes}));
}

TEST_CASE("a link cut off anywhere is read as far as it goes") {
  const std::string bytes = from_hex(
      "00 00 0100 05000000 43100100 00000000  0a00 0100 020304050607 0000"
      "1800 1a00  0400 0200  1000 0a00  0800 0100 40000000  0400 0200");
  CHECK(parse_link({16, bytes})->ra_managed);
  CHECK_FALSE(parse_link({16, bytes})->ra_other);
  CHECK(parse_link({16, bytes})->permanent_mac == "02:03:04:05:06:07");
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    const auto link = parse_link({16, std::string_view(bytes).substr(0, cut)});
    CHECK(link.has_value() == (cut >= 16));
    if (link) CHECK_FALSE(link->ra_managed);
  }
}

TEST_CASE("an address says whether somebody else has it") {
  const auto state = [](std::string_view flags) {
    const std::string bytes =
        from_hex("0a 40 " + std::string(flags) + " 00 03000000  1400 0100 20010db8000000000000000000000005");
    return parse_link_address({20, bytes})->state;
  };
  CHECK(state("00") == AddressState::ready);
  CHECK(state("40") == AddressState::tentative);
  CHECK(state("48") == AddressState::duplicate);
  CHECK(state("08") == AddressState::duplicate);
}

TEST_CASE("a router's default route is one of IPv6 that the kernel made of its advertisement") {
  const auto parse = [](const std::string& hex) {
    const std::string bytes = from_hex(hex);
    return parse_router_route({24, bytes});
  };
  const std::string route = "0a 00 00 00 fe 09 00 01 00000000", index = "0800 0400 03000000",
                    gateway = "1400 0500 fe800000000000000000000000000001";
  CHECK(parse(route + index + gateway) == RouterRoute{3, address("fe80::1")});
  CHECK(parse(route + "0800 0600 64040000" + gateway + index) == RouterRoute{3, address("fe80::1")});
  CHECK_FALSE(parse("0a 00 00 00 fe 10 00 01 00000000" + index + gateway));  // of DHCP's kind: ours
  CHECK_FALSE(parse("0a 40 00 00 fe 09 00 01 00000000" + index + gateway));  // to a /64
  CHECK_FALSE(parse("02 00 00 00 fe 09 00 01 00000000" + index + gateway));
  CHECK_FALSE(parse(route + index));
  CHECK_FALSE(parse(route + gateway));
  CHECK_FALSE(parse(route + index + "0800 0500 0a090001"));
  const std::string whole = from_hex(route + index + gateway);
  CHECK_FALSE(parse_router_route({25, whole}));
  for (std::size_t cut = 0; cut < whole.size(); ++cut)
    CHECK_FALSE(parse_router_route({24, std::string_view(whole).substr(0, cut)}));
}
