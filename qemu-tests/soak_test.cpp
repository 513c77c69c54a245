// PID 1 in a long and hard session: it goes on, says what went wrong once, and does not grow. A minute long; half an
// hour with LIFEBOAT_WHOLE_MATRIX=1.
#include <cstdlib>

#include "qemu-tests/disks/disks.hpp"
#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::qemu;
namespace fs = std::filesystem;
namespace {

constexpr const char* kill_sshd = "pkill -KILL -f '[l]istener\\]'";
constexpr const char* orphans = "for i in $(seq 100); do (sleep 0 &); done; sleep 1";
constexpr const char* unplug_and_plug =
    "echo 1 > $(readlink -f /sys/block/vda/device)/../remove; sleep 1; echo 1 > /sys/bus/pci/rescan";
constexpr long largest_rss = 4096;  // KiB

/// A session whose owner waits for sshd to come back.
class Owner {
 public:
  explicit Owner(int port) : port_(port) {}
  std::string run(const std::string& command) {
    const Deadline deadline = std::chrono::steady_clock::now() + seconds(90);
    while (true) {
      try {
        Ssh ssh(port_, seconds(5));  // slirp takes a connection that the guest does not
        if (!ssh.login_with_password("vq7-Temporary-31")) throw Failure("the password is refused");
        return ssh.run(command).out;
      } catch (const Failure&) {
        if (milliseconds_left(deadline) == 0) throw;
        run_checked({"sleep", "0.5"});
      }
    }
  }

 private:
  int port_;
};

struct Memory {
  long rss = 0, data = 0;  ///< KiB
};

Memory memory_of_pid_1(Owner& owner) {
  const std::string status = owner.run("cat /proc/1/status");
  const auto field = [&](const std::string& name) { return std::stol(status.substr(status.find(name) + name.size())); };
  return {field("VmRSS:"), field("VmData:")};
}

VmOptions machine(const fs::path& folder) {
  VmOptions options = boots(cloud_image());
  options.config_drive = openstack_drive(R"({"admin_pass": "vq7-Temporary-31"})");
  fs::copy_file(disk("ext4-debian-11"), folder / "original.img");
  options.disks = {{.file = folder / "original.img"}};
  return options;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("PID 1 stays below 4 MiB and does not grow while sshd is killed, orphans end and a disk comes and goes") {
  const Folder folder("soak");
  Vm vm(machine(folder.path()));
  vm.wait_until_ready();
  Owner owner(vm.ssh_port());
  const auto round = [&] {
    owner.run(orphans);
    owner.run(unplug_and_plug);
    owner.run(kill_sshd);
  };
  round();  // what is needed once is there then
  const Memory before = memory_of_pid_1(owner);
  const seconds length(std::getenv("LIFEBOAT_WHOLE_MATRIX") != nullptr ? 1800 : 60);
  const Deadline end = std::chrono::steady_clock::now() + length;
  int rounds = 0;
  for (; milliseconds_left(end) > 0; ++rounds) round();
  const Memory after = memory_of_pid_1(owner);
  CAPTURE(rounds, before.rss, after.rss, before.data, after.data);
  CHECK(rounds > 1);
  CHECK(after.rss < largest_rss);
  CHECK(after.rss <= before.rss + 128);  // pages of the program that were not needed before
  CHECK(after.data <= before.data + 64);
  CHECK(owner.run("grep -l 'State:.*Z' /proc/[0-9]*/status 2>/dev/null").empty());
  CHECK(owner.run("lsblk -no NAME /dev/vda1").find("vda1") != std::string::npos);
}

TEST_CASE("with no process left to make and no memory for files PID 1 says so once, and all comes back") {
  const Folder folder("soak");
  Vm vm(machine(folder.path()));
  vm.wait_until_ready();
  Owner owner(vm.ssh_port());

  owner.run("dd if=/dev/zero of=/run/full bs=64k 2>/dev/null");
  owner.run(kill_sshd);
  vm.console().wait_until_said("Problem: sshd ended: signal 9 (Killed)", seconds(30));
  vm.console().wait_until_said("Problem: the report could not be renewed", seconds(30));
  owner.run(kill_sshd);
  owner.run("rm /run/full");
  CHECK(count(vm.console().log(), "the report could not be renewed") == 1);

  Ssh ssh(vm.ssh_port());
  REQUIRE(ssh.login_with_password("vq7-Temporary-31"));
  SshTerminal shell = ssh.open_terminal();
  shell.type("sshd=$(pgrep -f '[l]istener\\]'); echo 400 > /proc/sys/kernel/pid_max; echo got $sshd\n");
  shell.wait_for("got ", seconds(20));
  shell.type(
      "sh -c 'while :; do sleep 40 & done' > /dev/null 2>&1; kill -9 $sshd; echo the table is $((1 + 1)) full\n");
  shell.wait_for("the table is 2 full", seconds(60));
  vm.console().wait_for("sshd ended: starting /usr/sbin/sshd: Resource temporarily unavailable", seconds(30));
  CHECK(owner.run("rescue json").find("Resource temporarily unavailable") != std::string::npos);
}
