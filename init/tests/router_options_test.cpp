// Bytes by RFC 8106, inside the kernel's struct nduseroptmsg.
#include "init/net/router_options.hpp"

#include "init/net/heard_names.hpp"
#include "init/tests/hex.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using test::from_hex;

namespace {

/// Of router fe80::1, on interface 3.
std::vector<RouterNames> parse(std::string_view options_in_hex) {
  const std::string options = from_hex(options_in_hex);
  std::string bytes = from_hex("0a 00 0000 03000000 86 00 0000 00000000") + options;
  bytes[2] = static_cast<char>(options.size() & 0xff);
  bytes[3] = static_cast<char>(options.size() >> 8);
  return parse_router_options({68, bytes + from_hex("1400 0100 fe800000000000000000000000000001")});
}

std::vector<Address> servers(std::initializer_list<std::string_view> texts) {
  std::vector<Address> addresses;
  for (std::string_view text : texts) addresses.push_back(*parse_address(text));
  return addresses;
}

using Texts = std::vector<std::string>;

RouterNames only(const std::string& options_in_hex) {
  const auto all = parse(options_in_hex);
  REQUIRE(all.size() == 1);
  return all[0];
}

}  // namespace

TEST_CASE("RDNSS gives servers with a lifetime, by interface and router") {
  const auto all = parse("19 05 0000 00000708  20010db8000000000000000000000053 fe800000000000000000000000000001");
  REQUIRE(all.size() == 1);
  CHECK(all[0].index == 3);
  CHECK(all[0].router == *parse_address("fe80::1"));
  CHECK(all[0].seconds == 1800);
  CHECK(all[0].dns == servers({"2001:db8::53", "fe80::1"}));
  CHECK(all[0].search.empty());
}

TEST_CASE("DNSSL gives domains: labels, each domain ended, padded with zeros") {
  const auto all =
      parse("1f 05 0000 ffffffff  07 6578616d706c65 03 636f6d 00  03 6c6162 07 6578616d706c65 03 6f7267 00 00 00");
  REQUIRE(all.size() == 1);
  CHECK(all[0].seconds == 0xffffffff);
  CHECK(all[0].search == Texts{"example.com", "lab.example.org"});
  CHECK(all[0].dns.empty());
}

TEST_CASE("lifetime zero takes names back, so it is told") {
  const auto all = parse("19 03 0000 00000000  20010db8000000000000000000000053");
  REQUIRE(all.size() == 1);
  CHECK(all[0].seconds == 0);
  CHECK(all[0].dns == servers({"2001:db8::53"}));
}

TEST_CASE("several options in one message are several entries; unknown ones are passed over") {
  const auto all = parse(
      "05 01 0000 000005dc  19 03 0000 00000001  20010db8000000000000000000000053"
      "1f 02 0000 00000002  03 6c6162 00 00000000");
  REQUIRE(all.size() == 2);
  CHECK(all[0].dns == servers({"2001:db8::53"}));
  CHECK(all[1].search == Texts{"lab"});
  CHECK(all[1].seconds == 2);
}

TEST_CASE("servers that nobody can ask are left out") {
  CHECK(parse("19 03 0000 00000001  00000000000000000000000000000000").empty());  // ::
  CHECK(parse("19 03 0000 00000001  00000000000000000000000000000001").empty());  // ::1
  CHECK(parse("19 03 0000 00000001  ff020000000000000000000000000001").empty());  // multicast
}

TEST_CASE("domains that are no host names are left out, and those behind them read") {
  // "a\nb", "a.b" in one label, "-a", "x y"; then "ok".
  CHECK(only("1f 04 0000 00000001  03 610a62 00 03 612e62 00 02 2d61 00 03 782079 00 02 6f6b 00 00").search ==
        Texts{"ok"});
  // A compression pointer and what is behind it.
  CHECK(only("1f 03 0000 00000001  02 6f6b 00 c0 00 02 6f6b 00 000000000000").search == Texts{"ok"});
  // Without its end.
  CHECK(parse("1f 02 0000 00000001  07 6578616d706c65").empty());
  // A label longer than what is there.
  CHECK(parse("1f 02 0000 00000001  3f 6578616d706c65").empty());
}

TEST_CASE("a domain is at most 253 long, and there are at most sixteen of them and of servers") {
  const std::string label = "3f" + [] {
    std::string hex;
    for (int i = 0; i < 63; ++i) hex += "61";
    return hex;
  }();
  // Four labels of 63 are 255 with their dots; then "ok". 4*64+1+4 = 261, padded to 264.
  CHECK(only("1f 22 0000 00000001" + label + label + label + label + "00 02 6f6b 00 000000").search == Texts{"ok"});
  std::string many_names = "1f 09 0000 00000001", many_servers = "19 29 0000 00000001";
  for (int i = 0; i < 20; ++i) many_servers += "20010db8000000000000000000000053";
  for (int i = 0; i < 21; ++i) many_names += "01 61 00";
  CHECK(only(many_names + "00").search.size() == 16);
  CHECK(only(many_servers).dns.size() == 16);
}

TEST_CASE("lengths that lie end the reading") {
  CHECK(parse("19 00 0000 00000001  20010db8000000000000000000000053").empty());
  CHECK(parse("19 05 0000 00000001  20010db8000000000000000000000053").empty());
  CHECK(parse("19 02 0000 00000001  20010db800000000").empty());
  CHECK(parse("19 04 0000 00000001  20010db8000000000000000000000053 0000000000000000").empty());  // RFC 8106: odd
  CHECK(parse("19 01 0000 00000001").empty());
  CHECK(parse("1f 01 0000 00000001").empty());
  CHECK(parse("").empty());
}

TEST_CASE("a message of another kind, or cut off anywhere, says nothing") {
  const std::string whole = from_hex(
      "0a 00 1800 03000000 86 00 0000 00000000"
      "19 03 0000 00000001  20010db8000000000000000000000053");
  REQUIRE(parse_router_options({68, whole}).size() == 1);
  CHECK(parse_router_options({68, whole})[0].router.is_none());
  CHECK(parse_router_options({16, whole}).empty());
  for (std::size_t cut = 0; cut < whole.size(); ++cut)
    CHECK(parse_router_options({68, std::string_view(whole).substr(0, cut)}).empty());
  for (const std::size_t at : {0U, 8U}) {
    std::string other = whole;
    other[at] = 2;
    CHECK(parse_router_options({68, other}).empty());
  }
}

TEST_CASE("names are known for as long as the router said, its next word counts anew, and zero takes one away") {
  const Clock::time_point start{};
  const auto seconds = [&](int count) { return start + std::chrono::seconds(count); };
  const auto server = [](std::string_view address, std::uint32_t lifetime) {
    return RouterNames{.index = 3, .router = {}, .seconds = lifetime, .dns = {*parse_address(address)}, .search = {}};
  };
  HeardNames heard;
  CHECK_FALSE(heard.next_end());
  heard.take(server("2001:db8::1", 600), "eth0", start);
  heard.take(server("fe80::2", 60), "eth0", start);
  heard.take({.index = 3, .router = {}, .seconds = 0xffffffff, .dns = {}, .search = {"lab.example"}}, "eth0", start);
  CHECK(heard.names().servers == Texts{"fe80::2%eth0", "2001:db8::1"});
  CHECK(heard.next_end() == seconds(60));

  heard.expire(seconds(59));
  CHECK(heard.names().servers.size() == 2);
  heard.take(server("fe80::2", 60), "eth0", seconds(59));
  heard.expire(seconds(118));
  CHECK(heard.names().servers.size() == 2);
  heard.expire(seconds(119));
  CHECK(heard.names().servers == Texts{"2001:db8::1"});
  heard.take(server("2001:db8::1", 0), "eth0", seconds(120));
  CHECK(heard.names().servers.empty());
  CHECK_FALSE(heard.next_end());
  heard.expire(seconds(1'000'000'000));
  CHECK(heard.names().search == Texts{"lab.example"});
}

TEST_CASE("no more than sixteen names are kept, the newest") {
  HeardNames heard;
  for (int i = 1; i <= 20; ++i)
    heard.take({.index = 3,
                .router = {},
                .seconds = 60,
                .dns = {*parse_address("2001:db8::" + std::to_string(i))},
                .search = {}},
               "eth0", {});
  REQUIRE(heard.names().servers.size() == 16);
  CHECK(heard.names().servers.front() == "2001:db8::20");
  CHECK(heard.names().servers.back() == "2001:db8::5");
}
