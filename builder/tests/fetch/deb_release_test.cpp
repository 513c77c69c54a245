#include "builder/fetch/deb_repository.hpp"
#include "builder/tests/fetch/message_of.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
using lifeboat::testing::message_of;

namespace {

const std::string digest = "3b9d5e3f5b8a1d5c6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5";

std::string release_with(const std::string& more) {
  return "Suite: stable\nDate: Sat, 06 Sep 2025 09:57:01 UTC\n" + more;
}

std::string files() { return "SHA256:\n " + digest + " 1484322 main/binary-amd64/Packages.xz\n"; }

std::string fault_of(const std::string& text) {
  return message_of([&] { parse_deb_release(text, "bookworm InRelease"); });
}

}  // namespace

TEST_CASE("a Release gives its fields, its time and the files of its SHA256 section") {
  const DebRelease release = parse_deb_release(
      "Origin: Debian\nLabel: Debian\nSuite: oldstable\nVersion: 12.15\nCodename: bookworm\n"
      "Date: Sat, 11 Jul 2026 10:16:37 UTC\nValid-Until: Sat, 18 Jul 2026 10:16:37 UTC\nAcquire-By-Hash: yes\n"
      "MD5Sum:\n 0ed6d4c8891eb86358b94bb35d9e4da4  1484322 main/binary-amd64/Packages\n" +
          files(),
      "x");
  CHECK(release.origin == "Debian");
  CHECK(release.suite == "oldstable");
  CHECK(release.version == "12.15");
  CHECK(release.codename == "bookworm");
  CHECK(release.date == "Sat, 11 Jul 2026 10:16:37 UTC");
  CHECK(release.date_unix == 1783764997);  // date -u -d '2026-07-11 10:16:37' +%s
  CHECK(release.valid_until_unix == 1783764997 + 7 * 86400);
  CHECK(release.by_hash);
  REQUIRE(release.files.size() == 1);
  CHECK(release.files.at("main/binary-amd64/Packages.xz").sha256 == digest);
  CHECK(release.files.at("main/binary-amd64/Packages.xz").size == 1484322);
}

TEST_CASE("a Release without Valid-Until does not expire") {
  const DebRelease release = parse_deb_release(release_with(files()), "x");
  CHECK(release.valid_until_unix == 0);
  CHECK_FALSE(release.by_hash);
}

TEST_CASE("a Release with weak digests alone is refused, and they are named") {
  CHECK(fault_of(release_with("MD5Sum:\n 0ed6d4c8891eb86358b94bb35d9e4da4 1 a\nSHA1:\n " + std::string(40, 'a') +
                              " 1 a\n")) ==
        "bookworm InRelease lists no file with a SHA-256 (digests found: MD5Sum, SHA1); nothing weaker is accepted");
  CHECK(fault_of(release_with("")) ==
        "bookworm InRelease lists no file with a SHA-256 (digests found: none); nothing weaker is accepted");
}

TEST_CASE("a Release's time is told in one form only") {
  CHECK(parse_deb_release("Date: Thu, 29 Feb 2024 23:59:59 GMT\n" + files(), "x").date_unix == 1709251199);
  for (const char* date :
       {"Sat, 06 Sep 2025 09:57:01 CEST", "Sat, 06 Sep 2025 09:57 UTC", "Sat, 31 Feb 2025 09:57:01 UTC",
        "Sat, 06 Sept 2025 09:57:01 UTC", "Sat, 06 Sep 2025 24:57:01 UTC", "2025-09-06", "",
        "Sat, -6 Sep 2025 09:57:01 UTC", "Sat, 06 Sep 99999999999 09:57:01 UTC"}) {
    INFO(date);
    CHECK(fault_of("Suite: x\nDate: " + std::string(date) + "\n" + files()) ==
          "bookworm InRelease:2: Date \"" + std::string(date) + "\" is not like \"Sat, 06 Sep 2025 09:57:01 UTC\"");
  }
  CHECK(fault_of("Suite: x\n" + files()) == "bookworm InRelease has no Date");
}

TEST_CASE("a malformed Release is refused with the line") {
  CHECK(fault_of("Suite: a\nSuite: b\n") == "bookworm InRelease:2: a second Suite");
  CHECK(fault_of("Suite: a\nno field\n") == "bookworm InRelease:2: \"no field\" is no field");
  CHECK(fault_of(release_with(files() + "\nSuite: other\n")) == "bookworm InRelease:6: a second paragraph begins");
  CHECK(fault_of(release_with("SHA256:\n abc 1 a\n")) ==
        "bookworm InRelease:4: \"abc 1 a\" is not \"SHA-256 SIZE PATH\"");
  CHECK(fault_of(release_with("SHA256:\n " + digest + " -1 a\n")) ==
        "bookworm InRelease:4: \"" + digest + " -1 a\" is not \"SHA-256 SIZE PATH\"");
  CHECK(fault_of(release_with("SHA256:\n " + digest + " 99999999999999999999 a\n")) ==
        "bookworm InRelease:4: \"" + digest + " 99999999999999999999 a\" is not \"SHA-256 SIZE PATH\"");
  CHECK(fault_of(release_with(files() + " " + digest + " 5 main/binary-amd64/Packages.xz\n")) ==
        "bookworm InRelease:5: a second, different digest of main/binary-amd64/Packages.xz");
}

TEST_CASE("control characters of a Release do not reach the terminal") {
  CHECK(fault_of("Suite: a\nx\x1b[2J\n") == "bookworm InRelease:2: \"x\\x1b[2J\" is no field");
}
