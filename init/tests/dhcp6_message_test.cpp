// Bytes by RFC 8415 (21 has the options), written by hand.
#include "init/net/dhcp6_message.hpp"

#include "init/net/dhcp6_timing.hpp"
#include "init/tests/hex.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using test::from_hex;
using test::to_hex;

namespace {

const std::string client = from_hex("0003 0001 525400123456");
const std::string server = from_hex("0003 0001 020304050607");

constexpr std::string_view ids = "0001 000a 00030001525400123456  0002 000a 00030001020304050607";
/// 2001:db8::5, preferred for an hour, valid for two.
constexpr std::string_view address5 = "0005 0018 20010db8000000000000000000000005 00000e10 00001c20";
/// IA_NA 0x12345678 with T1 1800, T2 2880 around an address of 28 bytes.
constexpr std::string_view around = "0003 0028 12345678 00000708 00000b40";

std::optional<Dhcp6Answer> parse(std::string_view header, std::initializer_list<std::string_view> options) {
  std::string bytes = from_hex(header);
  for (std::string_view option : options) bytes += from_hex(option);
  return parse_dhcp6(bytes);
}

Dhcp6Question question(Dhcp6Type type) {
  Dhcp6Question question;
  question.type = type;
  question.transaction = 0xabcdef;
  question.client_id = client;
  question.iaid = 0x12345678;
  question.elapsed = 0x0102;
  return question;
}

}  // namespace

TEST_CASE("the DUID is made of the MAC alone") {
  CHECK(to_hex(duid_of("52:54:00:12:34:56")) == "00030001525400123456");
  CHECK(duid_of("").empty());
  CHECK(duid_of("52:54:00:12:34:56:78").empty());
}

TEST_CASE("a Solicit asks for any address and for names, and takes a reply at once") {
  CHECK(to_hex(to_bytes(question(Dhcp6Type::solicit))) ==
        to_hex(from_hex("01 abcdef  0001 000a 00030001525400123456  0008 0002 0102"
                        "0003 000c 12345678 00000000 00000000  0006 0004 0017 0018  000e 0000")));
}

TEST_CASE("Request and Renew name the server and the address, Rebind the address alone") {
  Dhcp6Question asked = question(Dhcp6Type::request);
  asked.server_id = server;
  asked.address = parse_address("2001:db8::5");
  const std::string rest =
      "0008 0002 0102  0003 0028 12345678 00000000 00000000"
      "0005 0018 20010db8000000000000000000000005 00000000 00000000  0006 0004 0017 0018";
  const std::string to_server = "0001 000a 00030001525400123456 0002 000a 00030001020304050607" + rest;
  CHECK(to_hex(to_bytes(asked)) == to_hex(from_hex("03 abcdef" + to_server)));
  asked.type = Dhcp6Type::renew;
  CHECK(to_hex(to_bytes(asked)) == to_hex(from_hex("05 abcdef" + to_server)));
  asked.type = Dhcp6Type::rebind;
  asked.server_id.clear();
  CHECK(to_hex(to_bytes(asked)) == to_hex(from_hex("06 abcdef 0001 000a 00030001525400123456" + rest)));
}

TEST_CASE("an Information-request asks for names and when to ask again, and for no address") {
  CHECK(to_hex(to_bytes(question(Dhcp6Type::information_request))) ==
        to_hex(from_hex("0b abcdef  0001 000a 00030001525400123456  0008 0002 0102  0006 0006 0017 0018 0020")));
}

TEST_CASE("a Decline names what it declines, and asks for nothing") {
  Dhcp6Question declined = question(Dhcp6Type::decline);
  declined.server_id = server;
  declined.address = parse_address("2001:db8::5");
  CHECK(to_hex(to_bytes(declined)) ==
        to_hex(from_hex("09 abcdef 0001 000a 00030001525400123456 0002 000a 00030001020304050607 0008 0002 0102"
                        "0003 0028 12345678 00000000 00000000"
                        "0005 0018 20010db8000000000000000000000005 00000000 00000000")));
}

TEST_CASE("a Reply gives address, lifetimes and names") {
  const auto answer = parse("07 abcdef", {ids, around, address5,
                                          "0017 0020 20010db8000000000000000000000053 fe800000000000000000000000000001",
                                          "0018 000d 07 6578616d706c65 03 636f6d 00", "000e 0000"});
  REQUIRE(answer);
  CHECK(answer->type == Dhcp6Type::reply);
  CHECK(answer->transaction == 0xabcdef);
  CHECK(answer->client_id == client);
  CHECK(answer->server_id == server);
  CHECK(answer->iaid == 0x12345678);
  CHECK(answer->renew_after == 1800);
  CHECK(answer->rebind_after == 2880);
  CHECK(answer->rapid_commit);
  CHECK(answer->status == dhcp6_success);
  REQUIRE(answer->addresses.size() == 1);
  CHECK(answer->addresses[0] == Dhcp6Address{*parse_address("2001:db8::5"), 3600, 7200});
  CHECK(answer->dns == std::vector<Address>{*parse_address("2001:db8::53"), *parse_address("fe80::1")});
  CHECK(answer->search == std::vector<std::string>{"example.com"});
}

TEST_CASE("an Advertise has a preference, 0 where it says none") {
  CHECK(parse("02 abcdef", {ids, around, address5})->preference == 0);
  CHECK(parse("02 abcdef", {ids, around, address5, "0007 0001 ff"})->preference == 255);
}

TEST_CASE("a status of the message, the association or the address takes what it is about away") {
  const auto no_addresses = parse("02 abcdef", {ids, "0003 0012 12345678 00000000 00000000 000d 0002 0002"});
  REQUIRE(no_addresses);
  CHECK(no_addresses->status == 2);
  CHECK(parse("07 abcdef", {ids, around, address5, "000d 0006 0001 6f6f7073"})->status == 1);
  const auto of_address = parse("07 abcdef", {ids,
                                              "0003 002e 12345678 00000000 00000000"
                                              "0005 001e 20010db8000000000000000000000005 00000e10 00001c20"
                                              "000d 0002 0003"});
  REQUIRE(of_address);
  CHECK(of_address->status == dhcp6_success);
  CHECK(of_address->addresses.empty());
}

TEST_CASE("an address that is no machine's, or prefers to live longer than it is valid, is left out") {
  for (const char* address :
       {"00000000000000000000000000000000 00000e10 00001c20", "00000000000000000000000000000001 00000e10 00001c20",
        "ff020000000000000000000000000001 00000e10 00001c20", "fe800000000000000000000000000005 00000e10 00001c20",
        "20010db8000000000000000000000005 00001c21 00001c20"}) {
    INFO(address);
    const auto answer = parse("07 abcdef", {ids, around, "0005 0018", address});
    REQUIRE(answer);
    CHECK(answer->addresses.empty());
  }
}

TEST_CASE("an address with lifetime zero is told: the server takes it back") {
  const auto answer = parse("07 abcdef", {ids, around, "0005 0018 20010db8000000000000000000000005 00000000 00000000"});
  CHECK(answer->addresses == std::vector{Dhcp6Address{*parse_address("2001:db8::5"), 0, 0}});
}

TEST_CASE("an association whose T1 is after its T2, or whose inside is broken, gives nothing") {
  CHECK(parse("07 abcdef", {ids, "0003 0028 12345678 00000b41 00000b40", address5})->addresses.empty());
  CHECK_FALSE(parse("07 abcdef", {ids, "0003 0028 12345678 00000b41 00000b40", address5})->iaid);
  // The address inside says that it is one byte longer than the association.
  CHECK(parse("07 abcdef", {ids, around, "0005 0019 20010db8000000000000000000000005 00000e10 00001c20"})
            ->addresses.empty());
  // A byte too many behind a good address.
  CHECK(parse("07 abcdef", {ids, "0003 0029 12345678 00000708 00000b40", address5, "00"})->addresses.empty());
  CHECK_FALSE(parse("07 abcdef", {ids, "0003 000b 12345678 00000b40 000000"})->iaid);
}

TEST_CASE("only what answers this very question of this client counts") {
  const auto counts = [](Dhcp6Type type, std::string_view header, std::initializer_list<std::string_view> options) {
    return answers(question(type), *parse(header, options));
  };
  const std::string_view rapid = "000e 0000", others = "0001 000a 00030001525400123457 0002 000a 00030001020304050607",
                         nobodys = "0002 000a 00030001020304050607", refused = "000d 0002 0002";
  CHECK(counts(Dhcp6Type::solicit, "02 abcdef", {ids, around, address5}));
  CHECK(counts(Dhcp6Type::solicit, "07 abcdef", {ids, around, address5, rapid}));
  CHECK(counts(Dhcp6Type::request, "07 abcdef", {ids, around, address5}));
  CHECK(counts(Dhcp6Type::renew, "07 abcdef", {ids, refused}));  // it is told
  CHECK(counts(Dhcp6Type::information_request, "07 abcdef", {nobodys}));

  CHECK_FALSE(counts(Dhcp6Type::solicit, "02 abcdee", {ids, around, address5}));
  CHECK_FALSE(counts(Dhcp6Type::request, "07 abcdee", {ids, around, address5}));
  CHECK_FALSE(counts(Dhcp6Type::request, "07 abcdef", {others, around, address5}));
  CHECK_FALSE(counts(Dhcp6Type::request, "07 abcdef", {nobodys, around, address5}));
  CHECK_FALSE(counts(Dhcp6Type::information_request, "07 abcdef", {others}));
  CHECK_FALSE(counts(Dhcp6Type::solicit, "07 abcdef", {ids, around, address5}));  // a reply that was not asked for
  CHECK_FALSE(counts(Dhcp6Type::request, "02 abcdef", {ids, around, address5}));
  CHECK_FALSE(counts(Dhcp6Type::solicit, "02 abcdef", {ids, refused}));
  CHECK_FALSE(counts(Dhcp6Type::solicit, "02 abcdef", {ids, around, address5, refused}));
  CHECK_FALSE(counts(Dhcp6Type::solicit, "02 abcdef", {ids, "0003 0028 12345679 00000708 00000b40", address5}));
}

TEST_CASE("what is no server's answer is nothing") {
  for (const char* header : {"01 abcdef", "03 abcdef", "0a abcdef", "0d abcdef", "00 abcdef", "ff abcdef"})
    CHECK_FALSE(parse(header, {ids}));
  CHECK_FALSE(parse("07 abcdef", {"0001 000a 00030001525400123456"}));  // no server id
  CHECK_FALSE(parse("07 abcdef", {ids, "0017 0011 20010db8000000000000000000000053"}));
  CHECK_FALSE(parse("07 abcdef", {ids, "00"}));
  CHECK_FALSE(parse("07 abcd", {}));
}

TEST_CASE("a reply cut off anywhere gives no address that was not whole") {
  const std::string whole = from_hex("07 abcdef" + std::string(ids) + std::string(around) + std::string(address5));
  REQUIRE(parse_dhcp6(whole)->addresses.size() == 1);
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    const auto answer = parse_dhcp6(std::string_view(whole).substr(0, cut));
    if (answer) CHECK(answer->addresses.empty());
  }
}

TEST_CASE("of each option the first counts, and there are at most sixteen addresses and servers") {
  const auto twice = parse("07 abcdef", {ids, around, address5,
                                         "0003 0028 00000001 00000000 00000000"
                                         "0005 0018 20010db8000000000000000000000006 00000e10 00001c20",
                                         "0002 000a 00030001ffffffffffff"});
  CHECK(twice->server_id == server);
  CHECK(twice->iaid == 0x12345678);
  CHECK(twice->addresses.size() == 1);

  std::string many = "0003 023c 12345678 00000000 00000000", servers = "0017 0140";  // 12 + 20 * 28, 20 * 16
  for (int i = 0; i < 20; ++i) many += address5;
  for (int i = 0; i < 20; ++i) servers += "20010db8000000000000000000000053";
  const auto bounded = parse("07 abcdef", {ids, many, servers});
  REQUIRE(bounded);
  CHECK(bounded->addresses.size() == 16);
  CHECK(bounded->dns.size() == 16);
}

TEST_CASE("when to ask for names again is at least ten minutes, a day where nobody says") {
  CHECK(parse("07 abcdef", {ids})->refresh_after == 86400);
  CHECK(parse("07 abcdef", {ids, "0020 0004 00000001"})->refresh_after == 600);
  CHECK(parse("07 abcdef", {ids, "0020 0004 00001c20"})->refresh_after == 7200);
}

TEST_CASE("a question is repeated after twice the time, to a bound, with a tenth more or less") {
  const Dhcp6Pace pace{Milliseconds(1000), Milliseconds(5000)};
  // 0, 100 and 200 of 201 are a tenth less, nothing, a tenth more; the first never comes early.
  CHECK(next_pause(pace, 0, {}, 100) == Milliseconds(1000));
  CHECK(next_pause(pace, 0, {}, 0) == Milliseconds(1100));
  CHECK(next_pause(pace, 0, {}, 200) == Milliseconds(1100));
  CHECK(next_pause(pace, 1, Milliseconds(1100), 0) == Milliseconds(1980));
  CHECK(next_pause(pace, 2, Milliseconds(1980), 200) == Milliseconds(4356));
  CHECK(next_pause(pace, 3, Milliseconds(4356), 100) == Milliseconds(5000));
  CHECK(next_pause(pace, 99, Milliseconds(5000), 0xffffffff) <= Milliseconds(5500));
}

TEST_CASE("a lease is renewed when the server says, or after half of its time") {
  using std::chrono::seconds;
  const auto times = [](std::uint32_t t1, std::uint32_t t2, std::uint32_t preferred, std::uint32_t valid) {
    Dhcp6Answer answer;
    answer.renew_after = t1;
    answer.rebind_after = t2;
    return times_of(answer, {{}, preferred, valid});
  };
  CHECK(times(10, 20, 30, 40) == Dhcp6Times{seconds(10), seconds(20), seconds(40)});
  CHECK(times(0, 0, 100, 200) == Dhcp6Times{seconds(50), seconds(80), seconds(200)});
  CHECK(times(0, 0, 0, 100) == Dhcp6Times{seconds(50), seconds(80), seconds(100)});
  CHECK(times(90, 0, 100, 200) == Dhcp6Times{seconds(90), seconds(90), seconds(200)});
  CHECK(times(500, 600, 100, 200) == Dhcp6Times{seconds(50), seconds(80), seconds(200)});  // after the end
  CHECK(times(0, 0, 1, 1) == Dhcp6Times{seconds(1), seconds(1), seconds(1)});
  const seconds ten_years(315360000);
  CHECK(times(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff).end == ten_years);
  CHECK(times(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff).renew == ten_years);
}
