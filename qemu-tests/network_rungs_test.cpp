// The network ladder's other rungs: kernel arguments, credentials, NoCloud, the recipe, the original system, a person;
// and what holds on all of them. LIFEBOAT_WHOLE_MATRIX=1 runs all, else the core alone.
#include "qemu-tests/lab_guest.hpp"

using namespace lifeboat::qemu;

TEST_CASE(
    "ip= with a MAC address as the device configures that card, DHCP and RA the other; each answers by the way that it "
    "was asked") {
  if (!can_run(Row::core)) return;
  Lab lab;
  const std::string first = lab.add_segment({"10.20.0.1/24", "fd00:20::1/64"});
  const std::string second = lab.add_segment({"10.21.0.1/24", "fd00:21::1/64"});
  lab.start_dnsmasq(first, {"--dhcp-range=10.20.0.50,10.20.0.50,1h", "--dhcp-option=option:hostname,lab-node7"});
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
  CHECK(contains(owner.run_checked("rescue network"), "from the kernel arguments"));
  log_in(lab, "10.20.0.50");
}
