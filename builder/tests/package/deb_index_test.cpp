#include "builder/package/deb_index.hpp"

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"
#include "builder/package/relation.hpp"
#include "builder/tests/package/cases.hpp"
#include "testing/catch.hpp"

namespace {

using namespace lifeboat;
using Texts = std::vector<std::string>;

template <typename Relations>
Texts texts(const Relations& relations) {
  Texts all;
  for (const auto& each : relations) all.push_back(to_string(each));
  return all;
}

/// The whole text of the Error that `body` ends with; "" when it ends well.
template <typename Body>
std::string error_of(Body body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::string good_stanza() {
  return "Package: good\nVersion: 1.0\nArchitecture: amd64\nFilename: pool/good.deb\nSize: 10\nSHA256: " +
         std::string(64, 'a') + "\n";
}

/// The good stanza with one field dropped ("Name"), replaced or added ("Name: value").
std::string changed_stanza(const std::string& change) {
  const std::string field = change.substr(0, change.find(':')) + ":";
  std::string stanza;
  const std::string good = good_stanza();
  for (const std::string_view line : split_lines(good))
    if (!line.starts_with(field)) stanza += std::string(line) + "\n";
  return change.find(':') == std::string::npos ? stanza : stanza + change + "\n";
}

TEST_CASE("every field of an index is read") {
  const std::vector<Package> packages = parse_deb_index(read_data("index-good.txt"), "amd64", "bookworm", "test");
  REQUIRE(packages.size() == 2);
  const Package& server = packages[0];
  CHECK(server.name == "openssh-server");
  CHECK(server.version == "1:9.2p1-2+deb12u3+b1");
  CHECK(server.architecture == "amd64");
  CHECK(server.source == "openssh");
  CHECK(server.source_version == "1:9.2p1-2+deb12u3");
  CHECK(server.repository == "bookworm");
  CHECK(server.path == "pool/main/o/openssh/openssh-server_9.2p1-2+deb12u3+b1_amd64.deb");
  CHECK(server.size == 456800);
  CHECK(server.sha256 == "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff");
  CHECK(server.installed_size == 1920 * 1024);
  CHECK(server.priority == "optional");
  CHECK_FALSE(server.essential);
  CHECK(server.multi_arch == "foreign");
  CHECK(texts(server.pre_depends) == Texts{"init-system-helpers (>= 1.54~)"});
  CHECK(texts(server.depends) == Texts{"adduser", "libc6 (>= 2.36)", "debconf (>= 0.5) | debconf-2.0", "perl:any"});
  CHECK(texts(server.conflicts) == Texts{"sftp", "ssh-socks", "telnetd:i386"});
  CHECK(texts(server.breaks) == Texts{"runit (<< 2.1.2-51~)"});
  CHECK(texts(server.provides) == Texts{"ssh-server", "ssh-abi (= 2)"});
}

TEST_CASE("field names in any letters, an empty dependency and a flat repository's path are read") {
  const Package compiler = parse_deb_index(read_data("index-good.txt"), "amd64", "bookworm", "test").at(1);
  CHECK(compiler.name == "g++");
  CHECK(compiler.architecture == "all");
  CHECK(compiler.essential);
  CHECK(compiler.depends.empty());
  CHECK(compiler.path == "flat~1.deb");
  CHECK(compiler.size == 0);
  CHECK(compiler.source.empty());
}

TEST_CASE("an empty index has no packages") {
  CHECK(parse_deb_index("", "amd64", "bookworm", "test").empty());
  CHECK(parse_deb_index("\n\n\n", "amd64", "bookworm", "test").empty());
}

TEST_CASE("a malformed stanza is refused with its number, its package and the reason") {
  const std::vector<Case> cases = read_cases("index-malformed.txt");
  REQUIRE(cases.size() > 25);
  for (const Case& each : cases) {
    INFO(each.at("case"));
    const std::string stanza =
        each.contains("line") ? good_stanza() + each.at("line") + "\n" : changed_stanza(each.at("change"));
    const std::string text = good_stanza() + "\n" + stanza + "\n" + good_stanza();
    CHECK(error_of([&] { parse_deb_index(text, "amd64", "bookworm", "test/Packages"); }) == each.at("error"));
  }
}

TEST_CASE("a stanza that begins with a continuation line is refused") {
  CHECK(error_of([] { parse_deb_index(" x\n" + good_stanza(), "amd64", "bookworm", "test"); }) ==
        "reading test: stanza 1: ` x` is not a line `Field: value`");
}

TEST_CASE("control characters from outside are not printed") {
  CHECK(error_of([] { parse_deb_index("Package: a\x1b[2J\nArchitecture: amd64\n", "amd64", "bookworm", "test"); }) ==
        "reading test: stanza 1 (`a\\x1b[2J`): field `Package`: `a\\x1b[2J` is not a package name");
}

TEST_CASE("a stanza over 1 MiB is refused, one of just below is read") {
  const std::string filler = "Description: " + std::string(1024 * 1024, 'x') + "\n";
  CHECK(error_of([&] { parse_deb_index(good_stanza() + filler, "amd64", "bookworm", "test"); }) ==
        "reading test: stanza 1: it is larger than 1.0 MiB");
  const std::string fits = filler.substr(0, 1024 * 1024 - good_stanza().size() - 1) + "\n";
  CHECK(parse_deb_index(good_stanza() + fits, "amd64", "bookworm", "test").size() == 1);
}

TEST_CASE("every operator of a dependency is read, the old ones as dpkg reads them") {
  CHECK(texts(parse_deb_depends("a (<< 1), b (<= 1), c (= 1), d (>= 1), e (>> 1), f (< 1), g (> 1)")) ==
        Texts{"a (<< 1)", "b (<= 1)", "c (= 1)", "d (>= 1)", "e (>> 1)", "f (<= 1)", "g (>= 1)"});
}

TEST_CASE("a malformed dependency is refused with the place and the reason") {
  const std::vector<Case> cases = read_cases("relations-malformed.txt");
  REQUIRE(cases.size() > 10);
  for (const Case& each : cases) {
    INFO(each.at("case"));
    CHECK(error_of([&] { parse_deb_depends(each.at("field")); }) == each.at("error"));
  }
}

}  // namespace
