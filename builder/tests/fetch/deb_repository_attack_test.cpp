// What a mirror, or somebody on the way to it, may send instead of the repository. Each is refused with the whole error
// compared, and nothing of it stays in the cache.
#include "builder/fetch/deb_repository.hpp"
#include "builder/tests/fetch/message_of.hpp"
#include "builder/tests/fetch/repository_fixture.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
using namespace lifeboat::testing;
using Kind = Answer::Kind;
namespace fs = std::filesystem;

namespace {

constexpr const char* altered_hint =
    "\nhint: the file was altered or damaged, or the recipe's keyring and fingerprints are not this repository's; "
    "gpg --show-keys KEYRING lists them";
constexpr const char* clock_hint =
    "\nhint: look at this machine's clock (date -u), or name a mirror that is up to date: --mirror NAME=URL";
constexpr const char* replay_hint =
    "\nhint: the mirror is behind, or somebody sends an old state: name another one: --mirror ";
constexpr const char* mirror_hint_text = "\nhint: check the network, or name another mirror: --mirror debian=URL";

struct Attack : RepositoryFixture {
  explicit Attack(const Publication& publication = {}) : RepositoryFixture(publication) {
    mirrors.add("debian", archive.url());
  }

  /// The error of an InRelease that is refused for `reason`; the cache must be as empty as before.
  void refuses_release(const std::string& reason) {
    CHECK(message_of([&] { fetch(); }) == "fetching test InRelease: no mirror has a good copy:\n  " + archive.url() +
                                              "/dists/teststable/InRelease: " + reason);
    CHECK(cached().empty());
  }
  /// The error of an index that is refused; `lines` are the plain name's and, before it, that by digest.
  void refuses_index(const std::string& reason, const std::string& reason_by_hash = "there is no such file") {
    const std::string indexes = archive.url() + "/dists/teststable/main/binary-amd64/";
    const std::string by_hash =
        signed_digest.empty() ? "" : "\n  " + indexes + "by-hash/SHA256/" + signed_digest + ": " + reason_by_hash;
    CHECK(message_of([&] { fetch(); }) == "fetching test/main/binary-amd64/Packages.xz: no mirror has a good copy:" +
                                              by_hash + "\n  " + indexes + "Packages.xz: " + reason + mirror_hint_text);
    CHECK(cached().empty());
  }
  void drop_by_hash() { fs::remove_all(archive.dist() / "main/binary-amd64/by-hash"); }

  Sha256 signed_digest = sha256_of_file(archive.index(".xz"));
};

std::string replaced(std::string in, const std::string& from, const std::string& to) {
  const std::size_t at = in.find(from);
  REQUIRE(at != std::string::npos);
  return in.replace(at, from.size(), to);
}

std::string not_valid(const std::string& verdict) {
  return "the signature of test InRelease is not valid: expected a good one by " + test_key() + ", got\n    " +
         verdict + altered_hint;
}

}  // namespace

TEST_CASE("a Release signed with another key is refused") {
  static const std::string key = gpg_home().make_key("mallory");
  Attack attack(Publication{.key = key});
  attack.refuses_release(not_valid("signature by " + key + ": its key is not in the keyring"));
}

TEST_CASE("a Release whose text was changed is refused") {
  Attack attack;
  attack.archive.write_in_release(
      replaced(read_file(attack.archive.dist() / "InRelease"), attack.signed_digest, std::string(64, '0')));
  attack.refuses_release(not_valid("signature by " + test_key().substr(24) + ": it does not match the text"));
}

TEST_CASE("a Release with a SHA-1 signature is refused") {
  Attack attack;
  attack.archive.sign(attack.archive.release(), {"--digest-algo", "SHA1"});
  attack.refuses_release(not_valid("signature by " + test_key() + ": it is made over SHA-1, which is too weak"));
}

TEST_CASE("a Release that is not signed at all is refused") {
  Attack attack;
  attack.archive.write_in_release(attack.archive.release());
  attack.refuses_release("test InRelease is not a signed file: it begins with \"Architectures: amd64\"" +
                         std::string(mirror_hint_text));
}

TEST_CASE("an InRelease with text outside the signed part is refused") {
  Attack attack;
  attack.archive.write_in_release(read_file(attack.archive.dist() / "InRelease") + "Suite: evil\n");
  attack.refuses_release("test InRelease is not a signed file: text stands after its signature: \"Suite: evil\"" +
                         std::string(mirror_hint_text));
}

TEST_CASE("an InRelease that is cut off is refused") {
  Attack attack;
  const std::string whole = read_file(attack.archive.dist() / "InRelease");
  attack.archive.write_in_release(whole.substr(0, whole.size() - 40));
  attack.refuses_release("test InRelease is not a signed file: its signature is cut off" +
                         std::string(mirror_hint_text));
}

TEST_CASE("an expired Release is refused") {
  const std::int64_t now = std::time(nullptr);
  Attack attack(Publication{.date = now - 8 * 86400, .valid_until = now - 1});
  attack.now = now;
  attack.refuses_release("test InRelease has expired: it was signed on " + release_date(now - 8 * 86400) +
                         " and valid until " + release_date(now - 1) + clock_hint);
}

TEST_CASE("a Release from the future is refused, but not for a clock that is a little slow") {
  const std::int64_t now = std::time(nullptr);
  Attack attack(Publication{.date = now + 3600});
  attack.now = now;
  attack.refuses_release("test InRelease is not valid yet: it was signed for " + release_date(now + 3600) +
                         ", and this machine's clock says it is earlier" + clock_hint);
  attack.now = now + 3600 - 60;
  CHECK(attack.fetch().indexes.size() == 1);
}

TEST_CASE("a Release older than the one that the lock was made from is refused, although nothing else is wrong") {
  const std::int64_t now = std::time(nullptr);
  Attack attack(Publication{.date = now - 3600, .valid_until = now + 86400});
  attack.not_before = now - 3599;
  attack.refuses_release("test InRelease is older than the lock: expected not older than " + release_date(now - 3599) +
                         ", got " + release_date(now - 3600) + replay_hint + "debian=URL");
  attack.not_before = now - 3600;
  CHECK(attack.fetch().indexes.size() == 1);
}

TEST_CASE("a mirror that replays an old Release is passed over for the next") {
  const std::int64_t now = std::time(nullptr);
  Attack attack(Publication{.date = now - 7200});
  SignedRepository current;
  current.publish({.date = now - 3600});
  attack.mirrors.add("debian", current.url());
  attack.not_before = now - 3600;
  CHECK(attack.fetch().release.date == release_date(now - 3600));
}

TEST_CASE("offline, what the cache noted may not be older than the lock either") {
  const std::int64_t now = std::time(nullptr);
  Attack attack(Publication{.date = now - 7200});
  attack.fetch();
  attack.not_before = now - 3600;
  CHECK(message_of([&] { attack.fetch(true); }) == "test InRelease is older than the lock: expected not older than " +
                                                       release_date(now - 3600) + ", got " + release_date(now - 7200) +
                                                       "\nhint: run the same command once without --offline");
  attack.not_before = now - 7200;
  CHECK(attack.fetch(true).release.date == release_date(now - 7200));
}

TEST_CASE("the Release of another suite is refused, although it is well signed") {
  Attack attack;
  SignedRepository other("testing", "testfuture");
  other.publish();
  attack.archive.write_in_release(read_file(other.dist() / "InRelease"));
  attack.refuses_release(
      "test InRelease is of another suite: expected teststable, got suite testing, codename testfuture" +
      std::string(mirror_hint_text));
}

TEST_CASE("a Release with weak digests alone is refused") {
  Attack attack;
  std::string release = attack.archive.release();
  attack.archive.sign(release.erase(release.find("SHA256:")));
  attack.refuses_release(
      "test InRelease lists no file with a SHA-256 (digests found: MD5Sum, SHA1); nothing weaker is accepted" +
      std::string(mirror_hint_text));
}

TEST_CASE("an InRelease without an end is given up at its limit") {
  Attack attack;
  HttpServer server(attack.archive.root());
  server.always("/dists/teststable/InRelease", {Kind::page, 200, std::string((16 << 20) + 1, 'x')});
  attack.mirrors = {};
  attack.mirrors.add("debian", server.url());
  CHECK(message_of([&] { attack.fetch(); }) ==
        "fetching test InRelease: no mirror has a good copy:\n  " + server.url() +
            "/dists/teststable/InRelease: larger than the 16777216 bytes expected" + mirror_hint_text);
}

TEST_CASE("an index of the same size with other bytes is refused with both digests") {
  Attack attack;
  attack.drop_by_hash();
  std::string index = read_file(attack.archive.index(".xz"));
  index[index.size() / 2] ^= 1;
  replace_file(attack.archive.index(".xz"), index);
  attack.refuses_index("test/main/binary-amd64/Packages.xz: expected SHA-256 " + attack.signed_digest + ", got " +
                       sha256_of(index));
}

TEST_CASE("an index of an older, smaller or larger state is refused with both sizes") {
  Attack attack;
  attack.drop_by_hash();
  const std::uint64_t size = fs::file_size(attack.archive.index(".xz"));
  replace_file(attack.archive.index(".xz"), read_file(attack.archive.index(".xz")) + "more");
  attack.refuses_index("expected " + std::to_string(size) + " bytes, got " + std::to_string(size + 4));
  replace_file(attack.archive.index(".xz"), "");
  attack.refuses_index("expected " + std::to_string(size) + " bytes, got 0");
}

TEST_CASE("wrong bytes under the name of the right digest are refused, too") {
  Attack attack;
  const fs::path by_hash = attack.archive.dist() / "main/binary-amd64/by-hash/SHA256" / attack.signed_digest;
  std::string index = read_file(by_hash);
  index[index.size() / 2] ^= 1;
  replace_file(by_hash, index);
  replace_file(attack.archive.index(".xz"), index);
  const std::string reason =
      "test/main/binary-amd64/Packages.xz: expected SHA-256 " + attack.signed_digest + ", got " + sha256_of(index);
  attack.refuses_index(reason, reason);
}

TEST_CASE("an index that is cut off is refused") {
  Attack attack;
  HttpServer server(attack.archive.root());
  server.always("/dists/teststable/main/binary-amd64/by-hash/SHA256/" + attack.signed_digest, {Kind::status, 404});
  server.always("/dists/teststable/main/binary-amd64/Packages.xz", {Kind::cut});
  attack.mirrors = {};
  attack.mirrors.add("debian", server.url());
  CHECK(message_of([&] {
          attack.fetch();
        }).ends_with("Packages.xz: the connection ended before the file did" + std::string(mirror_hint_text)));
  CHECK_FALSE(attack.cache.has(attack.signed_digest));
}

TEST_CASE("the index of another component or architecture cannot stand in for the one asked for") {
  Attack attack;
  std::string release = attack.archive.release();
  for (std::size_t at = 0; (at = release.find("binary-amd64", at)) != std::string::npos;)
    release.replace(at, 12, "binary-arm64");
  attack.archive.sign(release);
  CHECK(message_of([&] { attack.fetch(); }) ==
        "test InRelease lists no main/binary-amd64/Packages (.xz, .gz or plain)\n"
        "hint: the recipe's components and architecture must be ones that the repository has");
}
