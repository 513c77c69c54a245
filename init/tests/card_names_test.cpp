// The names that an installed system has for cards, which the rescue system's kernel names its own way.
#include "init/net/card_names.hpp"

#include <algorithm>
#include <filesystem>

#include "builder/base/file.hpp"
#include "init/sys/mount.hpp"
#include "testing/catch.hpp"

namespace fs = std::filesystem;
using namespace lifeboat::init;
using lifeboat::TempDir;

namespace {

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

NetworkPlan plan_with(std::vector<PlannedLink> links) {
  NetworkPlan plan;
  plan.links = std::move(links);
  return plan;
}

const std::vector<Card> two_cards{{"eth0", "52:54:00:00:00:01", {"enp1s0", "ens3"}},
                                  {"eth1", "52:54:00:00:00:02", {"enp2s0"}}};

}  // namespace

TEST_CASE("a card's other names come of its PCI address, its slot, the firmware's index and its MAC address") {
  const std::string virtio = "/sys/devices/pci0000:00/0000:00:03.0/virtio0/";
  const auto names = other_names(virtio, "", {{"3", "0000:00:03"}, {"4", "0000:00:04"}}, "52:54:00:12:34:56");
  CHECK(has(names, "enp0s3"));
  CHECK(has(names, "ens3"));
  CHECK(has(names, "enx525400123456"));
  CHECK_FALSE(has(names, "ens4"));
  // Buses and slots are in decimal; a bridge's slot is that of what lies behind it.
  const std::string behind = "/sys/devices/pci0000:00/0000:00:1c.0/0000:1a:00.1/";
  const auto others = other_names(behind, "2", {{"7", "0000:1a:00"}}, "");
  CHECK(has(others, "enp26s0f1"));
  CHECK(has(others, "ens7f1"));
  CHECK(has(others, "eno2"));
  CHECK(has(other_names("/sys/devices/pci0001:00/0001:00:02.0/", "", {}, ""), "enP1p0s2"));
  CHECK(other_names("/sys/devices/vif-0/", "0", {}, "").empty());
}

TEST_CASE("cards are those with a device, found in sysfs with what names them") {
  const TempDir folder("/tmp", "sysfs");
  const std::string sysfs = folder.path().string(), device = sysfs + "/devices/pci0000:00/0000:00:03.0/virtio0";
  REQUIRE(make_folders(device + "/net/eth0"));
  REQUIRE(make_folders(sysfs + "/class/net/lo"));
  REQUIRE(make_folders(sysfs + "/bus/pci/slots/3"));
  REQUIRE(write_file(sysfs + "/bus/pci/slots/3/address", "0000:00:03\n"));
  fs::create_directory_symlink(device + "/net/eth0", sysfs + "/class/net/eth0");
  fs::create_directory_symlink("../..", device + "/net/eth0/device");
  REQUIRE(write_file(device + "/net/eth0/type", "1\n"));
  REQUIRE(write_file(device + "/net/eth0/address", "52:54:00:12:34:56\n"));
  const auto cards = list_cards(sysfs);
  REQUIRE(cards.size() == 1);
  CHECK(cards.front().name == "eth0");
  CHECK(cards.front().mac == "52:54:00:12:34:56");
  CHECK(has(cards.front().others, "ens3"));
  CHECK(list_cards("/nonexistent").empty());
}

TEST_CASE("a plan's card by another name is known by its MAC address then") {
  NetworkPlan plan =
      plan_with({{.id = "ens3", .name = "ens3"}, {.id = "eth1", .name = "eth1"}, {.id = "*", .name = "*"}});
  name_cards_by_mac(plan, two_cards);
  CHECK(plan.links[0].mac == "52:54:00:00:00:01");
  CHECK(plan.links[1].mac == "52:54:00:00:00:02");
  CHECK(plan.links[2].mac.empty());
  CHECK(plan.notes.empty());
}

TEST_CASE("a MAC address that the system gave to its card does not hide the card's name") {
  NetworkPlan plan = plan_with({{.id = "ens3", .mac = "02:00:00:00:00:99", .name = "ens3"},
                                {.id = "bond0", .kind = LinkKind::bond, .mac = "02:00:00:00:00:98", .name = "bond0"}});
  name_cards_by_mac(plan, two_cards);
  CHECK(plan.links[0].mac == "52:54:00:00:00:01");
  CHECK(plan.links[1].mac == "02:00:00:00:00:98");
}

TEST_CASE("one card and one link that nothing is known of are taken for each other's, and that is said") {
  NetworkPlan plan = plan_with({{.id = "ens192", .name = "ens192"}, {.id = "enp2s0", .name = "enp2s0"}});
  name_cards_by_mac(plan, two_cards);
  CHECK(plan.links[0].mac == "52:54:00:00:00:01");
  CHECK(plan.links[1].mac == "52:54:00:00:00:02");
  CHECK(plan.notes ==
        std::vector<std::string>{"its ens192 is taken to be eth0, the only card that nothing else is said of"});
}

TEST_CASE("of two cards none is guessed") {
  NetworkPlan plan = plan_with({{.id = "ens192", .name = "ens192"}});
  name_cards_by_mac(plan, two_cards);
  CHECK(plan.links[0].mac.empty());
  CHECK(plan.notes.empty());
}
