// Network documents that no cloud made: the kernel command line's and those of installed systems.
#include <sstream>

#include "init/contract/kernel_arguments.hpp"
#include "init/contract/text.hpp"
#include "init/source/ip_arguments.hpp"
#include "init/source/original_network.hpp"
#include "init/source/source.hpp"
#include "init/tests/cases.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
using namespace lifeboat::init;
using lifeboat::init::test::read_cases;

namespace {

/// Without the last line end, as the tables have their texts; what a plan says survives the way to PID 1.
std::string told(const NetworkPlan& plan) {
  std::string text = to_text(plan);
  CHECK(parse_plan(text) == plan);
  if (!text.empty()) text.pop_back();
  return text;
}

}  // namespace

TEST_CASE("a kernel command line becomes the network plan that the table says") {
  for (const auto& one : read_cases("ip_arguments.txt")) {
    INFO(one.name);
    const IpArguments read = parse_ip_arguments(contract::parse_kernel_arguments(one.input).network);
    CHECK((read.hostname.empty() ? "" : "hostname=" + read.hostname + "\n") + told(read.plan) == one.expected);
  }
}

TEST_CASE("ip= goes before every other source, and is nothing where it is not given") {
  CHECK(all_sources().front().name == "kernel ip=");
  const auto from = [](const char* line) {
    Platform platform;
    platform.kernel_command_line = line;
    return read_ip_arguments(platform);
  };
  const auto given = from("ip=192.0.2.5/24::192.0.2.1::web1:eth0:none");
  REQUIRE(given);
  CHECK(given->hostname == "web1");
  CHECK(given->network.links.size() == 1);
  const auto nothing = from("quiet");
  REQUIRE_FALSE(nothing);
  CHECK(is_nothing_there(nothing.failure()));
}

namespace {

/// A table's input: a line "@ PATH" before each file's lines.
std::vector<NetworkFile> files_of(const std::string& input) {
  std::vector<NetworkFile> files;
  std::istringstream lines(input);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("@ "))
      files.push_back({line.substr(2), ""});
    else if (!files.empty())
      files.back().text += line + "\n";
  }
  return files;
}

void check_table(const std::string& table, NetworkPlan (*parse)(const std::vector<NetworkFile>&)) {
  for (const auto& one : read_cases(table)) {
    INFO(table << ": " << one.name);
    CHECK(told(parse(files_of(one.input))) == one.expected);
  }
}

}  // namespace

TEST_CASE("ifupdown's files become the network plan that the table says") {
  check_table("original_ifupdown.txt", parse_interfaces);
}

TEST_CASE("Red Hat's ifcfg files become the network plan that the table says") {
  check_table("original_ifcfg.txt", parse_ifcfg);
}

TEST_CASE("NetworkManager's keyfiles become the network plan that the table says") {
  check_table("original_keyfiles.txt", parse_keyfiles);
}

TEST_CASE("systemd-networkd's files become the network plan that the table says") {
  check_table("original_networkd.txt", parse_networkd);
}

TEST_CASE("of several kinds of files the first that configures a link counts; leftovers and strange paths do not") {
  const NetworkFile loopback{"etc/network/interfaces", "auto lo\niface lo inet loopback\n"};
  const NetworkFile leftover{"etc/NetworkManager/system-connections/a.nmconnection~",
                             "[connection]\ntype=ethernet\n[ipv4]\nmethod=auto\n"};
  const NetworkFile strange{"etc/systemd/network-else/a.network", "[Match]\nName=eth1\n"};
  const NetworkFile ifcfg{"etc/sysconfig/network-scripts/ifcfg-eth0", "DEVICE=eth0\nBOOTPROTO=dhcp\n"};
  const NetworkFile networkd{"etc/systemd/network/a.network", "[Match]\nName=eth0\n[Network]\nDHCP=yes\n"};
  CHECK(find_original_network({loopback, leftover, strange}).origin.empty());
  const auto found = find_original_network({loopback, leftover, ifcfg, networkd, strange});
  CHECK(found.origin == "ifcfg files (etc/sysconfig/network-scripts/ifcfg-eth0)");
  CHECK(told(found.plan) == "link=eth0\nkind=card\nname=eth0\ndhcp4=yes\ndhcp6=by-router");
  CHECK(find_original_network({networkd, networkd}).origin ==
        "systemd-networkd (etc/systemd/network/a.network and others)");
}

TEST_CASE("netplan's files are read before all others, each of them; one that is broken is said") {
  const NetworkFile first{"etc/netplan/10-a.yaml",
                          "network: {version: 2, ethernets: {eth0: {addresses: [192.0.2.5/24]}}}"};
  const NetworkFile second{"etc/netplan/20-b.yaml", "network: {version: 2, ethernets: {eth1: {dhcp4: true}}}"};
  const NetworkFile broken{"etc/netplan/30-c.yaml", "network: ["};
  const NetworkFile other{"etc/netplan/40-d.txt", "network: {version: 2, ethernets: {eth2: {dhcp4: true}}}"};
  const NetworkFile interfaces{"etc/network/interfaces", "auto eth3\niface eth3 inet dhcp\n"};
  const auto found = find_original_network({interfaces, first, second, broken, other});
  CHECK(found.origin == "netplan (etc/netplan/10-a.yaml and others)");
  REQUIRE(found.plan.links.size() == 2);
  CHECK(found.plan.links[0].name == "eth0");
  CHECK(found.plan.links[1].name == "eth1");
  REQUIRE(found.plan.notes.size() == 1);
  CHECK(found.plan.notes.front().starts_with("etc/netplan/30-c.yaml: "));
}
