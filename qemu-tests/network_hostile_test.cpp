// Servers that lie: nothing of theirs is executed, nothing grows, and the files stay well-formed.
#include "qemu-tests/harness/raw_servers.hpp"
#include "qemu-tests/lab_guest.hpp"

using namespace lifeboat::qemu;
namespace {

const std::string evil = "x$(touch /run/owned)`touch /run/owned`\nnameserver 6.6.6.6\n";
/// As DNS writes a name: the length of its one label, the label, 0.
std::string encoded_name(const std::string& label) {
  return std::string(1, static_cast<char>(label.size())) + label + std::string(1, '\0');
}
const std::string evil_name = encoded_name("evil\nnameserver 6.6.6.6\nsearch $(touch /run/owned)");

/// Whatever it is told, the file is what resolv.conf(5) allows, within its limits.
void check_resolver(Ssh& owner) {
  const std::string text = owner.run_checked("cat /etc/resolv.conf");
  INFO(text);
  CHECK_FALSE(contains(text, "6.6.6.6"));
  CHECK_FALSE(contains(text, "evil"));
  CHECK(owner.run("grep -vqE '^(#.*|search( [A-Za-z0-9.-]+)+|nameserver [0-9a-f.:]+|)$' /etc/resolv.conf").status == 1);
  CHECK(text.size() < 2048);
  CHECK(owner.run("test $(grep -c ^nameserver /etc/resolv.conf) -le 3").status == 0);
}

/// What PID 1 has taken for itself. VmRSS counts pages of its program too, which come in as code runs for the first
/// time.
int kibibytes_of_init(Ssh& owner) { return std::stoi(owner.run_checked("awk '/^RssAnon/ {print $2}' /proc/1/status")); }

/// Processor time, of all processors, since it started: its own and the kernel's for it. A hundred ticks are a second.
int ticks_of_init(Ssh& owner) { return std::stoi(owner.run_checked("awk '{print $14 + $15}' /proc/1/stat")); }

/// Whether PID 1 comes down to this again: it takes more for a moment while it writes a report.
bool settles_below(Ssh& owner, int kibibytes) {
  return owner
             .run("for i in $(seq 100); do [ $(awk '/^RssAnon/ {print $2}' /proc/1/status) -lt " +
                  std::to_string(kibibytes) + " ] && exit; sleep 0.1; done; grep Rss /proc/1/status; exit 1")
             .status == 0;
}

/// A router, prefix, server and name of its own for each number.
void advertise(const RawRouter& routers, int from, int to) {
  for (int i = from; i < to; ++i) {
    const std::string prefix = address_bytes("fd77::").replace(4, 2, be16(static_cast<unsigned>(i)));
    routers.advertise(i, 1800,
                      prefix_option(prefix, 3600) + rdnss_option(prefix + prefix, 3600) +
                          dnssl_option(evil_name + encoded_name("n" + std::to_string(100 + i % 900)), 3600));
  }
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

std::string evil_names() { return tlv(12, evil) + tlv(15, evil) + tlv(119, evil_name); }

/// What each card's server adds to a lease, from the first card on. busybox takes packets with some 380 bytes of
/// options.
const std::vector<std::string> additions{
    tlv(26, be16(68)) + evil_names(),
    tlv(3, "abc") + tlv(17, evil) + tlv(66, evil) + tlv(67, evil) + tlv(56, evil),
    repeated(tlv(6, std::string(252, '\x06')), 5),       // as long as a frame
    repeated(tlv(121, std::string(250, '\x20')), 20),    // longer than one
    std::string("\x0c\xff", 2) + "$(touch /run/owned)",  // beyond the packet's end
    tlv(119, std::string("\xc0\x00", 2)) + tlv(26, ""),  // a name that is its own end
    tlv(52, "\x03") + evil_names()};                     // goes on in the two fixed fields: see below

/// A lease of no time for the card whose address ends in the digit: 10.9.0.51 for the first.
std::vector<DhcpReply> hostile_replies(const DhcpRequest& request) {
  const std::size_t card = static_cast<std::size_t>(request.packet[33] - 1) % additions.size();
  DhcpReply reply{.type = request.type == 1 ? 2 : 5,
                  .address = "10.9.0.5" + std::to_string(card + 1),
                  .options = tlv(51, be32(0)) + tlv(1, address_bytes("255.255.255.0")) +
                             tlv(3, address_bytes("10.9.0.1")) + tlv(6, address_bytes("10.9.0.53")) + additions[card]};
  if (card + 1 == additions.size()) {
    reply.server_name = tlv(12, "$(touch /run/owned)") + "\x0f\xff;touch /run/owned";
    reply.file = "\x34\x01\x03\x77\xff" + std::string(100, 'A');
  }
  return {reply};
}

}  // namespace

TEST_CASE("a hostile DHCP server: shell text, newlines, broken, overlapping and endless options, leases of no time") {
  if (!can_run(Row::core)) return;
  Lab lab;
  const std::string segment = lab.add_segment({"10.9.0.1/24"});
  std::vector<LabCard> cards;
  for (std::size_t i = 0; i < additions.size(); ++i) cards.push_back(lab.add_card(segment));
  const RawDhcpServer server(lab, segment, hostile_replies);
  Vm vm(lab_machine(lab, cards));
  REQUIRE(vm.wait_until_ready().at("login") == "password");
  Ssh owner = log_in(lab, "10.9.0.51");
  CHECK(owner.run_checked("find / -xdev -name 'owned*'; find /run -name 'owned*'") == "");
  check_resolver(owner);
  CHECK(contains(owner.run_checked("cat /run/lifeboat/network/eth0.lease"), "10.9.0.51"));
  CHECK(owner.run("cat /run/lifeboat/network/*.lease | grep -vqE '^[a-z0-9-]+=[^[:cntrl:]]*$'").status == 1);
  CHECK(std::stoi(owner.run_checked("cat /sys/class/net/eth0/mtu")) >= 576);
  CHECK(owner.run("hostname | grep -qE '^[A-Za-z0-9.-]+$'").status == 0);
  CHECK_FALSE(contains(vm.console().log(), "\nnameserver"));

  const int asked = server.requests();  // a lease of no time is not renewed without a pause
  owner.run_checked("sleep 10");
  CHECK(server.requests() - asked < 5 * static_cast<int>(additions.size()));
  CHECK(contains(owner.run_checked("ip -4 address show dev eth0"), " 10.9.0.51/24 "));
}

TEST_CASE("a flood of router advertisements, each another router, prefix, server and name, costs the machine nothing") {
  if (!can_run(Row::core)) return;
  Lab lab;
  const std::string segment = lab.add_segment({"10.1.0.1/24"});
  lab.start_dnsmasq(segment, {"--dhcp-range=10.1.0.50,10.1.0.50,1h", "--dhcp-option=option:dns-server,10.1.0.3"});
  Vm vm(lab_machine(lab, {lab.add_card(segment)}));
  REQUIRE(vm.wait_until_ready().at("address") == "10.1.0.50");
  Ssh owner = log_in(lab, "10.1.0.50");
  const int before = kibibytes_of_init(owner);
  const std::size_t said_before = vm.console().log().size();

  const RawRouter routers(lab, segment);
  const int ticks_before = ticks_of_init(owner);
  advertise(routers, 1, 20'000);
  CHECK(owner.run_checked("echo alive") == "alive\n");
  // By what one costs, not by the share of a processor: the flood may take a second or ten. Some 0.04 ms under TCG, and
  // more where the host is busy; one that is acted on (a resolver, a route) takes a hundred times that.
  CHECK(ticks_of_init(owner) - ticks_before < 300);
  check_resolver(owner);
  CHECK(owner.run("grep -q '^nameserver 10.1.0.3$' /etc/resolv.conf").status == 0);  // DHCP's own is not pushed out
  CHECK(std::stoi(owner.run_checked("ip -6 address show dev eth0 scope global | grep -c inet6 || true")) <= 16);
  CHECK(settles_below(owner, before + 512));
  CHECK(std::stoi(owner.run_checked("stat -c %s /run/lifeboat/report.json")) < 65'536);
  CHECK(vm.console().log().size() - said_before < 65'536);
}
