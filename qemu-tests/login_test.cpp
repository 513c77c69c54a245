// Login never fails silently: the password of the cloud logs in, and the console says which host key to expect.
#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "testing/catch.hpp"
#include "testing/whole_matrix.hpp"

using namespace lifeboat::qemu;
namespace {

/// Opens twelve connections to sshd, says nothing on any, writes down how many were greeted, and keeps them.
constexpr const char* stay_silent = R"(setsid bash -c '
  for i in $(seq 12); do exec {fd}<>/dev/tcp/127.0.0.1/22; fds+=($fd); done
  for fd in ${fds[@]}; do read -t 20 -u $fd line; [[ $line = SSH-2.0-* ]] && greeted=$((greeted + 1)); done
  echo $greeted >/run/greeted.new; mv /run/greeted.new /run/greeted; read -u ${fds[0]}
  ' >/dev/null 2>&1 & timeout 60 sh -c "until [ -e /run/greeted ]; do sleep 0.1; done"; cat /run/greeted)";

}  // namespace

TEST_CASE("the config drive's password logs in, another is refused, and the printed host key is the server's") {
  const std::string password = "vq7-Temporary-31";
  VmOptions options = boots(cloud_image());
  options.config_drive = openstack_drive(R"({"uuid": "6f0c4c4e-4a4f-4b7e-9f0a-0123456789ab", "name": "broken-server",
                                             "hostname": "broken-server", "admin_pass": ")" +
                                         password + "\"}");
  Vm vm(options);
  const Ready ready = vm.wait_until_ready();
  REQUIRE(ready.at("login") == "password");
  REQUIRE(ready.at("address").find("10.0.2.15") != std::string::npos);

  Ssh stranger(vm.ssh_port());
  REQUIRE(stranger.host_key() == ready.at("host-key"));
  REQUIRE_FALSE(stranger.login_with_password("vq7-Temporary-32"));
  REQUIRE_FALSE(Ssh(vm.ssh_port()).login_with_password(""));

  Ssh owner(vm.ssh_port());
  REQUIRE(owner.login_with_password(password));
  REQUIRE(owner.run_checked("id -u") == "0\n");
  REQUIRE(owner.run("exit 7").status == 7);

  REQUIRE(owner.run_checked(stay_silent) == "10\n");  // PerSourceMaxStartups
  REQUIRE(Ssh(vm.ssh_port()).login_with_password(password));

  const std::string said = vm.console().log();
  REQUIRE(said.find("config drive") != std::string::npos);  // where the password came from
  REQUIRE(said.find(password) == std::string::npos);
  REQUIRE(owner.run("grep -rlF -e " + password + " /etc /run /var /root /tmp").out == "");
}

TEST_CASE("a virtio console, whose driver comes while the machine boots, has the READY line and a login as well") {
  VmOptions options = boots(cloud_image());
  options.virtio_console = true;
  options.config_drive = openstack_drive(R"({"admin_pass": "vq7-Temporary-31"})");
  Vm vm(options);
  vm.wait_until_ready();
  Console& hvc = vm.virtio_console();
  hvc.wait_for("LIFEBOAT-READY build=", seconds(30));
  hvc.wait_for("rescue login:", seconds(60));
  hvc.type("root\n");
  hvc.wait_for("Password:", seconds(30));
  hvc.type("vq7-Temporary-31\n");
  hvc.wait_for("root@", seconds(60));
  hvc.type("tty\n");
  hvc.wait_for("/dev/hvc0", seconds(30));
  vm.console().wait_until_said("rescue login:", seconds(60));
}

TEST_CASE("a console whose line is gone is given up and said to be; the other's login goes on") {
  if (!lifeboat::is_whole_matrix()) return;
  VmOptions options = boots(cloud_image());
  options.config_drive = openstack_drive(R"({"admin_pass": "vq7-Temporary-31"})");
  Vm vm(options);
  vm.wait_until_ready();
  vm.console().wait_for("rescue login:", seconds(60));
  Ssh owner(vm.ssh_port());
  REQUIRE(owner.login_with_password("vq7-Temporary-31"));
  const auto gettys = [&] {
    return owner.run_checked("ps -eo args | sed -n 's,^/sbin/agetty.* \\(tty[^ ]*\\) .*,\\1,p'");
  };
  CHECK(gettys() == "tty1\nttyS0\n");
  owner.run_checked(
      "cd /sys/bus/pnp/drivers/serial && for port in *:*; do [ ! -e $port/tty/ttyS0 ] || echo $port >unbind; done");
  owner.run_checked(
      "until grep -q 'getty-ttyS0 is given up: it ended 5 times at once' /run/lifeboat/report.json; "
      "do sleep 1; done",
      seconds(240));
  CHECK(gettys() == "tty1\n");
}
