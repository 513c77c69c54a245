// What an interface is to have, of a plan and leases; and, with several interfaces, the table that its replies go by.
#include "init/net/wish.hpp"

#include "testing/catch.hpp"

using namespace lifeboat::init;

namespace {

Prefix prefix(std::string_view text) { return *parse_prefix(text); }
Address address(std::string_view text) { return *parse_address(text); }
Address nothing(bool ipv6) { return {ipv6, {}}; }

/// A document's address and way out.
PlannedLink planned_link() {
  PlannedLink link;
  link.addresses = {prefix("10.27.0.50/24")};
  link.routes = {{prefix("0.0.0.0/0"), address("10.27.0.1")}, {prefix("10.99.0.0/16"), address("10.27.0.1")}};
  return link;
}

Lease leased(std::string_view own, std::string_view gateway) {
  Lease lease;
  lease.address = prefix(own);
  lease.routes = {{prefix("0.0.0.0/0"), address(gateway)}};
  return lease;
}

}  // namespace

TEST_CASE("a table has the own networks on the link, once each, those of router advertisements too") {
  LinkWish wish;
  wish.addresses = {prefix("10.9.0.5/24"), prefix("10.9.0.6/24"), prefix("10.8.0.5/32")};
  add_table(wish, 1003, {prefix("fd00:21::5054:ff:fe12:3402/64"), prefix("fd00:22::7/128")}, {}, 200);
  CHECK(wish.table == 1003);
  CHECK(wish.table_routes ==
        std::vector<Route>{{prefix("10.9.0.0/24"), nothing(false), 200}, {prefix("fd00:21::/64"), nothing(true), 200}});
  // Replies from our own addresses go by the table without a word; these are the kernel's.
  CHECK(wish.sources == std::vector<Address>{address("fd00:21::5054:ff:fe12:3402"), address("fd00:22::7")});
}

TEST_CASE("a table has the routers' default routes, behind those that the wish has itself") {
  LinkWish wish;
  wish.addresses = {prefix("2001:db8::5/64")};
  add_table(wish, 1003, {}, {address("fe80::1"), address("fe80::2")}, 200);
  CHECK(wish.table_routes == std::vector<Route>{{prefix("2001:db8::/64"), nothing(true), 200},
                                                {prefix("::/0"), address("fe80::1"), 1224},
                                                {prefix("::/0"), address("fe80::2"), 1224}});
  CHECK(wish.sources.empty());
}

TEST_CASE("default routes by silent gateways come behind all others, even the kernel's own") {
  const PlannedLink link = planned_link();
  const std::optional<Lease> lease = leased("10.26.0.50/24", "10.26.0.1");
  LinkWish wish = make_wish(&link, lease, {}, 100);
  put_last(wish, {address("10.27.0.1")}, lease);
  CHECK(wish.routes == std::vector<Route>{{prefix("10.99.0.0/16"), address("10.27.0.1"), 100},
                                          {prefix("0.0.0.0/0"), address("10.27.0.1"), 2148},
                                          {prefix("0.0.0.0/0"), address("10.26.0.1"), 100}});
}

TEST_CASE("a silent gateway that the DHCP server names as well stays where it is") {
  const PlannedLink link = planned_link();
  const std::optional<Lease> lease = leased("10.27.0.60/24", "10.27.0.1");
  LinkWish wish = make_wish(&link, lease, {}, 100);
  const LinkWish before = wish;
  put_last(wish, {address("10.27.0.1")}, lease);
  CHECK(wish == before);
}

TEST_CASE("a lease without a way to the metadata service gets one on the link") {
  Lease lease;
  lease.address = prefix("10.9.0.5/24");
  CHECK(make_wish(nullptr, lease, {}, 100).routes ==
        std::vector<Route>{{prefix("169.254.169.254/32"), nothing(false), 100}});
  CHECK(make_wish(nullptr, leased("10.9.0.5/24", "10.9.0.1"), {}, 100).routes ==
        std::vector<Route>{{prefix("0.0.0.0/0"), address("10.9.0.1"), 100}});
}
