#include "builder/fetch/openpgp.hpp"

#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"
#include "builder/fetch/armor.hpp"
#include "builder/tests/fetch/message_of.hpp"
#include "builder/tests/fetch/signed_repository.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
using namespace lifeboat::testing;
using Keys = std::vector<std::string>;

namespace {

const std::string text = "Suite: stable\nDate: today\n- a dash\n";

/// Two keys that never expire, the one allowed and another, and files signed with them.
struct Fixture {
  TempDir folder{"/tmp", "lb-openpgp"};
  std::string keyring = (folder.path() / "keys.gpg").string();

  explicit Fixture(const Keys& keys = {test_key()}, bool armoured = false) {
    replace_file(keyring, gpg_home().public_keys(keys, armoured));
  }
  std::string verify(const std::string& signed_text, const Keys& allowed = {test_key()}) const {
    return verify_cleartext(signed_text, keyring, allowed, "InRelease");
  }
  std::string fault(const std::string& signed_text, const Keys& allowed = {test_key()}) const {
    return message_of([&] { verify(signed_text, allowed); });
  }
};

const std::string& other_key() {
  static const std::string fingerprint = gpg_home().make_key("other");
  return fingerprint;
}

const std::string& good() {
  static const std::string text_signed = gpg_home().sign(text, {test_key()});
  return text_signed;
}

/// What a refusal says of the signatures: `verdicts` are lines without their indentation.
std::string refusal(const std::string& allowed, const std::vector<std::string>& verdicts) {
  std::string all = "the signature of InRelease is not valid: expected a good one by " + allowed + ", got";
  for (const std::string& verdict : verdicts) all += "\n  " + verdict;
  return all +
         "\nhint: the file was altered or damaged, or the recipe's keyring and fingerprints are not this "
         "repository's; " +
         "gpg --show-keys KEYRING lists them";
}

std::string key_id(const std::string& fingerprint) { return fingerprint.substr(24); }

std::string signature_of(const std::string& signed_text) {
  return signed_text.substr(signed_text.find("-----BEGIN PGP SIGNATURE"));
}

std::string replaced(std::string in, const std::string& from, const std::string& to) {
  const std::size_t at = in.find(from);
  REQUIRE(at != std::string::npos);
  return in.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a good signature gives the signed text and nothing else") { CHECK(Fixture().verify(good()) == text); }

TEST_CASE("an armoured keyring serves like a binary one") {
  CHECK(Fixture({test_key()}, true).verify(good()) == text);
  CHECK(Fixture({other_key(), test_key()}, true).verify(good()) == text);
}

TEST_CASE("several armoured key blocks in one file are all read") {
  const Fixture f;
  replace_file(f.keyring, "other:\n" + gpg_home().public_keys({other_key()}, true) + "ours:\n" +
                              gpg_home().public_keys({test_key()}, true));
  CHECK(f.verify(good()) == text);
}

TEST_CASE("a second signature by a key that is not in the keyring does no harm") {
  CHECK(Fixture().verify(gpg_home().sign(text, {other_key(), test_key()})) == text);
}

TEST_CASE("a good signature by a key that is not allowed is refused") {
  const Fixture f({test_key(), other_key()});
  CHECK(f.fault(gpg_home().sign(text, {other_key()})) ==
        refusal(test_key(), {"signature by " + other_key() + ": it is good, but the key is not an allowed one"}));
}

TEST_CASE("a signature by an unknown key is refused") {
  CHECK(Fixture().fault(gpg_home().sign(text, {other_key()})) ==
        refusal(test_key(), {"signature by " + other_key() + ": its key is not in the keyring"}));
}

TEST_CASE("no allowed key means no good signature") {
  CHECK(Fixture().fault(good(), {}) ==
        refusal("a key of `fingerprints`, which is empty",
                {"signature by " + test_key() + ": it is good, but the key is not an allowed one"}));
}

TEST_CASE("one changed letter of the text is refused") {
  CHECK(Fixture().fault(replaced(good(), "today", "Today")) ==
        refusal(test_key(), {"signature by " + key_id(test_key()) + ": it does not match the text"}));
}

TEST_CASE("an expired signature is refused") {
  const std::string old_key = gpg_home().make_key("longlived", "20200101T000000");
  const std::string old_signature =
      gpg_home().sign(text, {old_key}, {"--faked-system-time", "20200601T000000", "--default-sig-expire", "1d"});
  const Fixture f({old_key});
  CHECK(f.fault(old_signature, {old_key}) == refusal(old_key, {"signature by " + old_key + ": it has expired"}));
}

TEST_CASE("a signature by a key that has expired since is refused") {
  const std::string key = gpg_home().make_key("expired", "20200101T000000", "1y");
  const Fixture f({key});
  CHECK(f.fault(gpg_home().sign(text, {key}, {"--faked-system-time", "20200601T000000"}), {key}) ==
        refusal(key, {"signature by " + key + ": its key has expired"}));
}

TEST_CASE("an expired key beside a good signature does no harm") {
  const std::string key = gpg_home().make_key("retired", "20200101T000000", "1y");
  const Fixture f({key, test_key()});
  const std::string by_old = gpg_home().sign(text, {key}, {"--faked-system-time", "20200601T000000"});
  CHECK(f.verify(good() + signature_of(by_old), {key, test_key()}) == text);
}

TEST_CASE("a SHA-1 signature is refused") {
  CHECK(Fixture().fault(gpg_home().sign(text, {test_key()}, {"--digest-algo", "SHA1"})) ==
        refusal(test_key(), {"signature by " + test_key() + ": it is made over SHA-1, which is too weak"}));
}

TEST_CASE("a second signature that is wrong refuses the file, although the first is good") {
  const Fixture f({test_key(), other_key()});
  CHECK(f.fault(good() + signature_of(gpg_home().sign("another text\n", {other_key()}))) ==
        refusal(test_key(), {"signature by " + test_key() + ": it is good, but it does not stand alone",
                             "signature by " + key_id(other_key()) + ": it does not match the text"}));
}

TEST_CASE("a second signature over SHA-1 refuses the file, although the first is good") {
  const Fixture f({test_key(), other_key()});
  const std::string weak = gpg_home().sign(text, {other_key()}, {"--digest-algo", "SHA1"});
  std::string both = good() + signature_of(weak);
  both.insert(both.find("Hash: "), "Hash: SHA1\n");
  CHECK(f.fault(both) ==
        refusal(test_key(), {"signature by " + test_key() + ": it is good, but it does not stand alone",
                             "signature by " + other_key() + ": it is made over SHA-1, which is too weak"}));
}

TEST_CASE("text before the signed part is refused") {
  CHECK(Fixture().fault("Suite: evil\n" + good()) == "InRelease is not a signed file: it begins with \"Suite: evil\"");
}

TEST_CASE("text after the signed part is refused") {
  CHECK(Fixture().fault(good() + "Suite: evil\n") ==
        "InRelease is not a signed file: text stands after its signature: \"Suite: evil\"");
}

TEST_CASE("a second signed message after the first is refused") {
  CHECK(Fixture().fault(good() + good()) ==
        "InRelease is not a signed file: text stands after its signature: \"-----BEGIN PGP SIGNED MESSAGE-----\"");
}

TEST_CASE("a login page instead of the file is refused") {
  CHECK(Fixture().fault("<!DOCTYPE html><html>") ==
        "InRelease is not a signed file: it begins with \"<!DOCTYPE html><html>\"");
}

TEST_CASE("an additional armour header is refused") {
  CHECK(Fixture().fault(replaced(good(), "Hash: ", "Comment: x\nHash: ")) ==
        refusal(test_key(), {"signature by " + test_key() + ": gpgv cannot check it (error 1)"}));
}

TEST_CASE("a signed file cut off at any line is refused") {
  const Fixture f;
  CHECK(f.fault("") == "InRelease is not a signed file: it is empty");
  for (std::size_t at = good().find('\n'); at + 1 < good().size(); at = good().find('\n', at + 1)) {
    INFO("cut after byte " << at);
    const std::string signed_part = good().substr(0, at + 1);
    const bool has_signature = signed_part.find("-----BEGIN PGP SIGNATURE") != std::string::npos;
    CHECK(f.fault(signed_part) == (has_signature ? "InRelease is not a signed file: its signature is cut off"
                                                 : "InRelease is not a signed file: it ends before its signature"));
  }
  CHECK(f.fault(good().substr(0, good().find("-----BEGIN PGP SIGNATURE"))) ==
        "InRelease is not a signed file: it ends before its signature");
}

TEST_CASE("a keyring that is missing, empty or none is an error that names it") {
  const Fixture f;
  CHECK(message_of([&] { verify_cleartext(good(), "/nonexistent.gpg", Keys{test_key()}, "InRelease"); }) ==
        "reading /nonexistent.gpg: opening /nonexistent.gpg: No such file or directory");
  replace_file(f.keyring, "");
  CHECK(f.fault(good()) == "reading keyring " + f.keyring + ": it is empty");
  replace_file(f.keyring, "no keys\n");
  CHECK(f.fault(good()) ==
        "reading keyring " + f.keyring +
            ": it holds no OpenPGP public key\nhint: export one with: gpg --export FINGERPRINT > FILE");
}

TEST_CASE("a damaged armoured keyring is an error with the line") {
  const std::string armoured = gpg_home().public_keys({test_key()}, true);
  CHECK(message_of([&] { binary_keyring(armoured.substr(0, armoured.find("-----END")), "k.asc"); }) ==
        "reading keyring k.asc: the key block has no end");
  CHECK(message_of([&] { binary_keyring("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nab*d\n", "k.asc"); }) ==
        "reading keyring k.asc: line 3 is not base64");
}

TEST_CASE("our dearmouring gives the same bytes as gpg's") {
  CHECK(binary_keyring(gpg_home().public_keys({test_key()}, true), "k") == gpg_home().public_keys({test_key()}));
}

TEST_CASE("verifying leaves nothing behind, whether it succeeds or fails") {
  const Fixture f;
  const auto ours = [] {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::temp_directory_path()))
      if (entry.path().filename().string().starts_with(".lifeboat-gpgv")) ++count;
    return count;
  };
  const std::string folder = (f.folder.path() / "tmp").string();
  lifeboat::create_directories(folder);
  ::setenv("TMPDIR", folder.c_str(), 1);
  f.verify(good());
  CHECK(f.fault(replaced(good(), "today", "Today")) != "no error");
  CHECK(ours() == 0);
  CHECK(std::filesystem::is_empty(folder));
  ::unsetenv("TMPDIR");
}
