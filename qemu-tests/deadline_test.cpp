// A session's deadline: shown at login and in the prompt, warned of on every terminal, and at it the disks that the
// session mounted lose nothing.
#include <nlohmann/json.hpp>

#include "qemu-tests/disks/disks.hpp"
#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::qemu;
namespace fs = std::filesystem;
namespace {

const std::string password = "vq7-Temporary-31";

VmOptions machine(const fs::path& folder, const std::string& deadline) {
  VmOptions options = boots(cloud_image());
  options.kernel_arguments += " lifeboat.deadline=" + deadline;
  options.config_drive = openstack_drive(R"({"admin_pass": ")" + password + R"("})");
  fs::copy_file(disk("ext4-debian-11"), folder / "original.img");
  fs::copy_file(disk("ext4-debian-11"), folder / "held.img");
  options.disks = {{.file = folder / "original.img"}, {.file = folder / "held.img"}};
  return options;
}

int seconds_up(Ssh& ssh) { return std::stoi(ssh.run_checked("cut -d. -f1 /proc/uptime")); }

/// What was written late is there, without the guest and without a journal replay.
void check_file(const fs::path& image, const fs::path& folder) {
  run_checked({"dd", "if=" + image.string(), "of=" + (folder / "part.img").string(), "bs=1M", "skip=1", "status=none"});
  const std::string content = run_checked({"/sbin/debugfs", "-R", "cat /written-late", folder / "part.img"});
  CHECK(content.find("PRETTY_NAME") != std::string::npos);
}

/// The file system was unmounted, too.
void check_disk(const fs::path& image, const fs::path& folder) {
  check_file(image, folder);
  const std::string header = run_checked({"/sbin/dumpe2fs", "-h", folder / "part.img"});
  CHECK(header.find("needs_recovery") == std::string::npos);
}

}  // namespace

TEST_CASE("a deadline is shown, warned of on console and SSH terminal, and then disks are synced and unmounted") {
  const Folder folder("deadline");
  // Long enough for a slow boot: the login comes first, then the warning one minute before.
  Vm vm(machine(folder.path(), "120s"));
  vm.wait_until_ready();
  Ssh ssh(vm.ssh_port());
  REQUIRE(ssh.login_with_password(password));
  REQUIRE(seconds_up(ssh) < 55);

  const auto report = nlohmann::json::parse(ssh.run_checked("rescue json")).at("deadline");
  CHECK(report.at("uptime") == 120);
  CHECK(report.at("origin") == "kernel arguments");
  CHECK(report.at("then") == "stay");
  SshTerminal terminal = ssh.open_terminal();
  terminal.wait_for("Deadline", seconds(30));
  terminal.wait_for("This session ends in 0 h ", seconds(10));
  terminal.wait_for("m left] ", seconds(10));  // the prompt

  ssh.run_checked("rescue write vda && mount /dev/vda1 /mnt && cp /etc/os-release /mnt/written-late");
  ssh.run_checked("mount --bind /dev /mnt/dev");
  ssh.run_checked(
      "rescue write vdb && mkdir /media/held && mount /dev/vdb1 /media/held && cp /etc/os-release "
      "/media/held/written-late");
  ssh.run_checked("sleep 1000 > /media/held/open 2>&1 < /dev/null &");
  vm.console().wait_for("This session ends in 1 min", seconds(120));
  terminal.wait_for("*** Rescue system: This session ends in 1 min", seconds(10));
  vm.console().wait_for("THE SESSION'S TIME IS UP", seconds(90));
  vm.console().wait_for("/media/held (/dev/vdb1) is in use by sleep (pid ", seconds(30));
  terminal.wait_for("Not all disks could be unmounted", seconds(30));
  CHECK(ssh.run("grep -q -e ' /mnt' -e ' /media' /proc/mounts").status == 1);
  terminal.type("\n");
  terminal.wait_for("[TIME IS UP] ", seconds(10));

  vm.quit();  // the platform's hard stop
  check_disk(folder.path() / "original.img", folder.path());
  check_file(folder.path() / "held.img", folder.path());  // synced, but not unmounted
}

TEST_CASE("at a deadline that powers off, whoever uses a disk is ended and the disk is clean") {
  const Folder folder("deadline");
  VmOptions options = machine(folder.path(), "80s");
  options.kernel_arguments += " lifeboat.at_deadline=power-off";
  Vm vm(options);
  vm.wait_until_ready();
  Ssh ssh(vm.ssh_port());
  REQUIRE(ssh.login_with_password(password));
  ssh.run_checked("rescue write vda && mount /dev/vda1 /mnt && cp /etc/os-release /mnt/written-late");
  ssh.run_checked("sleep 1000 > /mnt/held 2>&1 < /dev/null &");
  vm.console().wait_for("THE SESSION'S TIME IS UP: the machine powers off now.", seconds(150));
  REQUIRE(vm.wait_for_end(seconds(60)) == 0);
  check_disk(folder.path() / "original.img", folder.path());
}
