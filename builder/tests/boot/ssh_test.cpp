#include "builder/boot/ssh.hpp"

#include "builder/base/file.hpp"
#include "builder/base/text.hpp"
#include "builder/tests/boot/message_of.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace fs = std::filesystem;

TEST_CASE("a host key is taken when it has the fingerprint of the console, and refused when not") {
  const TempDir work(fs::temp_directory_path(), "ssh-test");
  const fs::path key = work.path() / "key";
  run_checked({.argv = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key.string()}, .needed_for = "the test"});
  const std::string printed =
      run_checked({.argv = {"ssh-keygen", "-l", "-f", key.string() + ".pub"}, .needed_for = "the test"});
  const std::string fingerprint(split_words(printed).at(1));
  REQUIRE(fingerprint.starts_with("SHA256:"));
  const fs::path known_hosts = work.path() / "known_hosts";
  replace_file(known_hosts, "[127.0.0.1]:2222 " + read_file(key.string() + ".pub"));

  CHECK(message_of([&] { verify_host_key(known_hosts, fingerprint); }) == "");
  CHECK(message_of([&] { verify_host_key(known_hosts, "SHA256:other"); }) ==
        "the guest's SSH server has another host key than the console says: " + fingerprint + ", not SHA256:other | ");
}
