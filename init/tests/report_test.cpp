#include "init/boot/report.hpp"

#include <nlohmann/json.hpp>

#include "init/boot/gettys.hpp"
#include "init/boot/sources.hpp"
#include "init/tests/cases.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;

namespace {

Report good_report() {
  Report report;
  report.image.build_id = "0123456789abcdef0123456789abcdef";
  report.image.title = "Debian 12 (bookworm) rescue system";
  report.ready = 4.96;
  report.access = {.password = true,
                   .keys = 2,
                   .password_origin = "config drive /dev/sr0",
                   .key_origins = {"config drive /dev/sr0", "kernel arguments"},
                   .users = {"root"},
                   .sources = {{"config drive", "found", "config drive /dev/sr0: password"}},
                   .host_key = "SHA256:abc",
                   .host_key_type = "ED25519",
                   .host_key_line = "ssh-ed25519 AAAA",
                   .host_key_origin = {},
                   .ssh = true};
  report.interfaces = {{"eth0", "52:54:00:12:34:56", true, {"10.0.2.15/24", "fec0::1/64"}, 1500, {"10.0.2.3"}},
                       {"eth1", "52:54:00:12:34:57", false, {}, 1500, {}}};
  report.disks_text = "Disks\n  vda  the disk\n";
  report.disks_json = R"({"disks": [], "original": "vda"})";
  return report;
}

std::size_t longest_line(const std::string& text) {
  std::size_t longest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    longest = std::max(longest, end - at);
    at = end + 1;
  }
  return longest;
}

}  // namespace

TEST_CASE("the report of a good boot is the table's text") {
  const auto cases = test::read_cases("reports.txt");
  CHECK(to_text(good_report()) == cases.at(0).expected + "\n");
}

TEST_CASE("without an address the report says what was tried, and how to set one by hand") {
  Report report = good_report();
  report.interfaces = {{"eth0", "52:54:00:12:34:56", true, {}, 1500, {}}};
  report.interfaces[0].driver = "virtio_net";
  report.interfaces[0].gateways = {"192.0.2.1 does not answer"};
  report.rungs = {{"By hand", false, "`rescue network set` was not used"},
                  {"DHCP and RA", true, "eth0: no DHCP server has answered"}};
  const std::string text = to_text(report);
  for (const char* line : {"  Log in      NOT YET: no network address so far. It goes on trying and says so\n",
                           "  eth0        no address yet (it goes on trying) (52:54:00:12:34:56); gateway\n"
                           "              192.0.2.1 does not answer\n",
                           "  By hand     not taken: `rescue network set` was not used\n",
                           "  DHCP and RA eth0: no DHCP server has answered\n",
                           "  By hand     rescue network set ADDRESS/LENGTH via GATEWAY [dns SERVER...] [dev\n"}) {
    INFO(text);
    CHECK(text.find(line) != std::string::npos);
  }
  const std::string network = network_text(report);
  INFO(network);
  CHECK(
      network.starts_with("  eth0        no address yet (it goes on trying)\n"
                          "              52:54:00:12:34:56, driver virtio_net, MTU 1500, carrier\n"
                          "              gateway 192.0.2.1 does not answer\n"));
  CHECK(longest_line(text) <= 80);
}

TEST_CASE("the report of a boot that nobody can log in to says why and what to do") {
  Report report = good_report();
  report.access = {};
  report.access.host_key = "SHA256:abc";
  report.access.host_key_type = "ED25519";
  report.access.sources = {
      {"config drive", "nothing", "config drive: no disk or CD is labelled config-2 (looked at sr0, vda)"}};
  report.problems = {"a thing that went wrong"};
  report.disks_text = "";
  const auto cases = test::read_cases("reports.txt");
  CHECK(to_text(report) == cases.at(1).expected + "\n");
  CHECK(ready_line(report).password == false);
  CHECK(ready_line(report).host_key.empty());
}

TEST_CASE("no line of the report is wider than a terminal") {
  Report report = good_report();
  report.access.keys = 0;
  report.access.password = false;
  for (int i = 0; i < 60; ++i)
    report.access.sources.push_back(
        {"a source", "nothing", "word " + std::string(static_cast<std::size_t>(i), 'x') + " and more"});
  CHECK(longest_line(to_text(report)) <= 80);
}

TEST_CASE("without an address, and with a dead SSH server, the first row says so") {
  Report report = good_report();
  report.interfaces.clear();
  CHECK(head_text(report).find("  Log in      NOT YET: no network address so far.") != std::string::npos);
  CHECK(head_text(report).find("  Network     this machine has no network card") != std::string::npos);
  report.access.ssh = false;
  CHECK(head_text(report).find("  Log in      NOT OVER SSH: the SSH server does not run") != std::string::npos);
}

TEST_CASE("the READY line has every address, IPv4 first, without prefix lengths") {
  const auto line = ready_line(good_report());
  CHECK(line.addresses == std::vector<std::string>{"10.0.2.15", "fec0::1"});
  CHECK(line.password);
  CHECK(line.keys);
  CHECK(line.host_key == "SHA256:abc");
  CHECK(line.seconds == Approx(4.96));
}

TEST_CASE("the JSON report has what the documentation names") {
  const auto json = nlohmann::json::parse(to_json(good_report()));
  CHECK(json["version"] == 1);
  CHECK(json["image"]["build_id"] == "0123456789abcdef0123456789abcdef");
  CHECK(json["boot"]["ready"] == Approx(4.96));
  CHECK(json["access"]["password_origin"] == "config drive /dev/sr0");
  CHECK(json["access"]["key_origins"][1] == "kernel arguments");
  CHECK(json["access"]["users"][0] == "root");
  CHECK(json["access"]["sources"][0]["result"] == "found");
  CHECK(json["access"]["keys"] == 2);
  CHECK(json["network"][0]["addresses"][0] == "10.0.2.15/24");
  CHECK(json["disks"]["original"] == "vda");
}

TEST_CASE("a JSON report before the disks are known, and one with bytes that are no text, are still JSON") {
  Report report = good_report();
  report.disks_json = "";
  report.problems = {"\xff\xfe"};
  const auto json = nlohmann::json::parse(to_json(report));
  CHECK(json["disks"].is_null());
  CHECK(json["problems"].size() == 1);
}

TEST_CASE("a medium behind the server's own devices is that of a stable-device rescue") {
  for (const char* first : {"", "vda", "sda", "xvda", "nvme0n1"}) CHECK_FALSE(is_stable_device_rescue(first));
  for (const char* later : {"vdb", "sdc", "sr0", "xvdb", "nvme1n1"}) CHECK(is_stable_device_rescue(later));
}

TEST_CASE("tty0 stands for the first screen, every other console for itself") {
  CHECK(terminal_of("tty0") == "tty1");
  CHECK(terminal_of("ttyS0") == "ttyS0");
  CHECK(make_getty_command("tty1").argv.back() == "linux");
  CHECK(make_getty_command("ttyS0").argv.back() == "vt220");
  CHECK(make_getty_command("hvc0").argv.back() == "vt220");
}
