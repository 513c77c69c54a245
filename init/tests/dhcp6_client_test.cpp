// The DHCPv6 client with Debian's own servers on the other end of a cable: dnsmasq (which knows Rapid Commit and sends
// router advertisements) and kea (which offers first, and whose leases can be as short as a test needs them).
#include "init/net/dhcp6_client.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <memory>

#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "init/net/lease.hpp"
#include "init/sys/clock.hpp"
#include "init/sys/fd.hpp"
#include "init/tests/cable.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using lifeboat::Child;
using lifeboat::TempDir;
using test::Cable;
using test::find_link;

namespace {

bool within(Milliseconds limit, const std::function<bool()>& done) {
  for (const auto end = Clock::now() + limit; Clock::now() < end; ::usleep(20'000))
    if (done()) return true;
  return done();
}

/// The client as a process of its own, as PID 1 runs it.
class Client {
 public:
  Client(bool stateful, const std::string& folder) : pid_(::fork()) {
    if (pid_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const Status ended = run_dhcp6({.interface = "card", .stateful = stateful, .lease_folder = folder});
    std::fprintf(stderr, "%s\n", ended ? "" : ended.error().c_str());
    ::_exit(1);
  }
  ~Client() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  void ask_anew() const { ::kill(pid_, SIGUSR1); }
  bool runs() const { return ::waitpid(pid_, nullptr, WNOHANG) == 0; }

 private:
  pid_t pid_;
};

/// A server at the other end, 2001:db8::1/64 there, and the folder for leases.
struct Bench {
  Cable cable;
  TempDir folder{"/tmp", "dhcp6"};
  std::string file = (folder.path() / "card.lease6").string();
  lifeboat::init::Fd log;
  std::unique_ptr<Child> server;

  Bench() {
    if (!cable.is_there()) return;
    cable.ip_there({"addr", "add", "2001:db8::1/64", "dev", "wire", "nodad"});
    cable.ip_there({"link", "set", "lo", "up"});
    auto links = Links::open();
    REQUIRE(links->set_up(find_link(*links, "card")));
    // kea takes no port of an address that is still tentative.
    REQUIRE(within(Milliseconds(5000), [&] {
      return cable.ip_there({"-6", "addr", "show", "dev", "wire"}).find("tentative") == std::string::npos;
    }));
    log = std::move(*open_file((folder.path() / "log").string(), O_CREAT | O_WRONLY | O_APPEND));
  }

  void start(const std::vector<std::string>& argv) {
    const std::string here = folder.path().string();
    server = std::make_unique<Child>(
        lifeboat::Command{.argv = cable.there(argv),
                          .environment = {{"KEA_PIDFILE_DIR", here}, {"KEA_LOCKFILE_DIR", here}}},
        Child::Output{log.get(), log.get()});
  }
  void start_dnsmasq(const std::string& range) {
    start({"dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0", "--interface=wire", "--user=root",
           "--dhcp-range=" + range, "--enable-ra", "--dhcp-option=option6:dns-server,[2001:db8::53]",
           "--dhcp-option=option6:domain-search,example.com,lab.example.org",
           "--dhcp-leasefile=" + (folder.path() / "leases").string()});
  }
  void start_kea(const std::string& more) {
    const std::string configuration = (folder.path() / "kea.json").string();
    REQUIRE(write_file(configuration,
                       R"({"Dhcp6": {"interfaces-config": {"interfaces": ["wire"]},
                           "lease-database": {"type": "memfile", "persist": false},
                           "server-id": {"type": "LL", "htype": 1, "identifier": "020304050607", "persist": false},
                           "option-data": [{"name": "dns-servers", "data": "2001:db8::53"}],
                           "subnet6": [{"subnet": "2001:db8::/64", "interface": "wire",
                                        "pools": [{"pool": "2001:db8::100 - 2001:db8::101"}]}], )" +
                           more + "}}"));
    start({"kea-dhcp6", "-c", configuration});
  }

  std::optional<Lease> lease() const {
    const auto text = read_file(file);
    return text ? parse_lease(*text) : std::nullopt;
  }
  std::string address() const {
    const auto known = lease();
    return known ? to_text(known->address) : "";
  }
  /// Shows the server's log where it did not happen.
  void require_within(Milliseconds limit, const std::function<bool()>& done) const {
    const bool happened = within(limit, done);
    INFO(read_file((folder.path() / "log").string()).value_or(""));
    REQUIRE(happened);
  }
};

}  // namespace

TEST_CASE("DHCPv6: an address and names are had of dnsmasq, whose router advertisement says so") {
  Bench bench;
  if (!bench.cable.is_there()) return;
  bench.start_dnsmasq("2001:db8::100,2001:db8::1ff,64,2m");
  const Client client(true, bench.folder.path().string());
  bench.require_within(Milliseconds(10'000), [&] { return bench.lease().has_value(); });
  const Lease lease = *bench.lease();
  CHECK(lease.interface == "card");
  CHECK(lease.address.length == 128);
  CHECK(contains(*parse_prefix("2001:db8::100/120"), lease.address.address));
  CHECK(lease.dns == std::vector<Address>{*parse_address("2001:db8::53")});
  CHECK(lease.search == std::vector<std::string>{"example.com", "lab.example.org"});
  CHECK(lease.seconds == 120);
  CHECK(is_link_local(lease.server));
  CHECK(lease.routes.empty());
  auto links = Links::open();
  bench.require_within(Milliseconds(10'000), [&] {
    const Link card = find_link(*links, "card");
    return card.ra_managed && card.ra_other;
  });
}

TEST_CASE("DHCPv6: names alone are had where the router says that addresses are made without a server") {
  Bench bench;
  if (!bench.cable.is_there()) return;
  bench.start_dnsmasq("2001:db8::,ra-stateless");
  const Client client(false, bench.folder.path().string());
  bench.require_within(Milliseconds(10'000), [&] { return bench.lease().has_value(); });
  const Lease lease = *bench.lease();
  CHECK(to_text(lease.address) == "::/128");
  CHECK(lease.dns == std::vector<Address>{*parse_address("2001:db8::53")});
  CHECK(lease.search == std::vector<std::string>{"example.com", "lab.example.org"});
  auto links = Links::open();
  bench.require_within(Milliseconds(10'000), [&] { return find_link(*links, "card").ra_other; });
  CHECK_FALSE(find_link(*links, "card").ra_managed);
}

TEST_CASE("DHCPv6: a lease is renewed, outlives its server for as long as it is valid, and is removed then") {
  Bench bench;
  if (!bench.cable.is_there()) return;
  bench.start_kea(R"("preferred-lifetime": 4, "valid-lifetime": 5, "renew-timer": 1, "rebind-timer": 2)");
  const Client client(true, bench.folder.path().string());
  bench.require_within(Milliseconds(10'000), [&] { return bench.address() == "2001:db8::100/128"; });
  CHECK(bench.lease()->seconds == 5);
  // A second lease's length later it is there: it was renewed.
  CHECK_FALSE(within(Milliseconds(7'000), [&] { return !bench.lease(); }));
  bench.server.reset();
  const auto gone = Clock::now();
  bench.require_within(Milliseconds(7'000), [&] { return !bench.lease(); });
  CHECK(Clock::now() - gone >= Milliseconds(2'000));
  CHECK(client.runs());
  bench.start_kea(R"("preferred-lifetime": 4, "valid-lifetime": 5)");
  bench.require_within(Milliseconds(20'000), [&] { return bench.lease().has_value(); });
}

TEST_CASE("DHCPv6: an address that somebody else has is declined, and another one asked for") {
  Bench bench;
  if (!bench.cable.is_there()) return;
  bench.cable.ip_there({"addr", "add", "2001:db8::100/64", "dev", "wire", "nodad"});
  bench.start_kea(R"("preferred-lifetime": 600, "valid-lifetime": 900)");
  const Client client(true, bench.folder.path().string());
  bench.require_within(Milliseconds(10'000), [&] { return bench.address() == "2001:db8::100/128"; });
  // What PID 1 does with it.
  auto links = Links::open();
  REQUIRE(links->add_address(find_link(*links, "card"), bench.lease()->address));
  bench.require_within(Milliseconds(10'000), [&] { return bench.address() == "2001:db8::101/128"; });
}

TEST_CASE("DHCPv6: asked anew, the client asks the server that is there now, and keeps what it had until then") {
  Bench bench;
  if (!bench.cable.is_there()) return;
  bench.start_kea(R"("preferred-lifetime": 600, "valid-lifetime": 900)");
  const Client client(true, bench.folder.path().string());
  bench.require_within(Milliseconds(10'000), [&] { return bench.lease().has_value(); });
  bench.server.reset();
  bench.start_dnsmasq("2001:db8::200,2001:db8::2ff,64,2m");
  CHECK_FALSE(within(Milliseconds(500), [&] { return bench.address() != "2001:db8::100/128"; }));
  client.ask_anew();
  bench.require_within(Milliseconds(10'000), [&] { return bench.lease() && bench.lease()->seconds == 120; });
}

TEST_CASE(
    "DHCPv6: what an earlier run left is held while no server answers, and an interface that is not there is said") {
  Bench bench;
  if (!bench.cable.is_there()) return;
  Lease old;
  old.interface = "card";
  old.address = *parse_prefix("2001:db8::5/128");
  old.seconds = 2;
  REQUIRE(write_file(bench.file, to_text(old)));
  const Client client(true, bench.folder.path().string());
  CHECK_FALSE(within(Milliseconds(1'500), [&] { return !bench.lease(); }));
  bench.require_within(Milliseconds(5'000), [&] { return !bench.lease(); });
  CHECK(client.runs());
  const Status none = run_dhcp6({.interface = "none", .stateful = true, .lease_folder = bench.folder.path().string()});
  sigset_t blocked;  // as it needs it; the tests' own programs do not
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGUSR1);
  ::sigprocmask(SIG_UNBLOCK, &blocked, nullptr);
  CHECK(none.error() == "DHCPv6: there is no interface none");
}
