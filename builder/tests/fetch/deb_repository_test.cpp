#include "builder/fetch/deb_repository.hpp"

#include "builder/base/text.hpp"
#include "builder/tests/fetch/message_of.hpp"
#include "builder/tests/fetch/repository_fixture.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
using namespace lifeboat::testing;
using Kind = Answer::Kind;
namespace fs = std::filesystem;

namespace {

const std::string in_release = "/dists/teststable/InRelease";
const std::string packages_path = "/dists/teststable/main/binary-amd64/Packages";

std::vector<std::string> paths_of(const HttpServer& server) {
  std::vector<std::string> paths;
  for (const Request& request : server.requests()) paths.push_back(request.path);
  return paths;
}
using Paths = std::vector<std::string>;

std::string by_hash_path(const SignedRepository& archive, const std::string& form) {
  return "/dists/teststable/main/binary-amd64/by-hash/SHA256/" + sha256_of_file(archive.index(form));
}

}  // namespace

TEST_CASE("a repository gives the Release and the index that its owner signed") {
  RepositoryFixture f;
  f.mirrors.add("debian", f.archive.url());
  const DebRepositoryContent content = f.fetch();
  CHECK(content.release.suite == "teststable");
  CHECK(content.release.codename == "testcode");
  REQUIRE(content.indexes.size() == 1);
  CHECK(content.indexes[0].component == "main");
  CHECK(content.indexes[0].origin == "test/main/binary-amd64/Packages");
  CHECK(content.indexes[0].text == read_file(f.archive.index("")));
  CHECK(content.indexes[0].text.find("Package: hello\n") != std::string::npos);
}

TEST_CASE("a repository is found by its codename as well as by its suite") {
  RepositoryFixture f;
  fs::create_directory_symlink("teststable", f.archive.root() / "dists/testcode");
  f.mirrors.add("debian", f.archive.url());
  const DebRepositoryContent content =
      fetch_deb_repository(f.repository("testcode"), f.mirrors, f.cache, *f.downloader, false, f.now);
  CHECK(content.release.suite == "teststable");
}

TEST_CASE("the smallest index is fetched, by its digest") {
  RepositoryFixture f;
  const HttpServer server(f.archive.root());
  f.mirrors.add("debian", server.url());
  CHECK(f.fetch().indexes[0].text == read_file(f.archive.index("")));
  CHECK(paths_of(server) == Paths{in_release, by_hash_path(f.archive, ".xz")});
}

TEST_CASE("a mirror that is being updated still has the index under its digest") {
  RepositoryFixture f;
  f.mirrors.add("debian", f.archive.url());
  const std::string signed_index = read_file(f.archive.index(""));
  replace_file(f.archive.index(".xz"), "that of tomorrow");
  CHECK(f.fetch().indexes[0].text == signed_index);
}

TEST_CASE("a mirror without names by digest is asked for the plain name") {
  RepositoryFixture f;
  fs::remove_all(f.archive.dist() / "main/binary-amd64/by-hash");
  const HttpServer server(f.archive.root());
  f.mirrors.add("debian", server.url());
  CHECK(f.fetch().indexes[0].text == read_file(f.archive.index("")));
  CHECK(paths_of(server) == Paths{in_release, by_hash_path(f.archive, ".xz"), packages_path + ".xz"});
}

TEST_CASE("names by digest are not asked for where the Release does not offer them") {
  RepositoryFixture f(Publication{.by_hash = false});
  const HttpServer server(f.archive.root());
  f.mirrors.add("debian", server.url());
  f.fetch();
  CHECK(paths_of(server) == Paths{in_release, packages_path + ".xz"});
}

TEST_CASE("gzip and plain indexes serve where nothing smaller is listed") {
  const std::string form = GENERATE(".gz", "");
  RepositoryFixture f;
  const std::string whole = f.archive.release();
  std::string release;
  for (const std::string_view line : split_lines(whole))
    if (!line.ends_with(".xz") && (form == ".gz" || !line.ends_with(".gz"))) release.append(line).append("\n");
  f.archive.sign(release);
  const HttpServer server(f.archive.root());
  f.mirrors.add("debian", server.url());
  CHECK(f.fetch().indexes[0].text == read_file(f.archive.index("")));
  CHECK(paths_of(server) == Paths{in_release, by_hash_path(f.archive, form)});
}

TEST_CASE("an index that is there already is not fetched again") {
  RepositoryFixture f;
  const HttpServer server(f.archive.root());
  f.mirrors.add("debian", server.url());
  f.fetch();
  f.fetch();
  CHECK(paths_of(server) == Paths{in_release, by_hash_path(f.archive, ".xz"), in_release});
}

TEST_CASE("a repository without packages has an empty index") {
  RepositoryFixture f;
  fs::remove_all(f.archive.root() / "pool");
  f.archive.publish();
  f.mirrors.add("debian", f.archive.url());
  CHECK(f.fetch().indexes[0].text.empty());
}

TEST_CASE("offline, the last verified state of the repository is used and nobody is asked") {
  RepositoryFixture f(Publication{.valid_until = std::time(nullptr) + 3600});
  const HttpServer server(f.archive.root());
  f.mirrors.add("debian", server.url());
  const std::string text = f.fetch().indexes[0].text;
  const std::size_t asked = server.requests().size();
  f.now += 7200;  // expired by now, but it was not when it came
  CHECK(f.fetch(true).indexes[0].text == text);
  CHECK(server.requests().size() == asked);
}

TEST_CASE("offline, a repository that was never fetched is an error that says what to do") {
  RepositoryFixture f;
  CHECK(message_of([&] { f.fetch(true); }) ==
        "the cache has no InRelease of test\nhint: run the same command once without --offline");
}

TEST_CASE("offline, an index that is gone from the cache is an error that names it") {
  RepositoryFixture f;
  f.mirrors.add("debian", f.archive.url());
  f.fetch();
  const Sha256 digest = sha256_of_file(f.archive.index(".xz"));
  fs::remove(f.cache.path_of(digest));
  CHECK(message_of([&] { f.fetch(true); }) ==
        "the cache lacks 1 of 1 files:\n  test/main/binary-amd64/Packages.xz (SHA-256 " + digest +
            ")\nhint: run the same command once without --offline");
}

TEST_CASE("offline, what the cache noted is verified like what comes from a mirror") {
  RepositoryFixture f;
  f.mirrors.add("debian", f.archive.url());
  f.fetch();
  std::string noted = f.cache.note("inrelease debian teststable").value();
  noted[noted.find("teststable")] = 'b';
  f.cache.set_note("inrelease debian teststable", noted);
  CHECK(message_of([&] { f.fetch(true); }).starts_with("the signature of test InRelease is not valid"));
}

TEST_CASE("a mirror with a login page or an old state is passed over for the next") {
  RepositoryFixture f;
  HttpServer bad(f.archive.root());
  SignedRepository old_archive;
  old_archive.publish({.date = f.now - 9 * 86400, .valid_until = f.now - 2 * 86400});
  bad.always(in_release, {Kind::page, 200, "<html>Please log in</html>"});
  f.mirrors.add("debian", bad.url());
  f.mirrors.add("debian", old_archive.url());
  f.mirrors.add("debian", f.archive.url());
  CHECK(f.fetch().indexes[0].text == read_file(f.archive.index("")));
}

TEST_CASE("an unreachable mirror is named, and --offline is offered once it can help") {
  RepositoryFixture f;
  const std::string dead = "http://127.0.0.1:" + std::to_string(closed_port());
  Mirrors dead_only;
  dead_only.add("debian", dead);
  const auto message = [&] {
    return message_of([&] { fetch_deb_repository(f.repository(), dead_only, f.cache, *f.downloader, false, f.now); });
  };
  const std::string reason =
      "fetching test InRelease: no mirror has it:\n  " + dead + in_release +
      ": Connection refused\nhint: check the network, or name another mirror: --mirror debian=URL";
  CHECK(message() == reason);
  f.mirrors.add("debian", f.archive.url());
  f.fetch();
  CHECK(message() == reason + "; --offline builds from what the cache has");
}

TEST_CASE("a component that the repository lacks is named") {
  RepositoryFixture f;
  f.mirrors.add("debian", f.archive.url());
  DebRepository repository = f.repository();
  repository.components = {"contrib"};
  CHECK(message_of([&] { fetch_deb_repository(repository, f.mirrors, f.cache, *f.downloader, false, f.now); }) ==
        "test InRelease lists no contrib/binary-amd64/Packages (.xz, .gz or plain)\n"
        "hint: the recipe's components and architecture must be ones that the repository has");
}
