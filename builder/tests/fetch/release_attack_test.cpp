// Attacks on a repository's InRelease: its signature, its frame, its dates, its text.
#include "builder/tests/fetch/attack_fixture.hpp"

using namespace lifeboat;
using namespace lifeboat::testing;
using Kind = Answer::Kind;

namespace {

std::string not_valid(const std::string& verdicts, const std::string& expected = test_key()) {
  return "the signature of test InRelease is not valid: expected a good one by " + expected + ", got\n    " + verdicts +
         altered_hint;
}

}  // namespace

TEST_CASE("a Release signed with another key is refused") {
  static const std::string key = gpg_home().make_key("mallory");
  Attack attack(Publication{.key = key});
  attack.refuses_release(not_valid("signature by " + key + ": its key is not in the keyring"));
}

TEST_CASE("a Release signed with a key of the keyring that the recipe does not allow is refused") {
  static const std::string key = gpg_home().make_key("neighbour");
  Attack attack(Publication{.key = key});
  replace_file(attack.archive.keyring(), gpg_home().public_keys({test_key(), key}));
  attack.refuses_release(not_valid("signature by " + key + ": it is good, but the key is not an allowed one"));
}

TEST_CASE("a Release whose second signature is wrong is refused, although the first is good") {
  static const std::string key = gpg_home().make_key("second");
  Attack attack;
  replace_file(attack.archive.keyring(), gpg_home().public_keys({test_key(), key}));
  const std::string other = gpg_home().sign("another text\n", {key});
  attack.archive.write_in_release(attack.in_release() + other.substr(other.find("-----BEGIN PGP SIGNATURE")));
  attack.refuses_release(not_valid("signature by " + test_key() +
                                   ": it is good, but it does not stand alone\n    signature by " + key.substr(24) +
                                   ": it does not match the text"));
}

TEST_CASE("a Release whose signature has expired is refused") {
  static const std::string key = gpg_home().make_key("early", "20200101T000000");
  Attack attack;
  attack.fingerprints = {key};
  replace_file(attack.archive.keyring(), gpg_home().public_keys({key}));
  attack.archive.write_in_release(gpg_home().sign(
      attack.archive.release(), {key}, {"--faked-system-time", "20200601T000000", "--default-sig-expire", "1d"}));
  attack.refuses_release(not_valid("signature by " + key + ": it has expired", key));
}

TEST_CASE("a Release whose text was changed is refused") {
  Attack attack;
  attack.archive.write_in_release(replaced(attack.in_release(), attack.signed_digest, std::string(64, '0')));
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

TEST_CASE("an InRelease with text before the signed part is refused") {
  Attack attack;
  attack.archive.write_in_release("Suite: evil\n" + attack.in_release());
  attack.refuses_release("test InRelease is not a signed file: it begins with \"Suite: evil\"" +
                         std::string(mirror_hint_text));
}

TEST_CASE("an InRelease with text after the signed part is refused") {
  Attack attack;
  attack.archive.write_in_release(attack.in_release() + "Suite: evil\n");
  attack.refuses_release("test InRelease is not a signed file: text stands after its signature: \"Suite: evil\"" +
                         std::string(mirror_hint_text));
}

TEST_CASE("an InRelease that is cut off is refused") {
  Attack attack;
  const std::string whole = attack.in_release();
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
                         ", got " + release_date(now - 3600) + replay_hint);
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
  CHECK(attack.cached().empty());
}

TEST_CASE("what is refused does not take the place of the state that held") {
  Attack attack;
  const std::string held = attack.fetch().indexes[0].text;
  const std::vector<std::string> before = attack.cached();
  attack.archive.write_in_release(replaced(attack.in_release(), attack.signed_digest, std::string(64, '0')));
  CHECK(attack.message().starts_with("fetching test InRelease: no mirror has a good copy:\n"));
  CHECK(attack.cached() == before);
  CHECK(attack.fetch(true).indexes[0].text == held);
}
