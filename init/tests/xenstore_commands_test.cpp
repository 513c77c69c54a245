// The commands of the xenstore agent, and the arithmetic of its key exchange.
#include "init/source/xenstore_commands.hpp"

#include <sstream>

#include "builder/base/run.hpp"
#include "init/contract/base64.hpp"
#include "init/tests/cases.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using lifeboat::init::test::read_cases;

namespace {

Result<std::string> hash(const Secret& password) { return "hash of " + std::string(password.view()); }
Status check_key(std::string_view key) { return key.starts_with("ssh-") ? Status(Done{}) : Failure{"it is none"}; }

/// The reference's: 0x00112233445566778899aabbccddeeff.
Result<XenstoreKey::Number> private_key() {
  return XenstoreKey::Number{0x0011223344556677} << 64 | XenstoreKey::Number{0x8899aabbccddeeff};
}

const char* const host_key = "72934389420761065950890858028106";
/// The secret of both, of which openssl makes key and vector.
const std::string shared = "41320467447028654580417112609789";

struct Bench {
  std::string log;
  Status handed = Done{};
  XenstoreCommands commands{{.hash = hash,
                             .check = nullptr,
                             .check_key = check_key,
                             .answer =
                                 [this](const Answer& answer) {
                                   if (!handed) return handed;
                                   log += "[" + answer.password_hash;
                                   for (const std::string& key : answer.keys) log += ", " + key;
                                   for (const std::string& note : answer.notes) log += ", note: " + note;
                                   if (!answer.hostname.empty()) log += ", " + answer.hostname;
                                   log += "]\n";
                                   return handed;
                                 },
                             .session = {},
                             .renew_network = [this] { log += "[network]\n"; }},
                            private_key};

  std::string send(const std::string& requests) {
    log.clear();
    std::istringstream lines(requests);
    for (std::string line; std::getline(lines, line);) log += commands.answer(line) + "\n";
    return log;
  }
};

}  // namespace

TEST_CASE("the xenstore agent answers as the table says") {
  for (const auto& one : read_cases("xenstore_commands.txt")) {
    INFO(one.name);
    CHECK(Bench().send(one.input) == one.expected + "\n");
  }
}

TEST_CASE("what openssl encrypts with either digest is decrypted, at all lengths; another key's is not") {
  const auto key = XenstoreKey::agree(host_key, *private_key());
  const auto other = XenstoreKey::agree("72934389420761065950890858028107", *private_key());
  REQUIRE(key);
  REQUIRE(other);
  for (const char* digest : {"md5", "sha256"}) {
    for (const std::size_t length : {1, 13, 14, 15, 16, 17, 31, 32, 511}) {
      std::string password(length, 'x');
      if (length > 1) password.replace(length - 2, 2, "\xc3\xa4");  // not ASCII alone
      const std::string encrypted = lifeboat::run_checked(
          {.argv = {"openssl", "aes-128-cbc", "-A", "-a", "-nosalt", "-md", digest, "-pass", "pass:" + shared},
           .input = password + "\n"});
      INFO(digest << " " << length);
      const auto decrypted = key->decrypt(encrypted);
      REQUIRE(decrypted);
      CHECK(decrypted->view() == password);
      CHECK_FALSE(other->decrypt(encrypted));
    }
  }
}

TEST_CASE("any change of the encrypted password is refused or yields a text, and never crashes") {
  const auto key = XenstoreKey::agree(host_key, *private_key());
  REQUIRE(key);
  const std::string bytes = *lifeboat::contract::decode_base64("IqgRf/4mhb4VAlvAFe9OSQ==");
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x40);
    const auto decrypted = key->decrypt(lifeboat::contract::encode_base64(changed));
    if (decrypted) CHECK(password_trouble(decrypted->view()).empty());
  }
}

TEST_CASE("random private keys differ, and two of them agree") {
  const auto a = make_xenstore_private_key(), b = make_xenstore_private_key();
  REQUIRE(a);
  REQUIRE(b);
  CHECK_FALSE(*a == *b);
  const auto mine = XenstoreKey::agree("5", *a);
  REQUIRE(mine);
  CHECK(mine->public_key() != XenstoreKey::agree("5", *b)->public_key());
}

TEST_CASE("a password that PID 1 does not get is refused, and not kept") {
  Bench bench;
  bench.handed = Failure{"No space left on device"};
  const std::string requests = std::string(R"({"name":"keyinit","value":")") + host_key + "\"}\n" +
                               R"({"name":"password","value":"IqgRf/4mhb4VAlvAFe9OSQ=="})";
  CHECK(bench.send(requests).ends_with("{\"returncode\":\"500\",\"message\":\"No space left on device\"}\n"));
  bench.handed = Done{};
  bench.log.clear();
  bench.commands.take_hostname("web1");
  CHECK(bench.log == "[, web1]\n");
}

TEST_CASE("the host's name goes with the rest, once") {
  Bench bench;
  bench.commands.take_hostname("");
  bench.commands.take_hostname("web1");
  bench.commands.take_hostname("web1");
  CHECK(bench.log == "[, web1]\n");
  CHECK(bench.send(R"({"name":"injectfile","value":"L3Jvb3QvLnNzaC9hdXRob3JpemVkX2tleXMsCiMgTm92YQpzc2gtcnNhIEEK"})") ==
        "[, ssh-rsa A, web1]\n{\"returncode\":\"0\",\"message\":\"\"}\n");
}
