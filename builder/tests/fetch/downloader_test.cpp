#include "builder/fetch/downloader.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "builder/base/interrupt.hpp"
#include "builder/tests/fetch/download_fixture.hpp"
#include "builder/tests/fetch/message_of.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
using namespace lifeboat::testing;
using Kind = Answer::Kind;

namespace {

std::vector<std::string> ranges_of(const HttpServer& server) {
  std::vector<std::string> ranges;
  for (const Request& request : server.requests()) ranges.push_back(request.range);
  return ranges;
}

using Ranges = std::vector<std::string>;

}  // namespace

TEST_CASE("a file comes over HTTP in one request that says who asks") {
  const DownloadFixture f;
  f.fetch(f.from_first());
  CHECK(f.got() == f.bytes);
  REQUIRE(f.first.requests().size() == 1);
  CHECK(f.first.requests()[0].user_agent == "lifeboat/0.1");
}

TEST_CASE("a file comes from a file URL, from its beginning or from where a part ends") {
  const DownloadFixture f;
  const Download download = f.package({"file://" + (f.folder.path() / "served/a.deb").string()});
  f.fetch(download);
  CHECK(f.got() == f.bytes);
  replace_file(f.to, f.bytes.substr(0, 1000));
  f.fetch(download);
  CHECK(f.got() == f.bytes);
}

TEST_CASE("many files come side by side, and every one of them") {
  const DownloadFixture f;
  std::vector<Download> downloads;
  for (int i = 0; i < 40; ++i) {
    const std::string name = std::to_string(i) + ".deb";
    replace_file(f.folder.path() / "served" / name, name);
    Download download;
    download.urls = {f.first.url() + "/" + name};
    download.to = f.folder.path() / name;
    download.size = name.size();
    download.name = name;
    downloads.push_back(download);
  }
  std::uint64_t last = 0, total = 0;
  make_curl_downloader(impatient)->fetch(downloads, [&](std::uint64_t done) { last = done; });
  for (const Download& download : downloads) {
    CHECK(read_file(download.to) == download.name);
    total += download.size;
  }
  CHECK(last == total);
}

TEST_CASE("a file whose size is not known comes whole, and never more than its limit") {
  const DownloadFixture f;
  Download download = f.from_first();
  download.size = 0;
  download.size_limit = f.bytes.size();
  replace_file(f.to, "left by somebody");
  f.fetch(download);
  CHECK(f.got() == f.bytes);
  download.size_limit = f.bytes.size() - 1;
  CHECK(message_of([&] { f.fetch(download); }) ==
        nobody_has({f.first.url() + "/a.deb: larger than the 299999 bytes expected"}, "no mirror has a good copy"));
}

TEST_CASE("a part of an earlier run is gone on with") {
  const DownloadFixture f;
  replace_file(f.to, f.bytes.substr(0, 1000));
  f.fetch(f.from_first());
  CHECK(f.got() == f.bytes);
  CHECK(ranges_of(f.first) == Ranges{"bytes=1000-"});
}

TEST_CASE("a complete part of an earlier run is judged without asking the network") {
  const DownloadFixture f;
  replace_file(f.to, f.bytes);
  f.fetch(f.from_first());
  CHECK(f.first.requests().empty());
}

TEST_CASE("a complete part with wrong bytes is thrown away and fetched anew") {
  const DownloadFixture f;
  replace_file(f.to, std::string(f.bytes.size(), 'x'));
  f.fetch(f.from_first());
  CHECK(f.got() == f.bytes);
}

TEST_CASE("a part that is larger than the file is thrown away") {
  const DownloadFixture f;
  replace_file(f.to, f.bytes + "more");
  f.fetch(f.from_first());
  CHECK(f.got() == f.bytes);
  CHECK(ranges_of(f.first) == Ranges{""});
}

TEST_CASE("a part with wrong bytes spoils the resumed file once, and the whole file is fetched anew") {
  DownloadFixture f;
  replace_file(f.to, std::string(1000, 'x'));
  f.fetch(f.from_first());
  CHECK(f.got() == f.bytes);
  CHECK(ranges_of(f.first) == Ranges{"bytes=1000-", ""});
}

TEST_CASE("a resumed file with wrong bytes is fetched anew even when every try is used up") {
  DownloadFixture f;
  replace_file(f.to, std::string(1000, 'x'));
  const Download download = f.from_first();
  Patience patience = impatient;
  patience.rounds = 1;
  make_curl_downloader(patience)->fetch({&download, 1}, {});
  CHECK(f.got() == f.bytes);
}

TEST_CASE("a resumed file with wrong bytes does not count against the mirror") {
  DownloadFixture f;
  replace_file(f.to, std::string(1000, 'x'));
  f.first.next("/a.deb", {{Kind::file}, {Kind::status, 500}});
  f.fetch(f.from_first());
  CHECK(f.got() == f.bytes);
  CHECK(ranges_of(f.first) == Ranges{"bytes=1000-", "", ""});
}

TEST_CASE("a server that knows no ranges sends the whole file, and it is whole") {
  DownloadFixture f;
  f.first.always("/a.deb", {Kind::no_range});
  replace_file(f.to, std::string(1000, 'x'));
  f.fetch(f.from_first());
  CHECK(f.got() == f.bytes);
  CHECK(f.first.requests().size() == 1);
}

TEST_CASE("a redirect to another server is followed") {
  DownloadFixture f;
  f.first.always("/a.deb", {Kind::redirect, 302, f.second.url() + "/a.deb"});
  f.fetch(f.from_first());
  CHECK(f.got() == f.bytes);
}

TEST_CASE("a redirect to a file of this machine is not followed") {
  DownloadFixture f;
  f.first.always("/a.deb", {Kind::redirect, 302, "file://" + (f.folder.path() / "served/a.deb").string()});
  CHECK(message_of([&] { f.fetch(f.from_first()); }) ==
        nobody_has({f.first.url() + "/a.deb: Protocol \"file\" not supported or disabled in libcurl"}));
}

TEST_CASE("the sixth redirect is not followed") {
  DownloadFixture f;
  f.first.always("/a.deb", {Kind::redirect, 302, f.first.url() + "/a.deb"});
  CHECK(message_of([&] { f.fetch(f.from_first()); }) == nobody_has({f.first.url() + "/a.deb: more than 5 redirects"}));
  CHECK(f.first.requests().size() == 6);
}

TEST_CASE("no other protocol is spoken") {
  const DownloadFixture f;
  CHECK(message_of([&] { f.fetch(f.package({"ftp://127.0.0.1/a.deb"})); }) ==
        nobody_has({"ftp://127.0.0.1/a.deb: Protocol \"ftp\" not supported or disabled in libcurl"}));
}

TEST_CASE("a password in a mirror's URL is not in the error") {
  const DownloadFixture f;
  const std::string host = "127.0.0.1:" + std::to_string(closed_port());
  CHECK(message_of([&] { f.fetch(f.package({"http://user:secret@" + host + "/a.deb"})); }) ==
        nobody_has({"http://user:***@" + host + "/a.deb: Connection refused"}));
}

TEST_CASE("a download without a URL is an error, not a wait") {
  const DownloadFixture f;
  CHECK(message_of([&] { f.fetch(f.package({})); }) == "fetching a.deb: no mirror is known for it");
}

TEST_CASE("a full disk ends the fetch at once: no mirror can help") {
  DownloadFixture f;
  Download download = f.from_both();
  std::filesystem::create_symlink("/dev/full", f.to);
  CHECK(message_of([&] { f.fetch(download); }) ==
        "writing " + f.to.string() + ": No space left on device\nhint: the file system is full; df -h shows which one");
  CHECK(f.first.requests().size() + f.second.requests().size() == 1);
}

TEST_CASE("an error of ours in judging a file ends the fetch at once") {
  DownloadFixture f;
  Download download = f.from_both();
  download.accept = [](const std::filesystem::path&) { throw Error("gpgv is not installed"); };
  CHECK(message_of([&] { f.fetch(download); }) == "gpgv is not installed");
  CHECK(f.second.requests().empty());
}

TEST_CASE("Ctrl-C ends a stalled download at once and keeps its part") {
  DownloadFixture f;
  f.first.always("/a.deb", {Kind::stall});
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    catch_interrupts();
    try {
      const Download download = f.from_first();
      make_curl_downloader({.stalled = std::chrono::seconds(60)})->fetch({&download, 1}, {});
    } catch (const Interrupted& interrupted) {
      ::_exit(interrupted.signal() == SIGINT ? 42 : 1);
    } catch (...) {
      ::_exit(2);
    }
    ::_exit(3);
  }
  REQUIRE(f.first.wait_for("/a.deb", 1));
  while (!std::filesystem::exists(f.to) || std::filesystem::file_size(f.to) < f.bytes.size() / 2)
    std::this_thread::yield();
  const auto pressed = std::chrono::steady_clock::now();
  ::kill(child, SIGINT);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(std::chrono::steady_clock::now() - pressed < std::chrono::seconds(20));
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 42);
  CHECK(f.got() == f.bytes.substr(0, f.bytes.size() / 2));
}
