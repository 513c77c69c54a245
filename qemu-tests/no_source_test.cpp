// No password source: root stays locked, nobody gets in, and the console says why and what to do.
#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/key_pair.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::qemu;

TEST_CASE("without a config drive root is locked, sshd does not listen, and the console says why and what to do") {
  Vm vm(boots(cloud_image()));
  const Ready ready = vm.wait_until_ready();
  REQUIRE(ready.at("login") == "none");
  REQUIRE(ready.at("host-key") == "none");
  REQUIRE_THROWS_AS(Ssh(vm.ssh_port(), seconds(5)), Failure);

  const std::string said = vm.console().log();
  REQUIRE(said.find("config drive") != std::string::npos);  // where it looked
  REQUIRE(said.find("locked") != std::string::npos);

  vm.console().type("\n");
  vm.console().wait_for("login:", seconds(30));
  vm.console().type("root\n");
  vm.console().wait_for("assword:", seconds(30));
  vm.console().type("\n");
  vm.console().wait_for("Login incorrect", seconds(30));
}

TEST_CASE("with a key alone the key logs in, no password does, and root's password is locked") {
  const KeyPair key;
  VmOptions options = boots(cloud_image());
  options.config_drive = openstack_drive(R"({"public_keys": {"mine": ")" + key.line + "\"}}");
  Vm vm(options);
  REQUIRE(vm.wait_until_ready().at("login") == "keys");

  REQUIRE_FALSE(Ssh(vm.ssh_port()).login_with_password(""));
  REQUIRE_FALSE(Ssh(vm.ssh_port()).login_with_password("root"));
  Ssh owner(vm.ssh_port());
  REQUIRE(owner.login_with_key(key.file));
  const std::string hash = owner.run_checked("sed -n 's/^root:\\([^:]*\\):.*/\\1/p' /etc/shadow");
  REQUIRE((hash.starts_with("*") || hash.starts_with("!")));
}
