// Mirrors that are down, slow or lie, met by the whole program: what it says, that it goes on where it can, and that
// the last good output stays where it cannot. The downloader's own tests look at each try.
#include <thread>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"
#include "builder/tests/build/small_archive.hpp"
#include "builder/tests/fetch/http_server.hpp"
#include "testing/catch.hpp"

namespace lifeboat::testing {
namespace {
namespace fs = std::filesystem;
using Kind = Answer::Kind;

const Answer login_page{Kind::page, 200, "<html>Please log in to the hotel's network</html>"};

/// The thirty seconds after which a mirror counts as stalled take half of one.
Environment in_a_hurry() { return preloaded({{"LIFEBOAT_CLOCK_SPEED", "60"}}); }

/// The bytes of an undisturbed build. The mirror's address is in no file of it.
const Files& good_image() {
  static const Files files = [] {
    const Workshop shop;
    const Outcome outcome = shop.build();
    if (outcome.status != 0) throw Error(outcome.err);
    return files_below(shop.output);
  }();
  return files;
}

void require_good_image(const Workshop& shop, const Outcome& outcome) {
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  REQUIRE(differences(files_below(shop.output), good_image()).empty());
  REQUIRE(shop.beside_output().empty());
}

/// Something in the output's place that a failed build has to leave as it is.
void put_last_good_output(const Workshop& shop) {
  lifeboat::create_directories(shop.output);
  replace_file(shop.output / "manifest.json", "the last good output\n");
}

void require_refusal(const Workshop& shop, const Outcome& outcome, const std::vector<std::string>& pieces) {
  INFO(outcome.err);
  REQUIRE(outcome.status == 1);
  for (const std::string& piece : pieces) {
    CAPTURE(piece);
    REQUIRE(outcome.err.find(piece) != std::string::npos);
  }
  REQUIRE(read_file(shop.output / "manifest.json") == "the last good output\n");
  REQUIRE(files_below(shop.output).size() == 1);
  REQUIRE(shop.beside_output().empty());
}

std::string release_path() { return "/dists/teststable/InRelease"; }

std::string library_path() { return "/pool/main/l/libhello1/libhello1_1.0_amd64.deb"; }

/// Every request gets the answer; the words of the error.
struct Fault {
  std::string name;
  Answer answer;
  std::string words;
};

const std::vector<Fault>& faults() {
  static const std::vector<Fault> all{
      {"a stall", {Kind::stall}, "stalled: next to nothing came for 30 s"},
      {"a reset", {Kind::reset}, "onnection reset"},
      {"404", {Kind::status, 404}, "HTTP 404"},
      {"500", {Kind::status, 500}, "HTTP 500"},
      {"a login page", login_page, "bytes, got"},
      {"half a file", {Kind::cut}, "the connection ended before the file did"},
      {"half a file that claims to be whole", {Kind::chunked_short}, "bytes, got"},
      {"a wrong length", {Kind::wrong_length}, "bytes, got"},
  };
  return all;
}

/// Runs both at once.
std::pair<Outcome, Outcome> build_both(const Workshop& one, const Workshop& other) {
  std::pair<Outcome, Outcome> outcomes;
  std::thread beside([&] { outcomes.second = other.build(); });
  outcomes.first = one.build();
  beside.join();
  return outcomes;
}

}  // namespace

TEST_CASE("where the first mirror fails in any way, the second gives the same image") {
  const Fault fault = GENERATE(from_range(faults()));
  CAPTURE(fault.name);
  HttpServer first(small_archive().root());
  first.always("", fault.answer);
  const Workshop shop(small_archive(), first.url());
  require_good_image(shop, shop.build({"--mirror", "test=" + small_archive().url()}, in_a_hurry()));
  CHECK(first.count(release_path()) > 0);
}

TEST_CASE("where the first mirror cannot be reached, the second gives the same image") {
  const DeafServer deaf;
  for (const std::string& first :
       {"http://127.0.0.1:" + std::to_string(closed_port()), std::string("http://mirror.invalid/debian"), deaf.url()}) {
    CAPTURE(first);
    const Workshop shop(small_archive(), first);
    require_good_image(shop, shop.build({"--mirror", "test=" + small_archive().url()}, in_a_hurry()));
  }
}

TEST_CASE("where the only mirror fails on a package, it is named with the file and the reason, and nothing is lost") {
  const Fault fault = GENERATE(from_range(faults()));
  CAPTURE(fault.name);
  HttpServer server(small_archive().root());
  server.always(library_path(), fault.answer);
  const Workshop shop(small_archive(), server.url());
  put_last_good_output(shop);
  // "Not there" is told of all files at once, at the end.
  const std::vector<std::string> words =
      fault.name == "404"
          ? std::vector<
                std::string>{"lifeboat: error: 1 package file is gone from every mirror:\n  libhello1_1.0_amd64.deb\n",
                             "\nhint: the mirrors lack what their index lists: run the same command later, or name "
                             "another: "}
          : std::vector<std::string>{
                "lifeboat: error: fetching libhello1_1.0_amd64.deb: ", server.url() + library_path(), fault.words,
                "\nhint: check the network, or name another mirror: --mirror test=URL\n"};
  require_refusal(shop, shop.build({}, in_a_hurry()), words);
  server.always(library_path(), {});
  require_good_image(shop, shop.build());
}

TEST_CASE("a login page in the place of the signed Release is no Release, and nothing is lost") {
  HttpServer server(small_archive().root());
  server.always("", login_page);
  const Workshop shop(small_archive(), server.url());
  put_last_good_output(shop);
  require_refusal(shop, shop.build({}, in_a_hurry()),
                  {"teststable InRelease", server.url() + release_path(), "hint: "});
}

TEST_CASE("a mirror whose name nobody knows is said, and nothing is lost") {
  const Workshop shop(small_archive(), "http://mirror.invalid/debian");
  put_last_good_output(shop);
  // A machine without a network must not wait for a name server here.
  require_refusal(shop, shop.build({}, {{"RES_OPTIONS", "timeout:1 attempts:1"}}),
                  {"http://mirror.invalid/debian" + release_path() + ": the host's name is not known",
                   "hint: check the network, or name another mirror: --mirror test=URL"});
}

TEST_CASE("a fault that passes costs a moment, not the build") {
  const Kind fault = GENERATE(Kind::stall, Kind::reset, Kind::cut);
  HttpServer server(small_archive().root());
  for (const std::string& path : {release_path(), library_path()}) server.next(path, {{fault}});
  const Workshop shop(small_archive(), server.url());
  require_good_image(shop, shop.build({}, in_a_hurry()));
  CHECK(server.count(library_path()) == 2);
}

TEST_CASE("two builds at once on one cache both end with the same bytes") {
  for (int round = 0; round < 4; ++round) {
    CAPTURE(round);
    HttpServer server(small_archive().root());
    const Workshop one(small_archive(), server.url());
    Workshop other(small_archive(), server.url());
    other.cache = one.cache;
    const auto [first, second] = build_both(one, other);
    require_good_image(one, first);
    require_good_image(other, second);
  }
}

TEST_CASE("two builds at once into one output leave one whole image there") {
  for (int round = 0; round < 4; ++round) {
    CAPTURE(round);
    const Workshop one;
    Workshop other;
    other.output = one.output;
    other.cache = one.cache;
    const auto [first, second] = build_both(one, other);
    require_good_image(one, first);
    require_good_image(other, second);
  }
}

}  // namespace lifeboat::testing
