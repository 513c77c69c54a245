#include <crypt.h>
#include <sys/stat.h>
#include <unistd.h>

#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "init/access/host_key.hpp"
#include "init/access/keys.hpp"
#include "init/access/password.hpp"
#include "init/access/random_password.hpp"
#include "init/access/shadow.hpp"
#include "init/access/sshd.hpp"
#include "init/access/sshd_check.hpp"
#include "init/sys/sha256.hpp"
#include "init/tests/cases.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using lifeboat::run_checked;
using lifeboat::TempDir;
using lifeboat::init::test::read_cases;

namespace {

std::string hex(std::string_view bytes) {
  std::string text;
  for (unsigned char byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

constexpr const char* shadow =
    "daemon:*:1:0:99999:7:::\nroot:!locked:19000:0:99999:7:::\nroot2:x:1:::::\nlast:y:2:::::";

}  // namespace

TEST_CASE("public keys are taken or refused as the table says") {
  for (const auto& one : read_cases("public_keys.txt")) {
    INFO(one.name);
    const Status checked = check_public_key(one.input);
    CHECK((checked ? "good" : checked.error()) == one.expected);
  }
}

TEST_CASE("every kind of key that ssh-keygen makes is taken, with the fingerprint that ssh-keygen prints") {
  const TempDir folder("/tmp", "keys");
  for (const char* type : {"ed25519", "rsa", "ecdsa"}) {
    const std::string file = (folder.path() / type).string();
    run_checked({.argv = {"ssh-keygen", "-q", "-t", type, "-N", "", "-C", "a comment", "-f", file}});
    const std::string line = *read_file(file + ".pub");
    INFO(line);
    CHECK(check_public_key(line.substr(0, line.size() - 1)));
    const auto key = parse_host_key(line);
    REQUIRE(key);
    const std::string theirs = run_checked({.argv = {"ssh-keygen", "-l", "-f", file + ".pub"}});
    CHECK(host_key_blocks(*key) == "-----BEGIN SSH HOST KEY FINGERPRINTS-----\n" + theirs +
                                       "-----END SSH HOST KEY FINGERPRINTS-----\n-----BEGIN SSH HOST KEY KEYS-----\n" +
                                       line + "-----END SSH HOST KEY KEYS-----\n");
    CHECK(run_checked({.argv = make_public_key_command(file).argv}) == line);
  }
}

TEST_CASE("a random password is four readable groups, and another one each time") {
  const auto one = make_random_password(), two = make_random_password();
  REQUIRE(one);
  REQUIRE(two);
  CHECK(one->view() != two->view());
  const std::string groups(one->view());
  REQUIRE(groups.size() == 19);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const std::string_view allowed = i % 5 == 4 ? "-" : "abcdefghjkmnpqrstuvwxyz23456789";
    CHECK(allowed.find(groups[i]) != std::string_view::npos);
  }
}

TEST_CASE("the command that makes the host key makes one, and replaces one that was there") {
  const TempDir folder("/tmp", "hostkey");
  const std::string file = (folder.path() / "key").string();
  REQUIRE(write_file(file, "an old key"));
  run_checked({.argv = make_host_key_command(file).argv});
  CHECK(parse_host_key(*read_file(file + ".pub")));
  struct stat found {};
  REQUIRE(::stat(file.c_str(), &found) == 0);
  CHECK((found.st_mode & 0777) == 0600);
}

TEST_CASE("SHA-256 gives what sha256sum gives, at every length around a block's end") {
  const TempDir folder("/tmp", "sha");
  for (std::size_t length : {0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1000}) {
    const std::string bytes(length, 'b');
    REQUIRE(write_file((folder.path() / "file").string(), bytes));
    const std::string theirs = run_checked({.argv = {"sha256sum", (folder.path() / "file").string()}});
    CHECK(hex(sha256(bytes)) == theirs.substr(0, 64));
  }
}

TEST_CASE("a password's hash fits that password alone, and never twice the same") {
  const auto hash = hash_password(Secret(std::string("Zx9-secret")));
  REQUIRE(hash);
  CHECK(std::string(::crypt("Zx9-secret", hash->c_str())) == *hash);
  CHECK(std::string(::crypt("Zx9-secreT", hash->c_str())) != *hash);
  CHECK(*hash_password(Secret(std::string("Zx9-secret"))) != *hash);
}

// yescrypt's parameters in crypt(5)'s alphabet, from '.' on: flavour 'j', log2(N) - 1, r - 1; 128 * N * r bytes.
TEST_CASE("a try of the session's password takes 2 MiB, of one that stays 16") {
  const auto session = hash_password(Secret(std::string("Zx9-secret")));
  const auto staying = hash_password_as(Secret(std::string("Zx9-secret")), "$y$");
  REQUIRE((session && staying));
  CHECK(session->starts_with("$y$j85$"));  // N = 2^11, r = 8
  CHECK(staying->starts_with("$y$j9T$"));  // N = 2^12, r = 32
}

TEST_CASE(
    "a hash of each scheme that libcrypt makes is taken whole, and not where its end is missing or more follows") {
  for (const char* prefix : {"$y$", "$gy$", "$7$", "$2b$", "$2y$", "$2a$", "$6$", "$5$", "$sha1", "$md5", "$1$"}) {
    INFO(prefix);
    const auto hash = hash_password_as(Secret(std::string("Zx9-secret")), prefix);
    REQUIRE(hash);
    CHECK(check_password_hash(*hash));
    for (const std::string& broken : {hash->substr(0, hash->size() - 1), *hash + "x"})
      CHECK(check_password_hash(broken).error() == "it has another length than its scheme's hashes");
  }
  CHECK(check_password_hash("$6$rounds=5000$salt$hash").error() == "it has another length than its scheme's hashes");
  CHECK(check_password_hash("$99$salt$hash").error() == "libcrypt knows no such scheme");
  CHECK(check_password_hash(::crypt("Zx9-secret", "ab")));  // DES
}

TEST_CASE("setting a password changes that user's field and no other byte") {
  CHECK(*with_password_hash(shadow, "root", "$y$new") ==
        "daemon:*:1:0:99999:7:::\nroot:$y$new:19000:0:99999:7:::\nroot2:x:1:::::\nlast:y:2:::::");
  CHECK(*with_password_hash(shadow, "daemon", "h") ==
        "daemon:h:1:0:99999:7:::\nroot:!locked:19000:0:99999:7:::\nroot2:x:1:::::\nlast:y:2:::::");
  CHECK(*with_password_hash("root::1:::::\n", "root", locked_password) == "root:*:1:::::\n");
}

TEST_CASE("a shadow file is left alone where the user or the hash is no good") {
  CHECK(with_password_hash(shadow, "nobody", "h").error() == "setting the password of nobody: no such user");
  CHECK(with_password_hash(shadow, "root", "a:b").error() == "setting the password of root: not a password hash");
  CHECK(with_password_hash(shadow, "root", "a\nb").error() == "setting the password of root: not a password hash");
  CHECK(with_password_hash(shadow, "root", "").error() == "setting the password of root: not a password hash");
  CHECK(with_password_hash("root:x\nb:y:1", "root", "h").error() == "setting the password of root: its line is broken");
}

TEST_CASE("the shadow file keeps its mode and owner, and nothing lies beside it afterwards") {
  const TempDir folder("/tmp", "shadow");
  const std::string file = (folder.path() / "shadow").string();
  REQUIRE(write_file(file, shadow));
  REQUIRE(::chmod(file.c_str(), 0640) == 0);
  if (::geteuid() == 0) REQUIRE(::chown(file.c_str(), 0, 42) == 0);
  REQUIRE(set_password_hash(file, "root", "$y$h"));
  struct stat found {};
  REQUIRE(::stat(file.c_str(), &found) == 0);
  CHECK((found.st_mode & 07777) == 0640);
  if (::geteuid() == 0) CHECK(found.st_gid == 42);
  CHECK(read_file(file)->find("root:$y$h:19000") != std::string::npos);
  CHECK(::access((file + ".lifeboat").c_str(), F_OK) != 0);
}

TEST_CASE("authorized_keys holds exactly the good keys, and only its owner can look at it") {
  const TempDir folder("/tmp", "authorized");
  const std::string root = folder.path().string();
  REQUIRE(::mkdir((root + "/root").c_str(), 0700) == 0);
  const auto cases = read_cases("public_keys.txt");
  const CheckedKeys keys = check_public_keys({cases[0].input, cases[2].input, cases[1].input});
  CHECK(keys.refused == std::vector<std::string>{"key 2 is not used: it does not begin with the type of a public key"});
  REQUIRE(write_authorized_keys(root, keys.good));
  CHECK(*read_file(root + "/root/.ssh/authorized_keys") == cases[0].input + "\n" + cases[1].input + "\n");
  struct stat file {
  }, parent{};
  REQUIRE(::stat((root + "/root/.ssh/authorized_keys").c_str(), &file) == 0);
  REQUIRE(::stat((root + "/root/.ssh").c_str(), &parent) == 0);
  CHECK((file.st_mode & 0777) == 0600);
  CHECK((parent.st_mode & 0777) == 0700);
}

TEST_CASE("sshd lets passwords in only where one was set") {
  const auto words = [](const SshdAccess& access) {
    std::string text;
    for (const std::string& word : make_sshd_command(access).argv) text += word + " ";
    return text;
  };
  CHECK(words({.password = true, .keys = false}).find("PasswordAuthentication=yes") != std::string::npos);
  CHECK(words({.password = true, .keys = false}).find("PermitRootLogin=yes") != std::string::npos);
  CHECK(words({.password = false, .keys = true}).find("PasswordAuthentication=no") != std::string::npos);
  CHECK(words({.password = false, .keys = true}).find("PermitRootLogin=prohibit-password") != std::string::npos);
}

TEST_CASE("guessing over SSH is slowed down, by what this sshd knows") {
  const auto has = [](const SshdAccess& access, const std::string& setting) {
    const auto argv = make_sshd_command(access).argv;
    return std::ranges::find(argv, setting) != argv.end();
  };
  for (const char* setting : {"LoginGraceTime=60", "MaxAuthTries=10", "MaxStartups=20:30:60", "PerSourceMaxStartups=10",
                              "PerSourcePenalties=max:2m"})
    CHECK(has({}, setting));
  CHECK_FALSE(has({.without = {"PerSourcePenalties"}}, "PerSourcePenalties=max:2m"));
  CHECK(has({.without = {"PerSourcePenalties"}}, "MaxAuthTries=10"));
}

TEST_CASE("what sshd -t says is read: an option that it does not know, a refusal, or nothing but a missing host key") {
  const auto unknown = read_sshd_verdict(1, "command-line: line 0: Bad configuration option: PerSourcePenalties\r\n");
  CHECK(unknown.unknown_option == "PerSourcePenalties");
  CHECK_FALSE(unknown.trouble.empty());
  const auto fine = read_sshd_verdict(
      1, "Unable to load host key: /etc/ssh/ssh_host_ed25519_key\r\nsshd: no hostkeys available -- exiting.\r\n");
  CHECK(fine.trouble.empty());
  CHECK(read_sshd_verdict(0, "").trouble.empty());
  const auto refused = read_sshd_verdict(255, "/etc/ssh/sshd_config line 9: Invalid MaxStartups spec.\r\n");
  CHECK(refused.trouble == "/etc/ssh/sshd_config line 9: Invalid MaxStartups spec.");
  CHECK(refused.unknown_option.empty());
  // In a file of the image it is a fault, whatever its name.
  const auto in_file =
      read_sshd_verdict(1, "/etc/ssh/sshd_config: line 3: Bad configuration option: PerSourcePenalties");
  CHECK(in_file.unknown_option.empty());
  CHECK_FALSE(in_file.trouble.empty());
  CHECK(read_sshd_verdict(255, "").trouble == "exit status 255");
  CHECK(read_sshd_verdict(1, std::string(5000, 'x')).trouble.size() == 400);
}

TEST_CASE("the real sshd accepts our settings, but for those it is too old for") {
  if (::access("/usr/sbin/sshd", X_OK) != 0 || ::geteuid() != 0) {
    WARN("skipped: needs root and openssh-server");
    return;
  }
  ::mkdir("/run/sshd", 0755);
  const auto without = check_sshd({.password = true, .keys = true});
  if (!without) FAIL(without.error());
  for (const std::string& option : *without) CHECK(is_optional_sshd_option(option));
  CHECK(find_unknown_options(sshd_path) == *without);  // seen without asking it
  CHECK(find_unknown_options("/nonexistent").empty());
}
