#include "init/net/lease.hpp"

#include <unistd.h>

#include <map>

#include "builder/base/file.hpp"
#include "init/net/dhcp_script.hpp"
#include "init/net/resolver.hpp"
#include "init/sys/fd.hpp"
#include "init/tests/cases.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using lifeboat::TempDir;
using lifeboat::init::test::read_cases;

namespace {

/// The input's lines NAME=VALUE as an environment; it lives as long as the map.
Environment environment_of(const std::map<std::string, std::string>& variables) {
  return [&variables](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
}

std::map<std::string, std::string> variables_of(const std::string& lines) {
  std::map<std::string, std::string> variables;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', at), lines.size());
    const std::size_t equals = lines.find('=', at);
    variables[lines.substr(at, equals - at)] = lines.substr(equals + 1, end - equals - 1);
    at = end + 1;
  }
  return variables;
}

}  // namespace

TEST_CASE("DHCP's environment becomes the lease that the table says, and the lease survives its file") {
  for (const auto& one : read_cases("udhcpc.txt")) {
    INFO(one.name);
    const auto variables = variables_of(one.input);
    const auto lease = lease_from_environment(environment_of(variables));
    CHECK((lease ? to_text(*lease) : "failure: " + lease.error() + "\n") == one.expected + "\n");
    if (lease) CHECK(parse_lease(to_text(*lease)) == *lease);
  }
}

TEST_CASE("a lease file that is broken anywhere is refused whole") {
  const std::string good = "interface=eth0\naddress=10.0.0.2/24\n";
  REQUIRE(parse_lease(good));
  for (const char* line : {"route=10.0.0.0/8", "route=x 10.0.0.1", "dns=1.2.3", "mtu=99999", "seconds=x", "nonsense"}) {
    INFO(line);
    CHECK_FALSE(parse_lease(good + line + "\n"));
  }
  CHECK_FALSE(parse_lease("interface=eth0\n"));
  CHECK_FALSE(parse_lease("address=10.0.0.2/24\n"));
  CHECK_FALSE(parse_lease("interface=a/b\naddress=10.0.0.2/24\n"));
}

TEST_CASE("IPv4 addresses and masks are read in their one plain form") {
  CHECK(parse_address("10.0.2.15") == Address{false, {10, 0, 2, 15}});
  for (const char* broken : {"", "10", "10.0.2", "10.0.2.15.1", "10.0.2.256", "10.0.2.-1", " 10.0.2.15", "10.0.2.15 ",
                             "0x0a.0.2.15", "10..2.15", "10.0.2.0015"})
    CHECK_FALSE(parse_address(broken));
  CHECK(length_of_mask(*parse_address("255.255.240.0")) == 20);
  CHECK(length_of_mask(Address{}) == 0);
  CHECK_FALSE(length_of_mask(*parse_address("255.0.255.0")));
  CHECK(contains(*parse_prefix("10.0.2.15/24"), *parse_address("10.0.2.255")));
  CHECK_FALSE(contains(*parse_prefix("10.0.2.15/32"), *parse_address("10.0.2.16")));
  CHECK(contains(*parse_prefix("10.0.2.15/0"), *parse_address("192.0.2.1")));
}

TEST_CASE("the DHCP script leaves a lease for bound and renew, and takes it away for deconfig") {
  const TempDir folder("/tmp", "leases");
  const std::string where = folder.path().string(), file = where + "/eth0.lease";
  const std::map<std::string, std::string> variables{{"interface", "eth0"}, {"ip", "10.0.2.15"}, {"mask", "24"}};
  const auto environment = environment_of(variables);
  REQUIRE(record_dhcp_event("deconfig", environment, where));
  REQUIRE(record_dhcp_event("bound", environment, where));
  CHECK(parse_lease(*read_file(file))->address == *parse_prefix("10.0.2.15/24"));
  REQUIRE(record_dhcp_event("leasefail", environment, where));
  CHECK(::access(file.c_str(), F_OK) == 0);
  REQUIRE(record_dhcp_event("deconfig", environment, where));
  CHECK(::access(file.c_str(), F_OK) != 0);
}

TEST_CASE("the DHCP script writes nowhere for an interface that is a path") {
  const TempDir folder("/tmp", "leases");
  const std::map<std::string, std::string> variables{{"interface", "../x"}, {"ip", "10.0.2.15"}, {"mask", "24"}};
  const Status recorded = record_dhcp_event("bound", environment_of(variables), folder.path().string());
  REQUIRE_FALSE(recorded);
  CHECK(recorded.error() == "DHCP: no interface named in the environment");
}

TEST_CASE("resolv.conf has every server once, three at most, and the search domains") {
  const Names first{{"10.0.0.1", "10.0.0.2"}, {"a.example"}};
  const Names second{{"10.0.0.2", "10.0.0.3", "10.0.0.4"}, {"b.example", "a.example"}};
  CHECK(make_resolv_conf({first, second}) ==
        "# Written by lifeboat-init; `rescue network` tells where it has it from.\n"
        "search a.example b.example\nnameserver 10.0.0.1\nnameserver 10.0.0.2\nnameserver 10.0.0.3\n");
}
