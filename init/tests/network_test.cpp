// Against the real kernel, in a network namespace of this process. `ip` is the independent reader.
#include "init/net/network.hpp"

#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <map>

#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "init/net/dhcp_script.hpp"
#include "init/sys/mount.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using lifeboat::run_checked;
using lifeboat::TempDir;

namespace {

/// Two ends of a cable, "card" and "wire", in a fresh namespace. False where this process may not make one.
bool enter_namespace_with_cable() {
  if (::unshare(CLONE_NEWNET) != 0) {
    WARN("not run: making a network namespace takes root");
    return false;
  }
  run_checked({.argv = {"ip", "link", "add", "card", "type", "veth", "peer", "name", "wire"}});
  return true;
}

std::string ip(std::vector<std::string> words) {
  words.insert(words.begin(), {"ip", "-o"});
  return run_checked({.argv = words});
}

Link find_link(Links& links, const std::string& name) {
  const auto list = links.list();
  REQUIRE(list);
  for (const Link& link : *list)
    if (link.name == name) return link;
  FAIL("no link " << name);
  return {};
}

bool has(const std::string& text, const std::string& part) {
  INFO(text);
  CHECK(text.find(part) != std::string::npos);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("links, addresses, MTU and routes are set as `ip` then shows them") {
  if (!enter_namespace_with_cable()) return;
  auto links = Links::open();
  REQUIRE(links);
  const Link card = find_link(*links, "card");
  CHECK(card.ethernet);
  CHECK_FALSE(card.up);
  CHECK_FALSE(card.loopback);
  CHECK(find_link(*links, "lo").loopback);
  CHECK(has(ip({"link", "show", "card"}), card.mac));

  const Prefix own = *parse_prefix("10.9.0.5/24");
  REQUIRE(links->set_up(card));
  REQUIRE(links->set_up(find_link(*links, "wire")));
  REQUIRE(links->set_mtu(card, 1442));
  REQUIRE(links->add_address(card, own));
  REQUIRE(links->add_address(card, own));  // a second time changes nothing
  has(ip({"link", "show", "card"}), "mtu 1442");
  has(ip({"addr", "show", "card"}), "inet 10.9.0.5/24 brd 10.9.0.255 scope global card");
  CHECK(find_link(*links, "card").carrier);

  REQUIRE(links->add_route(card, {*parse_prefix("10.8.0.0/16"), {}}, own, 100));
  REQUIRE(links->add_route(card, {*parse_prefix("0.0.0.0/0"), *parse_address("10.9.0.1")}, own, 100));
  REQUIRE(links->add_route(card, {*parse_prefix("10.7.0.0/16"), *parse_address("172.31.1.1")}, own, 100));
  has(ip({"route"}), "10.8.0.0/16 dev card proto dhcp scope link metric 100");
  has(ip({"route"}), "default via 10.9.0.1 dev card proto dhcp metric 100");
  has(ip({"route"}), "10.7.0.0/16 via 172.31.1.1 dev card proto dhcp metric 100 onlink");

  const auto addresses = links->addresses();
  REQUIRE(addresses);
  REQUIRE(addresses->size() == 1);
  CHECK(addresses->front().text == "10.9.0.5");
  CHECK(addresses->front().prefix_length == 24);
  REQUIRE(links->remove_address(card, own));
  CHECK(links->addresses()->empty());
}

TEST_CASE("what the kernel refuses says what was tried on which interface") {
  if (!enter_namespace_with_cable()) return;
  auto links = Links::open();
  REQUIRE(links);
  const Link card = find_link(*links, "card");
  const Status route = links->add_route(card, {*parse_prefix("10.7.0.0/16"), *parse_address("10.9.0.1")}, {}, 100);
  REQUIRE_FALSE(route);
  CHECK(route.error() == "setting the route to 10.7.0.0/16 through card: Network is down");
  CHECK(links->set_mtu(card, 5).error() == "setting the MTU of card to 5: Invalid argument");
}

namespace {

/// A Network on the cable, whose DHCP client only sleeps: the test plays the script.
struct Bench {
  explicit Bench(bool link_local = false) : link_local_ipv4(link_local) {}

  bool link_local_ipv4;
  TempDir folder{"/tmp", "network"};
  std::unique_ptr<Loop> loop = std::move(*Loop::create());
  std::vector<std::string> told;
  Services services{*loop, folder.path().string(), [this](const std::string& line) { told.push_back(line); }};
  std::string leases = (folder.path() / "leases").string();
  Network network{*loop, services,
                  NetworkOptions{.busybox = make_client(),
                                 .dhcp_script = "/nonexistent",
                                 .dhcp6_client = make_client(),
                                 .lease_folder = leases,
                                 .resolv_conf = (folder.path() / "resolv.conf").string(),
                                 .link_local_ipv4 = link_local_ipv4,
                                 .sysfs = make_sysfs()},
                  [this](const std::string& line) { told.push_back(line); }, [] {}};

  std::string make_client() const {
    const std::string file = (folder.path() / "client").string();
    const std::string here = folder.path().string();
    REQUIRE(write_file(file, "#!/bin/sh\ntrap 'echo asked >> " + here + "/renewals' USR1\ntrap 'kill $!; exit' TERM\n" +
                                 "echo \"$*\" > " + here +
                                 "/arguments\nwhile :; do sleep 600 & wait; kill $!; done\n"));
    REQUIRE(::chmod(file.c_str(), 0755) == 0);
    return file;
  }
  /// veth has no device behind it; the network counts only what has one.
  std::string make_sysfs() const {
    const std::string root = (folder.path() / "sysfs").string();
    REQUIRE(make_folders(root + "/class/net/card/device"));
    return root;
  }
  void lease(const std::string& address, const std::string& router) const {
    const std::map<std::string, std::string> values{{"interface", "card"}, {"ip", address}, {"mask", "24"},
                                                    {"router", router},    {"mtu", "1400"}, {"dns", "10.9.0.3"}};
    REQUIRE(record_dhcp_event(
        "bound", [&](const char* name) { return values.count(name) != 0 ? values.at(name).c_str() : nullptr; },
        leases));
  }
  /// The client is a process of its own: a busy machine runs it late.
  bool client_has_written() const {
    loop->after(Milliseconds(10), [] {});  // asked again then
    const auto text = read_file((folder.path() / "arguments").string());
    return text && text->ends_with("\n");
  }
  bool until(const std::function<bool()>& done) { return loop->run_until(done, Milliseconds(5000)); }
};

}  // namespace

TEST_CASE("a card with a carrier gets a DHCP client, and what the lease says is set") {
  if (!enter_namespace_with_cable()) return;
  Bench bench;
  REQUIRE(bench.network.start());
  bench.network.begin_dhcp();
  CHECK_FALSE(bench.network.settled());
  run_checked({.argv = {"ip", "link", "set", "wire", "up"}});
  REQUIRE(bench.until([&] { return bench.services.is_running("dhcp-card"); }));
  bench.lease("10.9.0.5", "10.9.0.1");
  REQUIRE(bench.until([&] { return bench.network.settled(); }));
  CHECK(bench.network.addresses() == std::vector<std::string>{"10.9.0.5"});
  has(ip({"link", "show", "card"}), "mtu 1400");
  has(ip({"route"}), "default via 10.9.0.1 dev card proto dhcp metric 100");
  has(*read_file((bench.folder.path() / "resolv.conf").string()), "nameserver 10.9.0.3\n");
  REQUIRE(bench.until([&] { return bench.client_has_written(); }));
  has(*read_file((bench.folder.path() / "arguments").string()), "udhcpc -f -i card -s /nonexistent");
  CHECK(bench.told.empty());
  bench.services.stop("dhcp-card");
}

TEST_CASE("another address in a renewed lease takes the place of the old one, and a lost lease takes it away") {
  if (!enter_namespace_with_cable()) return;
  Bench bench;
  REQUIRE(bench.network.start());
  bench.network.begin_dhcp();
  run_checked({.argv = {"ip", "link", "set", "wire", "up"}});
  bench.lease("10.9.0.5", "10.9.0.1");
  REQUIRE(bench.until([&] { return bench.network.addresses() == std::vector<std::string>{"10.9.0.5"}; }));
  bench.lease("10.9.0.6", "10.9.0.1");
  REQUIRE(bench.until([&] { return bench.network.addresses() == std::vector<std::string>{"10.9.0.6"}; }));
  REQUIRE(record_dhcp_event(
      "deconfig", [](const char* name) { return std::string(name) == "interface" ? "card" : nullptr; }, bench.leases));
  REQUIRE(bench.until([&] { return bench.network.addresses().empty(); }));
  CHECK(bench.told.empty());
  bench.services.stop("dhcp-card");
}

TEST_CASE("a card has a link-local IPv4 address where that is asked for, until it has another one") {
  if (!enter_namespace_with_cable()) return;
  for (const bool asked_for : {true, false}) {
    INFO(asked_for);
    run_checked({.argv = {"ip", "link", "set", "wire", "down"}});
    Bench bench(asked_for);
    const auto card = [&] { return bench.network.interfaces().front(); };
    REQUIRE(bench.network.start());
    bench.network.begin_dhcp();
    CHECK_FALSE(can_send_ipv4(card()));
    run_checked({.argv = {"ip", "link", "set", "wire", "up"}});
    REQUIRE(bench.until([&] { return bench.services.is_running("dhcp-card"); }));
    CHECK(can_send_ipv4(card()) == asked_for);
    if (asked_for) {
      has(ip({"addr", "show", "card"}), "/16 brd 169.254.255.255 scope link card");
      has(ip({"route"}), "169.254.0.0/16 dev card");
    }
    CHECK(bench.network.addresses().empty());  // nobody reaches the machine by it
    CHECK_FALSE(bench.network.settled());
    bench.lease("10.9.0.5", "10.9.0.1");
    REQUIRE(bench.until([&] { return bench.network.settled(); }));
    CHECK(can_send_ipv4(card()));
    CHECK(ip({"addr", "show", "card"}).find("169.254.") == std::string::npos);
    CHECK(bench.told.empty());
    bench.services.stop("dhcp-card");
    run_checked({.argv = {"ip", "address", "flush", "dev", "card"}});
  }
}

TEST_CASE("the DHCP client is asked to renew by its own signal, and goes on") {
  if (!enter_namespace_with_cable()) return;
  Bench bench;
  REQUIRE(bench.network.start());
  bench.network.begin_dhcp();
  run_checked({.argv = {"ip", "link", "set", "wire", "up"}});
  REQUIRE(bench.until([&] { return bench.client_has_written(); }));
  bench.network.renew();
  REQUIRE(bench.until([&] {
    bench.loop->after(Milliseconds(10), [] {});  // asked again then
    return read_file((bench.folder.path() / "renewals").string()).value_or("") == "asked\n";
  }));
  CHECK(bench.services.is_running("dhcp-card"));
  CHECK(bench.services.restarts("dhcp-card") == 0);
  bench.services.stop("dhcp-card");
}
