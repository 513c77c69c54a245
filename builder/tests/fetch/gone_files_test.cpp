// Packages that the mirrors have dropped since a lock was made: told all at once, and found in a dated archive.
#include "builder/tests/fetch/message_of.hpp"
#include "builder/tests/fetch/package_pool.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
using namespace lifeboat::testing;
using Kind = Answer::Kind;
using Names = std::vector<std::string>;
namespace fs = std::filesystem;

namespace {

constexpr std::int64_t signed_at = 1757152621;  // Sat, 06 Sep 2025 09:57:01 UTC

/// A pool of which the mirror has lost every file whose number is in `lost`.
struct LossyPool : PackagePool {
  TempDir cache_folder{"/tmp", "lb-gone"};
  Cache cache{cache_folder.path()};

  LossyPool(int count, const std::vector<std::size_t>& lost) : PackagePool(count) {
    for (const std::size_t i : lost) server.always(path(i), {Kind::status, 404});
  }
  std::string message() {
    return message_of([&] { fetch(cache); });
  }
  bool has(std::size_t i) const { return cache.has(wanted[i].sha256); }
};

/// The mirror has nothing; an archive of the day serves the pool below `moment`.
struct ArchivedPool : LossyPool {
  TempDir archive_folder{"/tmp", "lb-archive"};
  HttpServer archive{archive_folder.path()};

  explicit ArchivedPool(const std::string& moment, int count = 1) : LossyPool(count, {}) {
    server.always("", {Kind::status, 404});
    lifeboat::create_directories(archive_folder.path() / "archive/debian" / moment);
    fs::copy(folder.path() / "served/pool", archive_folder.path() / "archive/debian" / moment / "pool");
    for (WantedFile& file : wanted) {
      file.snapshot = "debian-snapshot";
      file.date = signed_at;
    }
    mirrors.add("debian-snapshot", archive.url() + "/archive/debian/{date}");
  }
  std::string archived(const std::string& moment) const { return "/archive/debian/" + moment + path(0); }
};

}  // namespace

TEST_CASE("packages that are gone are named together, and the others are fetched all the same") {
  LossyPool pool(6, {1, 4});
  CHECK(pool.message() ==
        "2 package files are gone from every mirror:\n  p1_1+2~3_all.deb\n  p4_1+2~3_all.deb\n"
        "hint: the repository has moved on since these packages were chosen: choose anew, or name a mirror that keeps "
        "old ones: --mirror NAME=URL");
  for (const std::size_t there : {0U, 2U, 3U, 5U}) CHECK(pool.has(there));
  for (const std::size_t lost : {1U, 4U}) CHECK_FALSE(pool.has(lost));
}

TEST_CASE("who asks for packages says what helps when they are gone, and gets their names") {
  LossyPool pool(2, {1});
  Progress progress(true);
  Progress::Step step(progress, "fetch");
  const auto downloader = make_curl_downloader(impatient);
  Names names;
  const std::string message = message_of([&] {
    try {
      fetch_files(pool.wanted, pool.mirrors, pool.cache, *downloader, false, step, "make the lock anew");
    } catch (const FilesGone& gone) {
      names = gone.names();
      throw;
    }
  });
  step.done("");
  CHECK(message == "1 package file is gone from every mirror:\n  p1_1+2~3_all.deb\nhint: make the lock anew");
  CHECK(names == Names{"p1_1+2~3_all.deb"});
}

TEST_CASE("HTTP 410 and a missing file say the same as HTTP 404") {
  LossyPool pool(1, {});
  pool.server.always(pool.path(0), {Kind::status, 410});
  const TempDir empty("/tmp", "lb-empty");
  pool.mirrors.add("debian", "file://" + empty.path().string());
  CHECK(pool.message().starts_with("1 package file is gone from every mirror:\n  p0_1+2~3_all.deb\n"));
}

TEST_CASE("a long list of gone packages is cut after ten") {
  std::vector<std::size_t> all(13);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  LossyPool pool(13, all);
  const std::string message = pool.message();
  CHECK(message.starts_with("13 package files are gone from every mirror:\n  p0_1+2~3_all.deb\n"));
  CHECK(message.find("\n  p9_1+2~3_all.deb\n  and 3 more\nhint: ") != std::string::npos);
}

TEST_CASE("a package that one mirror does not have and another does not tell about is not gone") {
  LossyPool pool(1, {0});
  const std::string dead = "http://127.0.0.1:" + std::to_string(closed_port());
  pool.mirrors.add("debian", dead);
  CHECK(pool.message() == "fetching p0_1+2~3_all.deb: no mirror has it:\n  " + pool.server.url() +
                              "/pool/p0_1%2B2%7E3_all.deb: HTTP 404\n  " + dead +
                              "/pool/p0_1%2B2%7E3_all.deb: Connection refused\n"
                              "hint: check the network, or name another mirror: --mirror debian=URL");
}

TEST_CASE("a package that one mirror lost and another has wrong is not gone") {
  LossyPool pool(1, {0});
  HttpServer liar(pool.folder.path() / "served");
  liar.always("", {Kind::page, 200, std::string(pool.wanted[0].size, 'y')});
  pool.mirrors.add("debian", liar.url());
  CHECK(pool.message().starts_with("fetching p0_1+2~3_all.deb: no mirror has a good copy:\n"));
  CHECK_FALSE(pool.has(0));
}

TEST_CASE("what the mirrors have dropped comes from the snapshot of the moment the Release was signed") {
  ArchivedPool pool("20250906T095701Z", 3);
  pool.fetch(pool.cache);
  CHECK(pool.whole(pool.cache));
  CHECK(pool.server.requests().size() == 3);
  CHECK(pool.archive.requests().size() == 3);
}

TEST_CASE("a snapshot that was taken after the Release was signed is found half a day later") {
  ArchivedPool pool("20250906T215701Z");
  pool.fetch(pool.cache);
  CHECK(pool.whole(pool.cache));
  CHECK(pool.archive.count(pool.archived("20250906T095701Z")) == 1);
  CHECK(pool.archive.count(pool.archived("20250906T215701Z")) == 1);
}

TEST_CASE("the snapshot archive is not asked for what a mirror has") {
  ArchivedPool pool("20250906T095701Z");
  pool.server.always("", {Kind::file});
  pool.fetch(pool.cache);
  CHECK(pool.archive.requests().empty());
}

TEST_CASE("a mirror known by its snapshot archive alone serves") {
  ArchivedPool pool("20250906T095701Z");
  Mirrors snapshot_only;
  snapshot_only.add("debian-snapshot", pool.archive.url() + "/archive/debian/{date}");
  pool.mirrors = snapshot_only;
  pool.fetch(pool.cache);
  CHECK(pool.whole(pool.cache));
  CHECK(pool.server.requests().empty());
}

TEST_CASE("packages that the snapshot archive does not have either are gone") {
  ArchivedPool pool("20240101T000000Z");
  CHECK(pool.message().starts_with("1 package file is gone from every mirror:\n  p0_1+2~3_all.deb\nhint: "));
  CHECK(pool.archive.requests().size() == 2);
}

TEST_CASE("without a date, or a snapshot archive that is known, the mirrors alone are asked") {
  ArchivedPool pool("20250906T095701Z");
  SECTION("no date") { pool.wanted[0].date = 0; }
  SECTION("an unknown archive") { pool.wanted[0].snapshot = "another-snapshot"; }
  SECTION("no archive") { pool.wanted[0].snapshot.clear(); }
  CHECK(pool.message().starts_with("1 package file is gone from every mirror:\n"));
  CHECK(pool.archive.requests().empty());
  pool.mirrors = {};
  CHECK(pool.message() ==
        "no mirror is known for debian\nhint: name one with --mirror debian=URL, or in a mirrors file");
}

TEST_CASE("wrong bytes from the snapshot archive are refused like a mirror's") {
  ArchivedPool pool("20250906T095701Z");
  pool.archive.always("", {Kind::page, 200, std::string(pool.wanted[0].size, 'y')});
  CHECK(pool.message().starts_with("fetching p0_1+2~3_all.deb: no mirror has a good copy:\n"));
  CHECK_FALSE(pool.has(0));
}
