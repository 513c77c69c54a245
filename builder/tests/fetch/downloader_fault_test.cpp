// What mirrors do wrong, and which of it costs the download: dead, slow, lying, half there.
#include "builder/fetch/downloader.hpp"
#include "builder/tests/fetch/download_fixture.hpp"
#include "builder/tests/fetch/message_of.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
using namespace lifeboat::testing;
using Kind = Answer::Kind;

namespace {

std::string first_url(const DownloadFixture& f) { return f.first.url() + "/a.deb"; }

}  // namespace

TEST_CASE("a fault that passes is tried again at the same mirror until the file is whole") {
  const Kind fault = GENERATE(Kind::stall, Kind::cut, Kind::reset);
  DownloadFixture f;
  f.first.next("/a.deb", {{fault}, {fault}});
  f.fetch(f.from_first());
  CHECK(f.got() == f.bytes);
  CHECK(f.first.requests().size() == 3);
}

TEST_CASE("what came before a fault is not fetched again") {
  DownloadFixture f;
  f.first.next("/a.deb", {{Kind::cut}});
  f.fetch(f.from_both());
  CHECK(f.got() == f.bytes);
  REQUIRE(f.second.requests().size() == 1);
  CHECK(f.second.requests()[0].range == "bytes=150000-");
}

TEST_CASE("HTTP 500 passes: the mirror is asked three times") {
  DownloadFixture f;
  f.first.next("/a.deb", {{Kind::status, 500}, {Kind::status, 503}});
  f.fetch(f.from_first());
  CHECK(f.got() == f.bytes);
  f.first.always("/a.deb", {Kind::status, 500});
  std::filesystem::remove(f.to);
  CHECK(message_of([&] { f.fetch(f.from_first()); }) == nobody_has({first_url(f) + ": HTTP 500"}));
  CHECK(f.first.requests().size() == 6);
}

TEST_CASE("HTTP 404 goes to the next mirror at once, and is not asked again") {
  DownloadFixture f;
  f.first.always("", {Kind::status, 404});
  f.fetch(f.from_both());
  CHECK(f.got() == f.bytes);
  f.second.always("", {Kind::status, 403});
  std::filesystem::remove(f.to);
  CHECK(message_of([&] { f.fetch(f.from_both()); }) ==
        nobody_has({first_url(f) + ": HTTP 404", f.second.url() + "/a.deb: HTTP 403"}));
  CHECK(f.first.requests().size() == 2);
  CHECK(f.second.requests().size() == 2);
}

TEST_CASE("a login page, a wrong length and a file that is too long or short go to the next mirror") {
  const Answer lie = GENERATE(Answer{Kind::page, 200, "<html>Please log in</html>"}, Answer{Kind::wrong_length},
                              Answer{Kind::chunked_short}, Answer{Kind::page, 200, std::string(400'000, 'x')},
                              Answer{Kind::page, 200, std::string(300'000, 'x')}, Answer{Kind::status, 204});
  DownloadFixture f;
  f.first.always("/a.deb", lie);
  f.fetch(f.from_both());
  CHECK(f.got() == f.bytes);
  CHECK(f.first.requests().size() == 1);
  CHECK(f.second.requests().size() == 1);
}

TEST_CASE("the error for wrong bytes says how many were expected and got") {
  DownloadFixture f;
  f.first.always("/a.deb", {Kind::page, 200, "<html>Please log in</html>"});
  CHECK(message_of([&] { f.fetch(f.from_first()); }) ==
        nobody_has({first_url(f) + ": expected 300000 bytes, got 26"}, "no mirror has a good copy"));
  f.first.always("/a.deb", {Kind::chunked_short});
  CHECK(message_of([&] { f.fetch(f.from_first()); }) ==
        nobody_has({first_url(f) + ": expected 300000 bytes, got 150000"}, "no mirror has a good copy"));
  f.first.always("/a.deb", {Kind::wrong_length});
  CHECK(message_of([&] { f.fetch(f.from_first()); }) ==
        nobody_has({first_url(f) + ": expected 300000 bytes, got 300007"}, "no mirror has a good copy"));
  f.first.always("/a.deb", {Kind::page, 200, std::string(300'000, 'x')});
  CHECK(message_of([&] { f.fetch(f.from_first()); }) ==
        nobody_has({first_url(f) + ": wrong digest"}, "no mirror has a good copy"));
  CHECK_FALSE(std::filesystem::exists(f.to));
}

TEST_CASE("a login page does not spoil the part that is there") {
  DownloadFixture f;
  f.first.always("/a.deb", {Kind::page, 200, "<html>Please log in</html>"});
  replace_file(f.to, f.bytes.substr(0, 1000));
  f.fetch(f.from_both());
  CHECK(f.got() == f.bytes);
  REQUIRE(f.second.requests().size() == 1);
  CHECK(f.second.requests()[0].range == "bytes=1000-");
}

TEST_CASE("each way to be unreachable has its name") {
  const DownloadFixture f;
  const std::string closed = "http://127.0.0.1:" + std::to_string(closed_port()) + "/a.deb";
  const std::string unknown =
      "http://" + std::string(64, 'a') + ".invalid/a.deb";  // a label this long is never looked up
  CHECK(message_of([&] {
          f.fetch(f.package({closed, unknown}));
        }) == nobody_has({closed + ": Connection refused", unknown + ": the host's name is not known"}));
}

TEST_CASE("a mirror that stalls for good is given up in bounded time, and named") {
  DownloadFixture f;
  f.first.always("/a.deb", {Kind::stall});
  const auto begun = std::chrono::steady_clock::now();
  CHECK(message_of([&] { f.fetch(f.from_first()); }) ==
        nobody_has({first_url(f) + ": stalled: next to nothing came for 1 s"}));
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(20));
  CHECK(f.first.requests().size() == 3);
}

TEST_CASE("a mirror that drips a byte now and then has stalled, too") {
  DownloadFixture f;
  f.first.always("/a.deb", {Kind::drip});
  f.fetch(f.from_both());
  CHECK(f.got() == f.bytes);
  CHECK(f.second.requests().size() == 1);
}

TEST_CASE("a machine that does not answer costs its time-out once, not once per file") {
  DownloadFixture f;
  const DeafServer deaf;
  std::vector<Download> downloads;
  for (int i = 0; i < 64; ++i) {
    Download download = f.package({deaf.url() + "/a.deb", f.second.url() + "/a.deb"});
    download.to = f.folder.path() / std::to_string(i);
    downloads.push_back(download);
  }
  Patience patience = impatient;
  patience.connect = std::chrono::milliseconds(2000);
  const auto begun = std::chrono::steady_clock::now();
  make_curl_downloader(patience)->fetch(downloads, {});
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(12));  // 16 s without memory
  for (const Download& download : downloads) CHECK(read_file(download.to) == f.bytes);
  CHECK(f.second.requests().size() == 64);
}

TEST_CASE("a machine that does not answer is named with how long we waited") {
  DownloadFixture f;
  const DeafServer deaf;
  const Download download = f.package({deaf.url() + "/a.deb"});
  Patience patience = impatient;
  patience.connect = std::chrono::milliseconds(200);
  patience.rounds = 1;
  CHECK(message_of([&] {
          make_curl_downloader(patience)->fetch({&download, 1}, {});
        }) == nobody_has({deaf.url() + "/a.deb: no connection within 0.2 s"}));
}

TEST_CASE("one file that nobody has ends the whole fetch with its name") {
  DownloadFixture f;
  Download missing = f.package({f.first.url() + "/b.deb"});
  missing.name = "b.deb";
  missing.to = f.folder.path() / "b";
  missing.hint = "try --mirror";
  const std::vector<Download> downloads{f.from_first(), missing};
  CHECK(message_of([&] { make_curl_downloader(impatient)->fetch(downloads, {}); }) ==
        "fetching b.deb: no mirror has it:\n  " + f.first.url() + "/b.deb: HTTP 404\nhint: try --mirror");
}
