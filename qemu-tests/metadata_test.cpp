// Metadata services: what the platform keeps for the server logs in, without any drive. The services are this
// process's, in a network namespace in which nothing else can be reached.
#include <sched.h>

#include <optional>

#include "qemu-tests/harness/key_pair.hpp"
#include "qemu-tests/lab_guest.hpp"
#include "testing/raw_server.hpp"

using namespace lifeboat::qemu;
using lifeboat::testing::Connection;
using lifeboat::testing::RawServer;

namespace {

/// False where this process may not make the namespace.
bool enter_cloud() {
  static const bool entered = [] {
    if (::unshare(CLONE_NEWNET) != 0) return false;
    run_checked({"ip", "link", "set", "lo", "up"});
    run_checked({"ip", "address", "add", "169.254.169.254/32", "dev", "lo"});
    return true;
  }();
  if (!entered) WARN("not run: making a network namespace takes root");
  return entered;
}

VmOptions machine_of(const std::string& system) {
  VmOptions options = boots(cloud_image());
  options.network_open = true;
  options.extra = {"-smbios", "type=1," + system};
  return options;
}

VmOptions machine_in(Lab& lab, const std::string& segment, const std::string& system) {
  VmOptions options = boots(cloud_image());
  options.network = &lab.network();
  options.cards = {lab.add_card(segment)};
  options.extra = {"-smbios", "type=1," + system};
  return options;
}

/// A metadata service in the Lab.
class CloudInLab {
 public:
  CloudInLab(const Lab& lab, const RawServer::Serve& serve) {
    lab.network().inside([&] { server_.emplace(serve, "169.254.169.254", 80); });
  }

 private:
  std::optional<RawServer> server_;
};

/// Whatever the console's lines break.
bool says(Vm& vm, const std::string& text) {
  std::string said;
  for (const char c : vm.console().log()) {
    const bool blank = c == ' ' || c == '\r' || c == '\n';
    if (!blank || !said.ends_with(' ')) said += blank ? ' ' : c;
  }
  return said.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("where there is no DHCP the service is asked from a link-local address, and says what the network is") {
  if (!can_run(Row::core)) return;
  const KeyPair key;
  Lab lab;
  const std::string segment = lab.add_segment({"10.21.0.1/24", "169.254.169.254/16"});
  const CloudInLab service(lab, [&](const Connection& connection) {
    const bool known = connection.what() == "GET /metadata/v1.json";
    connection.send_page(known ? R"({"hostname": "web5", "public_keys": [")" + key.line + R"("],
                                     "dns": {"nameservers": ["10.21.0.3"]},
                                     "interfaces": {"public": [{"mac": "52:54:00:12:34:01", "type": "public",
                                       "ipv4": {"ip_address": "10.21.0.50", "netmask": "255.255.255.0",
                                                "gateway": "10.21.0.1"}}]}})"
                               : "no such page",
                         known ? 200 : 404);
  });
  lab.reach_from_afar(segment, "10.21.0.50");
  Vm vm(machine_in(lab, segment, "manufacturer=DigitalOcean,product=Droplet"));
  REQUIRE(vm.wait_until_ready().at("login") == "keys");
  Ssh owner(lab.network(), "10.21.0.50", seconds(30));
  REQUIRE(owner.login_with_key(key.file));
  CHECK(contains(owner.run_checked("ip route show default"), "default via 10.21.0.1 dev eth0 "));
  CHECK(contains(owner.run_checked("cat /etc/resolv.conf"), "\nnameserver 10.21.0.3\n"));
  CHECK_FALSE(contains(owner.run_checked("ip -4 address show dev eth0"), "169.254."));  // it is of no use any more
}

TEST_CASE("a network that a document describes has its metadata service asked, as one with DHCP has") {
  if (!can_run(Row::whole)) return;
  const KeyPair key;
  Lab lab;
  const std::string segment = lab.add_segment({"10.22.0.1/24", "169.254.169.254/32"});
  const CloudInLab service(lab, [&](const Connection& connection) {
    const bool known = connection.what() == "GET /openstack/latest/meta_data.json";
    connection.send_page(known ? R"({"public_keys": {"mine": ")" + key.line + "\"}}" : "", known ? 200 : 404);
  });
  VmOptions machine = machine_in(lab, segment, "product=OpenStack Nova,manufacturer=OpenStack Foundation");
  machine.config_drive =
      DriveFiles{{"openstack/latest/meta_data.json", R"({"hostname": "web6"})"},
                 {"openstack/latest/network_data.json",
                  R"({"links": [{"id": "a", "type": "phy", "ethernet_mac_address": "52:54:00:12:34:01"}],
           "networks": [{"id": "n", "link": "a", "type": "ipv4", "ip_address": "10.22.0.50",
                         "netmask": "255.255.255.0",
                         "routes": [{"network": "0.0.0.0", "netmask": "0.0.0.0", "gateway": "10.22.0.1"}]}]})"}};
  Vm vm(machine);
  REQUIRE(vm.wait_until_ready().at("login") == "keys");
  REQUIRE(says(vm, "OpenStack metadata service"));
  REQUIRE(Ssh(lab.network(), "10.22.0.50", seconds(30)).login_with_key(key.file));
}

TEST_CASE("the key of OpenStack's metadata service logs in, and the server's name is in the prompt") {
  if (!enter_cloud()) return;
  const KeyPair key;
  const RawServer service(
      [&](const Connection& connection) {
        const bool known = connection.what() == "GET /openstack/latest/meta_data.json";
        connection.send_page(known ? R"({"uuid": "6f0c4c4e-4a4f-4b7e-9f0a-0123456789ab", "hostname": "web1.novalocal",
                                         "public_keys": {"mine": ")" +
                                         key.line + "\\n\"}}"
                                   : "no such page",
                             known ? 200 : 404);
      },
      "::", 80);
  Vm vm(machine_of("product=OpenStack Nova,manufacturer=OpenStack Foundation"));
  REQUIRE(vm.wait_until_ready().at("login") == "keys");
  REQUIRE(says(vm, "OpenStack metadata service"));

  REQUIRE_FALSE(Ssh(vm.ssh_port()).login_with_password(""));
  Ssh owner(vm.ssh_port());
  REQUIRE(owner.login_with_key(key.file));
  REQUIRE(owner.run_checked("hostname") == "web1-rescue\n");
}

TEST_CASE("the key of EC2's metadata service logs in, for a token") {
  if (!lifeboat::is_whole_matrix()) return;
  if (!enter_cloud()) return;
  const KeyPair key;
  const RawServer service(
      [&](const Connection& connection) {
        const std::string what = connection.what();
        const auto has = [&](const char* header) { return connection.request().find(header) != std::string::npos; };
        if (what == "PUT /latest/api/token" && has("X-aws-ec2-metadata-token-ttl-seconds: "))
          connection.send_page("AQAEA-the-token==");
        else if (!has("X-aws-ec2-metadata-token: AQAEA-the-token==\r\n"))
          connection.send_page("", 401);
        else if (what == "GET /latest/meta-data/public-keys/")
          connection.send_page("0=mine");
        else if (what == "GET /latest/meta-data/public-keys/0/openssh-key")
          connection.send_page(key.line + "\n");
        else
          connection.send_page("", 404);
      },
      "::", 80);
  Vm vm(machine_of("manufacturer=Amazon EC2,uuid=ec2a1b2c-0000-4000-8000-0123456789ab"));
  REQUIRE(vm.wait_until_ready().at("login") == "keys");
  REQUIRE(says(vm, "AWS metadata service"));
  REQUIRE(Ssh(vm.ssh_port()).login_with_key(key.file));
}

TEST_CASE("the password of CloudStack's router, which is the DHCP server, logs in") {
  if (!lifeboat::is_whole_matrix()) return;
  if (!enter_cloud()) return;
  const std::string password = "vq7-Temporary-31";
  const RawServer metadata([](const Connection& connection) { connection.send_page("", 404); }, "127.0.0.1", 80);
  const RawServer passwords(
      [&](const Connection& connection) {
        const bool asked = connection.request().find("DomU_Request: send_my_password\r\n") != std::string::npos;
        connection.send_page(asked ? password + "\n" : "bad_request");
      },
      "127.0.0.1", 8080);
  Vm vm(machine_of("product=CloudStack KVM Hypervisor,manufacturer=Apache Software Foundation"));
  REQUIRE(vm.wait_until_ready().at("login") == "password");
  REQUIRE(says(vm, "CloudStack metadata service"));
  REQUIRE_FALSE(says(vm, password));

  REQUIRE_FALSE(Ssh(vm.ssh_port()).login_with_password("vq7-Temporary-32"));
  Ssh owner(vm.ssh_port());
  REQUIRE(owner.login_with_password(password));
  REQUIRE(owner.run("grep -rlF -e " + password + " /etc /run /var /root /tmp").out == "");
}

TEST_CASE("a NoCloud seed at the address in the machine's serial number logs in") {
  if (!lifeboat::is_whole_matrix()) return;
  if (!enter_cloud()) return;
  const std::string password = "vq7-Temporary-31";
  const RawServer seed(
      [&](const Connection& connection) {
        if (connection.what() == "GET /seed/meta-data")
          connection.send_page("local-hostname: web3\n");
        else if (connection.what() == "GET /seed/user-data")
          connection.send_page("#cloud-config\npassword: " + password + "\n");
        else
          connection.send_page("", 404);
      },
      "127.0.0.1", 8000);
  Vm vm(machine_of("serial=ds=nocloud;s=http://10.0.2.2:8000/seed/"));
  REQUIRE(vm.wait_until_ready().at("login") == "password");
  Ssh owner(vm.ssh_port());
  REQUIRE(owner.login_with_password(password));
  REQUIRE(owner.run_checked("hostname") == "web3-rescue\n");
}

TEST_CASE("a metadata service that never answers costs its budget, and the console says so") {
  if (!enter_cloud()) return;
  const RawServer silent([](const Connection& connection) { connection.hang(); }, "::", 80);
  Vm vm(machine_of("product=OpenStack Nova"));
  REQUIRE(vm.wait_until_ready().at("login") == "none");
  REQUIRE(says(vm, "GET http://169.254.169.254/openstack/latest/meta_data.json: no whole reply within "));
  REQUIRE_FALSE(says(vm, "EC2-like"));  // it is known to be no other cloud's
}
