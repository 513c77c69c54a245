// The machine comes up wherever its own network would: real servers in a network namespace, each test to a login over
// the address that the machine should have. LIFEBOAT_WHOLE_MATRIX=1 runs all of them, else the core alone.
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/lab.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::qemu;
namespace {

const std::string password = "vq7-Temporary-31";

/// False where this process may not make a network, or the test is not one of the core.
bool can_run(bool core) {
  if (!core && !is_whole_matrix()) return false;
  static const bool possible = Namespace::is_possible();
  if (!possible) WARN("not run: making a network namespace takes root");
  return possible;
}
constexpr bool core = true, whole = false;

VmOptions machine(const Lab& lab, std::vector<LabCard> cards) {
  VmOptions options = boots(cloud_image());
  options.network = &lab.network();
  options.cards = std::move(cards);
  options.config_drive = DriveFiles{{"openstack/latest/meta_data.json", R"({"admin_pass": ")" + password + "\"}"}};
  return options;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A login at the address: whoever answers there is the machine.
Ssh log_in(const Lab& lab, const std::string& address, seconds timeout = seconds(30)) {
  Ssh ssh(lab.network(), address, timeout);
  if (!ssh.login_with_password(password)) throw Failure("the password is refused at " + address);
  return ssh;
}

}  // namespace

TEST_CASE("DHCPv4: the address, routers, names and servers of the lease are set, and the login is at that address") {
  if (!can_run(core)) return;
  Lab lab;
  const std::string segment = lab.add_segment({"10.1.0.1/24"});
  lab.start_dnsmasq(segment, {"--dhcp-range=10.1.0.50,10.1.0.50,1h", "--dhcp-option=option:dns-server,10.1.0.3",
                              "--dhcp-option=option:domain-name,lab.example"});
  Vm vm(machine(lab, {lab.add_card(segment)}));
  REQUIRE(vm.wait_until_ready().at("address") == "10.1.0.50");
  Ssh owner = log_in(lab, "10.1.0.50");
  CHECK(contains(owner.run_checked("ip -4 address show dev eth0"), " 10.1.0.50/24 "));
  CHECK(contains(owner.run_checked("ip route show default"), "default via 10.1.0.1 dev eth0 "));
  const std::string resolver = owner.run_checked("cat /etc/resolv.conf");
  CHECK(contains(resolver, "\nsearch lab.example\n"));
  CHECK(contains(resolver, "\nnameserver 10.1.0.3\n"));
}
