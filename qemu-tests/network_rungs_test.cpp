// The network ladder's other rungs: kernel arguments, credentials, NoCloud, the recipe, the original system, a person;
// and what holds on all of them. LIFEBOAT_WHOLE_MATRIX=1 runs all, else the core alone.
#include "qemu-tests/disks/disks.hpp"
#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/lab_guest.hpp"

using namespace lifeboat::qemu;
namespace fs = std::filesystem;
namespace {

/// The recipe's own network is of a card that only one of the tests' machines has; the original system's may be used.
const fs::path& image_with_network() {
  static const Folder folder("rungs");
  static const fs::path output = folder.path() / "image";
  if (fs::exists(output)) return output;
  const fs::path recipe = folder.path() / "network.toml";
  write_file(recipe, "include = [\"" LIFEBOAT_SOURCE_DIR
                     "/recipes/debian-12-cloud.toml\"]\nmedia = [\"netboot\"]\n"
                     "[network]\nfallback = \"original\"\nconfig = \"\"\"\n"
                     "version: 2\nethernets:\n  lan:\n    match: {macaddress: '52:54:00:12:34:01'}\n"
                     "    addresses: [10.22.0.50/24]\n    gateway4: 10.22.0.1\n\"\"\"\n");
  run_checked({LIFEBOAT_BINARY_DIR "/bin/lifeboat", "build", recipe, "--fast", "--overlays",
               LIFEBOAT_SOURCE_DIR "/overlays", "--output", output, "--quiet"},
              seconds(600));
  return output;
}

/// The Debian 11 disk with a netplan file and an ifupdown file.
fs::path disk_with_network(const fs::path& folder) {
  const fs::path image = folder / "original.raw";
  fs::copy_file(disk("ext4-debian-11"), image);
  write_file(folder / "netplan",
             "network:\n  version: 2\n  ethernets:\n    lan:\n"
             "      match: {macaddress: '52:54:00:12:34:0a'}\n      set-name: lan\n"
             "      addresses: [10.23.0.50/24]\n"
             "      routes: [{to: default, via: 10.23.0.1}]\n");
  write_file(folder / "interfaces", "auto eth0\niface eth0 inet static\naddress 10.23.0.99/24\n");
  write_file(folder / "commands", "mkdir etc/netplan\nmkdir etc/network\nwrite " + (folder / "netplan").string() +
                                      " etc/netplan/50-cloud-init.yaml\nwrite " + (folder / "interfaces").string() +
                                      " etc/network/interfaces\n");
  run_checked({"/sbin/debugfs", "-w", "-f", folder / "commands", image.string() + "?offset=1048576"});
  return image;
}

/// In place of OpenStack's drive.
DriveFiles no_cloud_seed(const std::string& network_config) {
  return {{"meta-data", "instance-id: lab\n"},
          {"user-data", "#cloud-config\npassword: " + lab_password + "\n"},
          {"network-config", network_config}};
}

}  // namespace

TEST_CASE(
    "ip= with a MAC address as the device configures that card, DHCP and RA the other; each answers by the way that it "
    "was asked") {
  if (!can_run(Row::core)) return;
  Lab lab;
  const std::string first = lab.add_segment({"10.20.0.1/24", "fd00:20::1/64"});
  const std::string second = lab.add_segment({"10.21.0.1/24", "fd00:21::1/64"});
  lab.start_dnsmasq(first, {"--dhcp-range=10.20.0.50,10.20.0.50,1h", "--dhcp-host=52:54:00:12:34:01,lab-node7"});
  std::string routers;
  for (const auto& [segment, number] : {std::pair(first, "20"), std::pair(second, "21")})
    routers += "interface " + segment + " { AdvSendAdvert on; prefix fd00:" + number + "::/64 {}; };\n";
  lab.start_radvd(routers);
  VmOptions options = lab_machine(lab, {lab.add_card(first), lab.add_card(second)});
  options.kernel_arguments += " ip=10.21.0.50::10.21.0.1:255.255.255.0::52-54-00-12-34-02:none:10.21.0.53";
  Vm vm(options);
  vm.wait_until_ready();
  lab.reach_from_afar(first, "10.20.0.50");
  lab.reach_from_afar(second, "10.21.0.50");
  lab.reach_from_afar(second, "fd00:21::5054:ff:fe12:3402");
  // A router that takes nothing from a card where its sender is not: an answer by the wrong card never arrives.
  lab.network().inside([] { write_file("/proc/sys/net/ipv4/conf/all/rp_filter", "1"); });
  Ssh owner = log_in(lab, "10.21.0.50");
  CHECK(contains(owner.run_checked("ip -4 address show dev eth1"), " 10.21.0.50/24 "));
  CHECK(contains(owner.run_checked("cat /etc/resolv.conf"), "\nnameserver 10.21.0.53\n"));
  CHECK(contains(owner.run_checked("ip rule"), "from 10.21.0.50 lookup"));
  const std::string network = owner.run_checked("rescue network");
  INFO(network);
  CHECK(contains(network, "from the kernel"));
  // The kernel asks a router whose MAC address it knows five seconds later; `rescue network` breaks long lines.
  owner.run_checked(
      "timeout 60 sh -c 'until grep -q \"(by router advertisements) answers\" /run/lifeboat/report.json; do sleep 1; "
      "done'");
  const std::string routes = owner.run_checked("ip -6 route show default");
  CHECK(contains(routes, "dev eth0 proto ra metric 1124 "));
  CHECK(contains(routes, "dev eth1 proto ra metric 1224 "));
  CHECK(owner.run_checked("hostname") == "lab-node7-rescue\n");
  log_in(lab, "fd00:21::5054:ff:fe12:3402");
  log_in(lab, "10.20.0.50");
}

TEST_CASE("networkd's files as systemd credentials, from fw_cfg and SMBIOS, configure the network") {
  if (!can_run(Row::whole)) return;
  Lab lab;
  const std::string segment = lab.add_segment({"10.24.0.1/24"});
  lab.reach_from_afar(segment, "10.24.0.50");
  VmOptions options = lab_machine(lab, {lab.add_card(segment)});
  const fs::path file = lab.folder() / "credential";
  write_file(file, "[Match]\nMACAddress=52:54:00:12:34:01\n[Network]\nAddress=10.24.0.50/24\nGateway=10.24.0.1\n");
  options.extra = {"-fw_cfg", "name=opt/io.systemd.credentials/network.network.10-lan,file=" + file.string(), "-smbios",
                   "type=11,value=io.systemd.credential:network.dns=10.24.0.53"};
  Vm vm(options);
  REQUIRE(vm.wait_until_ready().at("address") == "10.24.0.50");
  Ssh owner = log_in(lab, "10.24.0.50");
  CHECK(contains(owner.run_checked("cat /etc/resolv.conf"), "\nnameserver 10.24.0.53\n"));
  CHECK(contains(owner.run_checked("rescue network"), "from the systemd credentials"));
}

TEST_CASE("NoCloud's network-config of version 2: a bridge of two cards has the address, and both cards lead to it") {
  if (!can_run(Row::whole)) return;
  Lab lab;
  const std::string first = lab.add_segment({"10.25.0.1/24"}), second = lab.add_segment({});
  const Folder folder("seed");
  const std::string config =
      "version: 2\nethernets:\n  a: {match: {macaddress: '52:54:00:12:34:01'}}\n"
      "  b: {match: {macaddress: '52:54:00:12:34:02'}}\nbridges:\n  br0:\n    interfaces: [a, b]\n"
      "    addresses: [10.25.0.50/24]\n    gateway4: 10.25.0.1\n";
  lab.add_neighbour(second, "10.25.0.2/24");
  VmOptions options = lab_machine(lab, {lab.add_card(first), lab.add_card(second)});
  options.config_drive.reset();
  options.disks = {cd_on("ide", make_iso_volume(folder.path(), "cidata", no_cloud_seed(config)))};
  Vm vm(options);
  vm.wait_until_ready();
  Ssh owner = log_in(lab, "10.25.0.50", seconds(60));
  CHECK(contains(owner.run_checked("ip -4 address show dev br0"), " 10.25.0.50/24 "));
  CHECK(owner.run_checked("ls /sys/class/net/br0/brif") == "eth0\neth1\n");
  owner.run_checked("ping -c 1 -W 10 10.25.0.2");
}

TEST_CASE("a document whose gateway is silent: DHCP beside it gives a way out, and that one is used") {
  if (!can_run(Row::whole)) return;
  Lab lab;
  const std::string segment = lab.add_segment({"10.26.0.1/24"});
  lab.start_dnsmasq(segment, {"--dhcp-range=10.26.0.50,10.26.0.50,1h"});
  Vm vm(lab_machine(lab, {lab.add_card(segment)},
                    R"({"links": [{"id": "a", "type": "phy", "ethernet_mac_address": "52:54:00:12:34:01"}],
          "networks": [{"id": "n", "type": "ipv4", "link": "a", "ip_address": "10.27.0.50", "netmask": "255.255.255.0",
                        "routes": [{"network": "0.0.0.0", "netmask": "0.0.0.0", "gateway": "10.27.0.1"}]}]})"));
  vm.wait_until_ready();
  vm.console().wait_until_said("the gateway 10.27.0.1 (from the config drive", seconds(60));
  lab.reach_from_afar(segment, "10.26.0.50");
  Ssh owner = log_in(lab, "10.26.0.50", seconds(60));
  const std::string routes = owner.run_checked("ip route show default");
  CHECK(contains(routes, "default via 10.26.0.1 dev eth0 proto dhcp metric 100 "));
  CHECK(contains(routes, "default via 10.27.0.1 dev eth0 proto dhcp metric 2148 "));
  const std::string network = owner.run_checked("rescue network");
  CHECK(contains(network, "10.27.0.1 does not answer"));
  CHECK(contains(network, "10.26.0.1 answers"));
}

TEST_CASE("set by hand while the ladder still waits: READY comes with that address") {
  if (!can_run(Row::whole)) return;
  Lab lab;
  const std::string segment = lab.add_segment({"10.28.0.1/24"});
  Vm vm(lab_machine(lab, {lab.add_card(segment)}));
  Ssh owner = log_in(lab, "fe80::5054:ff:fe12:3401%" + segment, seconds(150));
  REQUIRE_FALSE(contains(vm.console().log(), "LIFEBOAT-READY"));
  owner.run_checked("rescue network set 10.28.0.50/24 via 10.28.0.1");
  CHECK(vm.wait_until_ready().at("address") == "10.28.0.50");
  lab.reach_from_afar(segment, "10.28.0.50");
  log_in(lab, "10.28.0.50");
}

TEST_CASE("the recipe's network is that of a machine which no source tells anything") {
  if (!can_run(Row::whole)) return;
  Lab lab;
  const std::string segment = lab.add_segment({"10.22.0.1/24"});
  lab.reach_from_afar(segment, "10.22.0.50");
  VmOptions options = boots(image_with_network());
  const VmOptions machine = lab_machine(lab, {lab.add_card(segment)});
  options.network = machine.network;
  options.cards = machine.cards;
  options.config_drive = machine.config_drive;
  Vm vm(options);
  REQUIRE(vm.wait_until_ready().at("address") == "10.22.0.50");
  CHECK(contains(log_in(lab, "10.22.0.50").run_checked("rescue network"), "from the recipe"));
}

TEST_CASE(
    "without any server the original system's static address is taken, where the recipe's network has no card here") {
  if (!can_run(Row::whole)) return;
  Lab lab;
  const std::string segment = lab.add_segment({"10.23.0.1/24"});
  lab.reach_from_afar(segment, "10.23.0.50");
  VmOptions options = boots(image_with_network());
  // Two cards: an only one would be taken to be the recipe's.
  const VmOptions machine =
      lab_machine(lab, {lab.add_card(segment, "52:54:00:12:34:0a"), lab.add_card(lab.add_segment({}))});
  options.network = machine.network;
  options.cards = machine.cards;
  options.config_drive = machine.config_drive;
  options.disks = {disk_on("virtio", disk_with_network(lab.folder()))};
  const std::string before = sha256_of_file(options.disks.front().file);
  Vm vm(options);
  REQUIRE(vm.wait_until_ready().at("address") == "10.23.0.50");
  CHECK(contains(log_in(lab, "10.23.0.50").run_checked("rescue network"), "from the original system"));
  vm.quit();
  CHECK(sha256_of_file(options.disks.front().file) == before);
}
