// What is asked of each metadata service, at its real address: on the loopback interface of a network namespace.
#include <sched.h>
#include <unistd.h>

#include <atomic>
#include <map>

#include "builder/base/run.hpp"
#include "init/source/akamai_service.hpp"
#include "init/source/azure_service.hpp"
#include "init/source/cloudstack_service.hpp"
#include "init/source/digitalocean_service.hpp"
#include "init/source/ec2_service.hpp"
#include "init/source/gce_service.hpp"
#include "init/source/hetzner_service.hpp"
#include "init/source/no_cloud_service.hpp"
#include "init/source/openstack_service.hpp"
#include "init/source/oracle_service.hpp"
#include "init/source/scaleway_service.hpp"
#include "init/source/source.hpp"
#include "init/source/vultr_service.hpp"
#include "init/tests/described.hpp"
#include "testing/catch.hpp"
#include "testing/raw_server.hpp"

using namespace lifeboat::init;
using lifeboat::run_checked;
using lifeboat::testing::Connection;
using lifeboat::testing::RawServer;
using test::described;

namespace {

/// One page of a service: what it answers when the request has the header, else 403.
struct Page {
  std::string body;
  std::string header = {};  ///< "Metadata: true"
  int status = 200;
};
using Pages = std::map<std::string, Page>;  ///< by "GET /path"

void answer(const Connection& connection, const Pages& pages) {
  const auto page = pages.find(connection.what());
  if (page == pages.end()) return static_cast<void>(connection.send_page("no such page", 404));
  const bool allowed = connection.request().find("\r\n" + page->second.header) != std::string::npos;
  connection.send_page(allowed ? page->second.body : "forbidden", allowed ? page->second.status : 403);
}

/// A network namespace whose loopback interface has all the services' addresses. False where this process may not.
bool enter_cloud() {
  static const bool entered = [] {
    if (::unshare(CLONE_NEWNET) != 0) return false;
    run_checked({.argv = {"ip", "link", "set", "lo", "up"}});
    for (const char* address : {"169.254.169.254/32", "169.254.42.42/32", "10.1.1.1/32"})
      run_checked({.argv = {"ip", "address", "add", address, "dev", "lo"}});
    for (const char* address : {"fe80::a9fe:a9fe/64", "fd00:ec2::254/128", "fd00:42::42/128", "fd00:c1::a9fe:a9fe/128",
                                "fd00:a9fe:a9fe::1/128"})
      run_checked({.argv = {"ip", "-6", "address", "add", address, "dev", "lo", "nodad"}});
    return true;
  }();
  if (!entered) WARN("not run: making a network namespace takes root");
  return entered;
}

/// The services on port 80 of every address, or on another.
struct Cloud {
  Pages pages;
  std::uint16_t port = 80;
  RawServer server{[this](const Connection& connection) { answer(connection, pages); }, "::", port};

  std::vector<std::string> asked() const { return server.asked(); }
};

std::string read(Result<Findings> (*read_service)(HttpClient&), const std::string& dhcp_server = {},
                 Milliseconds limit = Milliseconds(3000)) {
  HttpClient http("lo", limit, dhcp_server);
  return described(read_service(http));
}

}  // namespace

TEST_CASE("OpenStack is asked over IPv4 and over its link-local IPv6 address") {
  if (!enter_cloud()) return;
  const Cloud cloud{
      {{"GET /openstack/latest/meta_data.json", {R"({"hostname":"web1","public_keys":{"a":"ssh-rsa A"}})"}}}};
  CHECK(read(read_openstack_ipv4) == "hostname: web1\nkey: ssh-rsa A");
  CHECK(read(read_openstack_ipv6) == "hostname: web1\nkey: ssh-rsa A");
}

TEST_CASE("the network's document is asked for beside the rest, and costs at most 3 s and a note") {
  if (!enter_cloud()) return;
  Cloud cloud{
      {{"GET /openstack/latest/meta_data.json", {R"({"hostname":"web1"})"}},
       {"GET /openstack/latest/network_data.json",
        {R"({"links":[{"id":"a","name":"eth0"}],"networks":[{"link":"a","type":"ipv4_dhcp"}]})"}},
       {"GET /hetzner/v1/metadata/hostname", {"hz\n"}},
       {"GET /hetzner/v1/metadata",
        {"network-config:\n  version: 1\n  config:\n  - {type: physical, name: eth0, subnets: [{type: dhcp}]}"}},
       {"GET /seed/meta-data", {""}},
       {"GET /seed/user-data", {""}},
       {"GET /seed/network-config", {"version: 2\nethernets: {eth0: {dhcp4: true}}"}}}};
  const auto network = [](Result<Findings> (*read_service)(HttpClient&)) {
    HttpClient http("lo", Milliseconds(8000));
    const auto findings = read_service(http);
    return findings ? to_text(findings->network) : findings.error();
  };
  const std::string dhcp = "dhcp4=yes\ndhcp6=by-router\n";
  CHECK(network(read_openstack_ipv4) == "link=a\nkind=card\nname=eth0\n" + dhcp);
  CHECK(network(read_openstack_ipv6) == "link=a\nkind=card\nname=eth0\n" + dhcp);
  CHECK(network(read_hetzner_ipv4) == "link=eth0\nkind=card\nname=eth0\n" + dhcp);
  CHECK(network([](HttpClient& http) { return read_no_cloud_from(http, "http://169.254.169.254/seed/"); }) ==
        "link=eth0\nkind=card\nname=eth0\n" + dhcp);

  cloud.pages["GET /openstack/latest/network_data.json"] = {"", "", 503};
  const auto before = Clock::now();
  CHECK(read(read_openstack_ipv4, {}, Milliseconds(20'000))
            .starts_with("hostname: web1\nnote: GET http://169.254.169.254/openstack/latest/network_data.json: "));
  CHECK(Clock::now() - before < Milliseconds(5'000));
}

TEST_CASE("a cloud without OpenStack's folder is a failure with its address") {
  if (!enter_cloud()) return;
  const Cloud cloud{};
  CHECK(read(read_openstack_ipv4) == "failure: GET http://169.254.169.254/openstack/latest/meta_data.json: status 404");
  CHECK(read(read_openstack_ipv6) ==
        "failure: GET http://[fe80::a9fe:a9fe%lo]/openstack/latest/meta_data.json: status 404");
}

TEST_CASE("AWS is asked for a token first, and for nothing without one") {
  if (!enter_cloud()) return;
  const std::string token = "X-aws-ec2-metadata-token: AQAEA-token==\r\n";
  Cloud cloud{{{"PUT /latest/api/token", {"AQAEA-token==", "X-aws-ec2-metadata-token-ttl-seconds: 21600\r\n"}},
               {"GET /latest/meta-data/public-keys/", {"0=a\n1=b", token}},
               {"GET /latest/meta-data/public-keys/0/openssh-key", {"ssh-rsa A a\n", token}},
               {"GET /latest/meta-data/public-keys/1/openssh-key", {"ssh-rsa B b\n", token}},
               {"GET /latest/meta-data/local-hostname", {"ip-10-0-0-1.ec2.internal", token}}}};
  CHECK(read(read_aws_ipv4) == "hostname: ip-10-0-0-1.ec2.internal\nkey: ssh-rsa A a\nkey: ssh-rsa B b");
  CHECK(read(read_aws_ipv6) == "hostname: ip-10-0-0-1.ec2.internal\nkey: ssh-rsa A a\nkey: ssh-rsa B b");

  const auto before = cloud.asked().size();
  for (const auto& [body, status] : std::map<std::string, int>{{"", 200}, {"two words", 200}, {"a\r\nX: y", 200}}) {
    cloud.pages["PUT /latest/api/token"] = {body, "", status};
    CHECK(read(read_aws_ipv4) == "failure: the metadata service's token is none");
  }
  cloud.pages["PUT /latest/api/token"] = {"", "", 403};
  CHECK(read(read_aws_ipv4) == "failure: PUT http://169.254.169.254/latest/api/token: status 403");
  CHECK(cloud.asked().size() == before + 4);
}

TEST_CASE("an instance of AWS without a key pair has none, and one key that fails loses no other") {
  if (!enter_cloud()) return;
  Cloud cloud{{{"PUT /latest/api/token", {"t"}}}};
  CHECK(read(read_aws_ipv4) == "");
  cloud.pages["GET /latest/meta-data/public-keys/"] = {"0=a\n1=b"};
  cloud.pages["GET /latest/meta-data/public-keys/0/openssh-key"] = {"ssh-rsa A"};
  CHECK(read(read_aws_ipv4) ==
        "key: ssh-rsa A\n"
        "note: GET http://169.254.169.254/latest/meta-data/public-keys/1/openssh-key: status 404");
}

TEST_CASE("what is like EC2 is asked without a token, where it is like EC2") {
  if (!enter_cloud()) return;
  Cloud cloud{{{"GET /2009-04-04/meta-data/public-keys/", {"0=a"}},
               {"GET /2009-04-04/meta-data/public-keys/0/openssh-key", {"ssh-rsa A"}}}};
  CHECK(read(read_like_ec2) == "failure: what answers at 169.254.169.254 is not like EC2's");
  cloud.pages["GET /2009-04-04/meta-data/instance-id"] = {"i-0123"};
  CHECK(read(read_like_ec2) == "key: ssh-rsa A");
}

TEST_CASE("GCE wants its header; a project that fails costs no key of the instance") {
  if (!enter_cloud()) return;
  const std::string flavor = "Metadata-Flavor: Google\r\n", folder = "GET /computeMetadata/v1/";
  Cloud cloud{{{folder + "instance/attributes/?recursive=true", {R"({"ssh-keys":"a:ssh-rsa A"})", flavor}},
               {folder + "project/attributes/?recursive=true", {R"({"ssh-keys":"b:ssh-rsa B"})", flavor}},
               {folder + "instance/hostname", {"vm.c.project.internal", flavor}}}};
  CHECK(read(read_gce) == "hostname: vm.c.project.internal\nkey: ssh-rsa A\nkey: ssh-rsa B");
  cloud.pages[folder + "project/attributes/?recursive=true"] = {"", "", 403};
  CHECK(read(read_gce) ==
        "hostname: vm.c.project.internal\nkey: ssh-rsa A\n"
        "note: GET http://169.254.169.254/computeMetadata/v1/project/attributes/?recursive=true: status 403");
}

TEST_CASE("Azure is waited for, and asked for an older version where it does not know the newer") {
  if (!enter_cloud()) return;
  const std::string newer = "GET /metadata/instance?api-version=2021-08-01";
  const std::string older = "GET /metadata/instance?api-version=2019-06-01";
  const std::string document = R"({"compute":{"name":"vm","publicKeys":[{"keyData":"ssh-rsa A"}]}})";
  const std::string expected = "hostname: vm\nkey: ssh-rsa A";
  Cloud cloud{{{newer, {document, "Metadata: true\r\n"}}}};
  CHECK(read(read_azure) == expected);
  cloud.pages = {{newer, {"", "", 400}}, {older, {document, "Metadata: true\r\n"}}};
  CHECK(read(read_azure) == expected);

  std::atomic<int> count = 0;
  const auto late = [&](const Connection& connection) {
    connection.send_page(document, ++count == 1 ? 404 : count == 2 ? 410 : 200);
  };
  const RawServer server(late, "169.254.42.42", 8000);
  HttpClient http("lo", Milliseconds(3000));
  CHECK(http.get({.address = "169.254.42.42", .port = 8000, .path = "/", .passing_statuses = {404, 410}}));
  cloud.pages = {};
  CHECK(read(read_azure, "", Milliseconds(600)) == "failure: /metadata/instance: status 404");
}

TEST_CASE("DigitalOcean, Hetzner, Vultr and Oracle are asked where they answer") {
  if (!enter_cloud()) return;
  const Cloud cloud{
      {{"GET /metadata/v1.json", {R"({"hostname":"do","public_keys":["ssh-rsa A"]})"}},
       {"GET /hetzner/v1/metadata/public-keys", {R"(["ssh-rsa B"])"}},
       {"GET /hetzner/v1/metadata/hostname", {"hz\n"}},
       {"GET /v1.json", {R"({"hostname":"vu","public-keys":["ssh-rsa C"]})", "Metadata-Token: cloudinit\r\n"}},
       {"GET /opc/v2/instance/",
        {R"({"hostname":"or","metadata":{"ssh_authorized_keys":"ssh-rsa D"}})", "Authorization: Bearer Oracle\r\n"}}}};
  CHECK(read(read_digitalocean) == "hostname: do\nkey: ssh-rsa A");
  CHECK(read(read_hetzner_ipv4) == "hostname: hz\nkey: ssh-rsa B");
  CHECK(read(read_hetzner_ipv6) == "hostname: hz\nkey: ssh-rsa B");
  CHECK(read(read_vultr) == "hostname: vu\nkey: ssh-rsa C");
  CHECK(read(read_oracle_ipv4) == "hostname: or\nkey: ssh-rsa D");
  CHECK(read(read_oracle_ipv6) == "hostname: or\nkey: ssh-rsa D");
}

TEST_CASE("Oracle's version 1 is asked where there is no 2") {
  if (!enter_cloud()) return;
  const Cloud cloud{{{"GET /opc/v1/instance/", {R"({"hostname":"or"})"}}}};
  CHECK(read(read_oracle_ipv4) == "hostname: or");
}

TEST_CASE("a NoCloud seed's address is read from the command line or the machine's serial number") {
  const auto address = [](const std::string& command_line, const std::string& serial) {
    Platform platform;
    platform.kernel_command_line = command_line;
    platform.product_serial = serial;
    return no_cloud_seed_address(platform);
  };
  CHECK(address("quiet ds=nocloud;s=http://10.0.2.2:8000/ x=y", "") == "http://10.0.2.2:8000/");
  CHECK(address("", "ds=nocloud-net;h=web1;s=http://[2001:db8::1]/seed/") == "http://[2001:db8::1]/seed/");
  CHECK(address("ds=nocloud;seedfrom=http://10.0.2.3/", "ds=nocloud;s=http://10.0.2.2/") == "http://10.0.2.3/");
  CHECK(address("ds=nocloud;s=file:///seed/", "VMware-42") == "");
  CHECK(address("ds=nocloud", "ds=nocloudy;s=http://10.0.2.2/") == "");
}

TEST_CASE("a NoCloud seed is read over HTTP; what it must have and has not is a failure with its address") {
  if (!enter_cloud()) return;
  Cloud cloud{{{"GET /seed/meta-data", {"local-hostname: web1\n"}},
               {"GET /seed/user-data", {"#cloud-config\npassword: pw-4711\n"}},
               {"GET /seed/vendor-data", {"#cloud-config\nssh_authorized_keys: [ssh-rsa V]\n"}}},
              8000};
  const auto from = [](const std::string& address) {
    HttpClient http("lo", Milliseconds(3000));
    return described(read_no_cloud_from(http, address));
  };
  CHECK(from("http://10.1.1.1:8000/seed/") == "password: pw-4711\nhostname: web1\nkey: ssh-rsa V");
  CHECK(from("http://[fd00:42::42]:8000/seed/") == "password: pw-4711\nhostname: web1\nkey: ssh-rsa V");
  cloud.pages.erase("GET /seed/vendor-data");
  CHECK(from("http://10.1.1.1:8000/seed/") == "password: pw-4711\nhostname: web1");
  cloud.pages.erase("GET /seed/user-data");
  CHECK(from("http://10.1.1.1:8000/seed/") == "failure: GET http://10.1.1.1:8000/seed/user-data: status 404");
  CHECK(from("http://10.1.1.1:8000/seed") == "failure: http://10.1.1.1:8000/seed: it does not end in '/'");
  CHECK(from("http://seeds.example/") ==
        "failure: http://seeds.example/: names are not looked up; the address must be a number");
  CHECK(from("https://10.1.1.1/") ==
        "failure: https://10.1.1.1/: the rescue system has no TLS; give a plain http address");
}

TEST_CASE("Scaleway is asked from a port below 1024") {
  if (!enter_cloud()) return;
  const RawServer server(
      [](const Connection& connection) {
        const bool root = connection.source_port() < 1024 && connection.what() == "GET /conf?format=json";
        connection.send_page(R"({"ssh_public_keys":[{"key":"ssh-rsa A"}]})", root ? 200 : 403);
      },
      "::", 80);
  CHECK(read(read_scaleway_ipv4) == "key: ssh-rsa A");
  CHECK(read(read_scaleway_ipv6) == "key: ssh-rsa A");
}

TEST_CASE("Akamai is asked for a token first; the instance's label may be missing") {
  if (!enter_cloud()) return;
  const std::string token = "Metadata-Token: abc\r\nAccept: application/json\r\n";
  Cloud cloud{{{"PUT /v1/token", {"abc", "Metadata-Token-Expiry-Seconds: 300\r\n"}},
               {"GET /v1/ssh-keys", {R"({"users":{"root":["ssh-rsa A"]}})", token}},
               {"GET /v1/instance", {R"({"label":"my-linode"})", token}}}};
  CHECK(read(read_akamai_ipv4) == "hostname: my-linode\nkey: ssh-rsa A");
  CHECK(read(read_akamai_ipv6) == "hostname: my-linode\nkey: ssh-rsa A");
  cloud.pages["GET /v1/instance"] = {"", "", 500};
  CHECK(read(read_akamai_ipv4) == "key: ssh-rsa A");
}

TEST_CASE("CloudStack's router is the DHCP server; its password is asked for and left there for the server itself") {
  if (!enter_cloud()) return;
  const Cloud keys{{{"GET /latest/meta-data/public-keys/", {"ssh-rsa A me\nssh-rsa B"}},
                    {"GET /latest/meta-data/local-hostname", {"web1"}}}};
  Cloud passwords{{{"GET /", {"Xy7-secret\n", "DomU_Request: send_my_password\r\n"}}}, 8080};
  CHECK(read(read_cloudstack, "10.1.1.1") == "password: Xy7-secret\nhostname: web1\nkey: ssh-rsa A me\nkey: ssh-rsa B");
  CHECK(passwords.asked() == std::vector<std::string>{"GET /"});
  passwords.pages["GET /"].body = "saved_password\n";
  CHECK(read(read_cloudstack, "10.1.1.1") == "hostname: web1\nkey: ssh-rsa A me\nkey: ssh-rsa B");
  passwords.pages["GET /"].body = "bad_request\n";
  CHECK(read(read_cloudstack, "10.1.1.1") ==
        "hostname: web1\nkey: ssh-rsa A me\nkey: ssh-rsa B\nnote: the password server refused the request");
  CHECK(read(read_cloudstack) == "failure: the DHCP server, which would know, did not say its address");
}

TEST_CASE("Exoscale's password comes without its keys, and the keys without the password") {
  if (!enter_cloud()) return;
  Cloud keys{
      {{"GET /1.0/meta-data/public-keys/", {"0=a"}}, {"GET /1.0/meta-data/public-keys/0/openssh-key", {"ssh-rsa A"}}}};
  Cloud passwords{{{"GET /1.0/", {"Xy7-secret", "DomU_Request: send_my_password\r\n"}}}, 8080};
  CHECK(read(read_exoscale) == "password: Xy7-secret\nkey: ssh-rsa A");
  keys.pages = {{"GET /1.0/meta-data/public-keys/", {"", "", 403}}};
  CHECK(read(read_exoscale) ==
        "password: Xy7-secret\nnote: GET http://169.254.169.254/1.0/meta-data/public-keys/: status 403");
  passwords.pages["GET /1.0/"] = {"pass\tword"};
  CHECK(read(read_exoscale) ==
        "note: the password server's password is not used: it has a control character (a line end, a tab ...)\n"
        "note: GET http://169.254.169.254/1.0/meta-data/public-keys/: status 403");
  passwords.pages.clear();
  CHECK(read(read_exoscale) == "failure: GET http://169.254.169.254/1.0/meta-data/public-keys/: status 403");
}
