#include "init/rescue/network_command.hpp"

#include "init/contract/text.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;

namespace {

/// The plan as its text, or "failure: ...".
std::string plan_of(std::string_view line, const std::vector<std::string>& cards = {"eth0"},
                    std::size_t with_carrier = 1) {
  const auto words = lifeboat::contract::split_words(line, " ");
  const auto plan = parse_network_words(words, cards, with_carrier);
  return plan ? to_text(*plan) : "failure: " + plan.error();
}

}  // namespace

TEST_CASE("one line by hand becomes the plan of one card") {
  CHECK(plan_of("192.0.2.10/24 via 192.0.2.1 dns 192.0.2.53 9.9.9.9 dev eth1", {"eth0", "eth1"}, 0) ==
        "link=by-hand\nkind=card\nname=eth1\ndhcp6=by-router\naddress=192.0.2.10/24\nroute=0.0.0.0/0 192.0.2.1 0\n"
        "dns=192.0.2.53\ndns=9.9.9.9\n");
  CHECK(plan_of("192.0.2.10/32 via 10.0.0.1 2001:db8::10/64 via fe80::1") ==
        "link=by-hand\nkind=card\nname=eth0\ndhcp6=by-router\naddress=192.0.2.10/32\naddress=2001:db8::10/64\n"
        "route=0.0.0.0/0 10.0.0.1 0\nroute=::/0 fe80::1 0\n");
}

TEST_CASE("without a card named it is the only one, or the only one with a carrier") {
  CHECK(plan_of("192.0.2.10/24", {"eth1", "eth0"}, 1).find("name=eth1\n") != std::string::npos);
  CHECK(plan_of("192.0.2.10/24", {"eth0", "eth1"}, 2) ==
        "failure: this machine has several cards: eth0, eth1\nhint: say which one: dev eth0");
  CHECK(plan_of("192.0.2.10/24", {}, 0) == "failure: this machine has no network card that the kernel knows");
  CHECK(plan_of("192.0.2.10/24 dev eth7") ==
        "failure: there is no card \"eth7\"\nhint: `rescue network` shows those that are there");
}

TEST_CASE("a wrong word is named, with what would be right") {
  CHECK(plan_of("") == "failure: no address was given\nhint: as in rescue network set 192.0.2.10/24 via 192.0.2.1");
  CHECK(plan_of("192.0.2.10") == "failure: \"192.0.2.10\" has no length\nhint: the network's, as in 192.0.2.10/24");
  CHECK(plan_of("192.0.2.10/33") ==
        "failure: \"192.0.2.10/33\" is no address of a machine\nhint: as in 192.0.2.10/24 or 2001:db8::10/64");
  CHECK(plan_of("127.0.0.1/8").starts_with("failure: \"127.0.0.1/8\" is no address of a machine"));
  CHECK(plan_of("192.0.2.10/24 via 192.0.2.1/24").starts_with("failure: \"192.0.2.1/24\" is no gateway\nhint: "));
  CHECK(plan_of("192.0.2.10/24 via fe80::1") ==
        "failure: the gateway fe80::1 is of another family than the addresses before it");
  CHECK(plan_of("192.0.2.10/24 via") == "failure: nothing follows \"via\"");
  CHECK(plan_of("192.0.2.10/24 dns dev eth0") == "failure: nothing follows \"dns\"");
  CHECK(
      plan_of("192.0.2.10/24 dns example.org").starts_with("failure: \"example.org\" is no address of a name server"));
}
