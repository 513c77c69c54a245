#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "builder/fetch/deb_repository.hpp"
#include "builder/tests/fetch/message_of.hpp"
#include "builder/tests/fetch/package_pool.hpp"
#include "builder/tests/fetch/repository_fixture.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
using namespace lifeboat::testing;
using Kind = Answer::Kind;
using Pool = PackagePool;
namespace fs = std::filesystem;

namespace {

std::size_t temporary_files(const fs::path& cache) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator(cache))
    if (entry.path().filename().string().starts_with(".")) ++count;
  for (const auto& entry : fs::directory_iterator(cache / "parts")) count += entry.exists() ? 1 : 0;
  return count;
}

/// The files of the cache whose name is not the digest of their bytes.
std::vector<std::string> unverified(const fs::path& cache) {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(cache / "sha256"))
    if (entry.is_regular_file() && sha256_of_file(entry.path()) != entry.path().filename())
      found.push_back(entry.path().filename());
  return found;
}

}  // namespace

TEST_CASE("packages come into the cache and are not fetched again") {
  const Pool pool(12);
  Cache cache(pool.folder.path() / "cache");
  pool.fetch(cache);
  CHECK(pool.whole(cache));
  CHECK(temporary_files(cache.folder()) == 0);
  pool.fetch(cache);
  CHECK(pool.server.requests().size() == 12);
}

TEST_CASE("the package of a real repository is the one that its index lists") {
  RepositoryFixture f;
  f.mirrors.add("debian", f.archive.url());
  const fs::path made = f.archive.root() / f.packages[0];
  const std::vector<WantedFile> wanted{{.mirror = "debian",
                                        .path = f.packages[0],
                                        .sha256 = sha256_of_file(made),
                                        .size = fs::file_size(made),
                                        .name = "hello"}};
  Progress progress(true);
  Progress::Step step(progress, "fetch");
  fetch_files(wanted, f.mirrors, f.cache, *f.downloader, false, step);
  step.done("");
  CHECK(f.fetch().indexes[0].text.find("SHA256: " + wanted[0].sha256 + "\n") != std::string::npos);
  CHECK(read_file(f.cache.path_of(wanted[0].sha256)) == read_file(made));
}

TEST_CASE("a package that was damaged in the cache is fetched anew") {
  const Pool pool(3);
  Cache cache(pool.folder.path() / "cache");
  pool.fetch(cache);
  replace_file(cache.path_of(pool.wanted[1].sha256), "damaged");
  pool.fetch(cache);
  CHECK(pool.whole(cache));
  CHECK(pool.server.count(pool.path(1)) == 2);
  CHECK(pool.server.requests().size() == 4);
}

TEST_CASE("a package that is wanted twice is fetched once") {
  Pool pool(1);
  pool.wanted.push_back(pool.wanted[0]);
  Cache cache(pool.folder.path() / "cache");
  pool.fetch(cache);
  CHECK(pool.server.requests().size() == 1);
}

TEST_CASE("a package with a wrong digest stops the fetch and names file, expected and got") {
  Pool pool(1);
  const std::string wrong = std::string(pool.wanted[0].size, 'y');
  replace_file(pool.folder.path() / "served" / pool.wanted[0].path, wrong);
  Cache cache(pool.folder.path() / "cache");
  CHECK(message_of([&] { pool.fetch(cache); }) ==
        "fetching p0_1+2~3_all.deb: no mirror has a good copy:\n  " + pool.server.url() +
            "/pool/p0_1%2B2%7E3_all.deb: p0_1+2~3_all.deb: expected SHA-256 " + pool.wanted[0].sha256 + ", got " +
            sha256_of(wrong) + "\nhint: check the network, or name another mirror: --mirror debian=URL");
  CHECK_FALSE(cache.has(pool.wanted[0].sha256));
  CHECK(temporary_files(cache.folder()) == 0);
}

TEST_CASE("a package that one mirror has with wrong bytes comes from the next") {
  Pool pool(1);
  HttpServer liar(pool.folder.path() / "served");
  liar.always("", {Kind::page, 200, std::string(pool.wanted[0].size, 'y')});
  Mirrors mirrors;
  mirrors.add("debian", liar.url());
  mirrors.add("debian", pool.server.url());
  pool.mirrors = mirrors;
  Cache cache(pool.folder.path() / "cache");
  pool.fetch(cache);
  CHECK(pool.whole(cache));
  CHECK(liar.requests().size() == 1);
}

TEST_CASE("offline, packages of the cache serve without any mirror, and missing ones are listed") {
  Pool pool(15);
  Cache cache(pool.folder.path() / "cache");
  pool.fetch(cache);
  pool.mirrors = {};
  const std::size_t asked = pool.server.requests().size();
  pool.fetch(cache, true);
  CHECK(pool.server.requests().size() == asked);
  for (std::size_t i = 0; i < 12; ++i) fs::remove(cache.path_of(pool.wanted[i].sha256));
  const std::string message = message_of([&] { pool.fetch(cache, true); });
  CHECK(message.starts_with("the cache lacks 12 of 15 files:\n  p0_1+2~3_all.deb (SHA-256 " + pool.wanted[0].sha256 +
                            ")\n"));
  CHECK(message.ends_with("\n  and 2 more\nhint: run the same command once without --offline"));
}

TEST_CASE("a fetch from a mirror that nobody named is an error that shows how") {
  Pool pool(1);
  pool.mirrors = {};
  Cache cache(pool.folder.path() / "cache");
  CHECK(message_of([&] { pool.fetch(cache); }) ==
        "no mirror is known for debian\nhint: name one with --mirror debian=URL, or in a mirrors file");
}

TEST_CASE("two builds at once on one cache both end with every file") {
  const Pool pool(30);
  const fs::path folder = pool.folder.path() / "cache";
  std::vector<std::string> messages(2);
  {
    std::vector<std::thread> builds;
    builds.reserve(messages.size());
    for (std::string& message : messages)
      builds.emplace_back([&pool, &folder, &message] {
        message = message_of([&] {
          Cache cache(folder);
          pool.fetch(cache);
        });
      });
    for (std::thread& build : builds) build.join();
  }
  CHECK(messages == std::vector<std::string>{"no error", "no error"});
  CHECK(unverified(folder).empty());
  CHECK(temporary_files(folder) == 0);
  CHECK(pool.whole(Cache(folder)));
}

TEST_CASE("a build killed at any point leaves only verified files, and the next one succeeds") {
  const Pool pool(10);
  const fs::path folder = pool.folder.path() / "cache";
  const std::size_t killed_after = GENERATE(range<std::size_t>(1, 11));
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    try {
      Cache cache(folder);
      pool.fetch(cache);
    } catch (...) {
      ::_exit(1);
    }
    ::_exit(0);
  }
  REQUIRE(pool.server.wait_for_any(killed_after));
  ::kill(child, SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(unverified(folder).empty());
  Cache cache(folder);
  pool.fetch(cache);
  CHECK(pool.whole(cache));
  CHECK(temporary_files(folder) == 0);
}
