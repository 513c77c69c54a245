// The text between a source's worker and PID 1, and what must hold between a plan's links.
#include "init/net/plan.hpp"

#include "testing/catch.hpp"

using namespace lifeboat::init;

namespace {

Prefix prefix(const char* text) { return *parse_prefix(text); }
Address address(const char* text) { return *parse_address(text); }

PlannedLink card(const std::string& id) { return {.id = id, .name = id, .dhcp4 = true}; }
PlannedLink made(LinkKind kind, const std::string& id, std::vector<std::string> members) {
  return {.id = id, .kind = kind, .name = id, .members = std::move(members)};
}
PlannedLink vlan(const std::string& id, const std::string& parent, int number = 7) {
  return {.id = id, .kind = LinkKind::vlan, .name = id, .parent = parent, .vlan_id = number};
}

/// The ids in their order, and the notes.
std::string checked(std::vector<PlannedLink> links) {
  NetworkPlan plan{.links = std::move(links), .dns = {}, .search = {}, .notes = {}};
  check_plan(plan);
  std::string text;
  for (const PlannedLink& link : plan.links) text += link.id + " ";
  for (const std::string& note : plan.notes) text += "\n" + note;
  return text;
}

}  // namespace

TEST_CASE("a plan with everything in it comes through its text as it was") {
  NetworkPlan plan{.links = {card("eth0")},
                   .dns = {address("9.9.9.9")},
                   .search = {"example.org"},
                   .notes = {"what is \"a=b\" is left out"}};
  plan.links.push_back({.id = "an id = of blanks",
                        .kind = LinkKind::bond,
                        .mac = "52:54:00:12:34:56",
                        .name = "bond0",
                        .mtu = 9000,
                        .metric = 4'000'000'000,
                        .members = {"eth0"},
                        .options = {{"mode", "802.3ad"}, {"xmit_hash_policy", "layer3+4"}},
                        .dhcp4 = true,
                        .dhcp6 = Dhcpv6::stateless,
                        .accept_ra = false,
                        .addresses = {prefix("10.0.0.5/24"), prefix("2001:db8::5/64")},
                        .routes = {{prefix("0.0.0.0/0"), address("10.0.0.1"), 5},
                                   {prefix("fd00::/8"), address("::"), 0},
                                   {prefix("::/0"), address("fe80::1"), 4'294'967'295}},
                        .dns = {address("fd00::53")},
                        .search = {"lan"}});
  plan.links.push_back(vlan("v", "an id = of blanks", 4094));
  plan.links.push_back(made(LinkKind::bridge, "br0", {"v"}));
  plan.links.back().accept_ra = true;
  CHECK(parse_plan(to_text(plan)) == plan);
  CHECK(parse_plan("") == NetworkPlan{});
}

TEST_CASE("a plan of which any line is broken is none") {
  const std::string link = "link=a\nkind=card\n";
  REQUIRE(parse_plan(link));
  for (const char* broken : {"mac=52:54:00:12:34",
                             "mac=",
                             "name=a/b",
                             "name=",
                             "name=sixteen-letters-",
                             "mtu=65536",
                             "mtu=-1",
                             "mtu=",
                             "metric=4294967296",
                             "vlan=4095",
                             "vlan=x",
                             "kind=wire",
                             "dhcp4=no",
                             "dhcp6=maybe",
                             "address=10.0.0.1",
                             "address=10.0.0.1/33",
                             "address=10.0.0.256/8",
                             "route=0.0.0.0/0 10.0.0.1",
                             "route=0.0.0.0/0 x 0",
                             "route=0.0.0.0/0 10.0.0.1 -1",
                             "dns=ns.example",
                             "search=two words",
                             "search=-x",
                             "option=mode",
                             "option=../mode x",
                             "option=mode 1 2",
                             "member=",
                             "parent=",
                             "link=",
                             "note=",
                             "nonsense=1",
                             "no assignment"}) {
    INFO(broken);
    CHECK_FALSE(parse_plan(link + broken + "\n"));
  }
  for (const char* outside : {"mtu=1500", "address=10.0.0.1/8", "kind=card", "member=a"})
    CHECK_FALSE(parse_plan(outside));
}

TEST_CASE("a plan of more than 64 links is none") {
  std::string text;
  for (int i = 0; i < 64; ++i) text += "link=l" + std::to_string(i) + "\n";
  CHECK(parse_plan(text));
  CHECK_FALSE(parse_plan(text + "link=l64\n"));
}

TEST_CASE("links come after those that they are made of, whatever the order and the depth") {
  CHECK(checked({made(LinkKind::bridge, "br", {"v"}), vlan("v", "bond"), made(LinkKind::bond, "bond", {"a", "b"}),
                 card("b"), card("a")}) == "b a bond v br ");
  CHECK(checked({vlan("outer", "inner"), vlan("inner", "br"), made(LinkKind::bridge, "br", {"a"}), card("a")}) ==
        "a br inner outer ");
}

TEST_CASE("loops, strangers, second ones and members of two are taken out, each with its reason") {
  CHECK(checked({vlan("x", "y"), vlan("y", "x"), card("a")}) ==
        "a \nthe link x is left out: its link y is not there\nthe link y is left out: its link x is not there");
  CHECK(checked({made(LinkKind::bridge, "br", {"v"}), vlan("v", "br")}) ==
        "\nthe link br is left out: its member v is not there\nthe link v is left out: its link br is not there");
  CHECK(checked({card("a"), card("a")}) == "a \nthe link a is left out: a second link of this name");
  CHECK(checked({card("a"), made(LinkKind::bond, "x", {"a"}), made(LinkKind::bond, "y", {"a"})}) ==
        "a x \nthe link y is left out: its member a is a member of another");
  CHECK(checked({card("a"), vlan("v", "a", 0)}) == "a \nthe link v is left out: it has no VLAN id of 1 to 4094");
}

TEST_CASE("a link that cannot be made leaves its members to others") {
  PlannedLink nameless = made(LinkKind::bond, "x", {"a"});
  nameless.name = "not/a name";
  CHECK(checked({card("a"), nameless, made(LinkKind::bond, "y", {"a"})}) ==
        "a y \nthe link x is left out: it has no name that the kernel takes");
}
