// The session ends in order: the power button powers off, Ctrl-Alt-Del reboots; everybody is asked and made to end,
// disks are synced and unmounted, LVM and RAID stopped, and what would not let go is named.
#include "qemu-tests/disks/disks.hpp"
#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "testing/catch.hpp"
#include "testing/whole_matrix.hpp"

using namespace lifeboat::qemu;
namespace fs = std::filesystem;

namespace {

/// Presses again where nothing happens, as a person does: READY does not wait for the button's driver, and the kernel
/// drops what comes before it.
void press_power_button(Vm& vm) {
  for (int presses = 1;; ++presses) {
    vm.press_power_button();
    try {
      vm.console().wait_for("Powering off: the power button was pressed", seconds(10));
      return;
    } catch (const Failure&) {
      if (presses == 4) throw;
    }
  }
}

}  // namespace

TEST_CASE("the power button powers the guest off") {
  Vm vm(boots(cloud_image()));
  vm.wait_until_ready();
  press_power_button(vm);
  REQUIRE(vm.wait_for_end(seconds(45)) == 0);
}

TEST_CASE("Ctrl-Alt-Del reboots the guest") {
  Vm vm(boots(cloud_image()));
  vm.wait_until_ready();
  vm.press_keys({"ctrl", "alt", "delete"});
  vm.wait_until_ready();  // a second one: the wait takes what the first one left
}

TEST_CASE("a process that does not end is named and killed, disks are unmounted, and LVM on RAID is stopped") {
  const Folder folder("power");
  VmOptions options = boots(cloud_image());
  options.config_drive = openstack_drive(R"({"admin_pass": "vq7-Temporary-31"})");
  fs::copy_file(disk("ext4-debian-11"), folder.path() / "original.img");
  options.disks = {{.file = folder.path() / "original.img"}};
  for (const char* name : {"raid-a.img", "raid-b.img"}) {
    write_file(folder.path() / name, "");
    fs::resize_file(folder.path() / name, 64 << 20);
    options.disks.push_back({.file = folder.path() / name});
  }
  Vm vm(options);
  vm.wait_until_ready();
  Ssh ssh(vm.ssh_port());
  REQUIRE(ssh.login_with_password("vq7-Temporary-31"));
  ssh.run_checked("rescue write vda && rescue write vdb && rescue write vdc");
  ssh.run_checked("modprobe raid1; mdadm --create /dev/md7 --run --level=1 -n2 /dev/vdb /dev/vdc 2>&1", seconds(120));
  ssh.run_checked("pvcreate -qq /dev/md7 && vgcreate -qq vg /dev/md7 && lvcreate -qq -n data -L 20m vg 2>&1");
  ssh.run_checked("mkfs.ext4 -q /dev/vg/data && mount /dev/vg/data /media && touch /media/file");
  ssh.run_checked("mount /dev/vda1 /mnt && cp /etc/os-release /mnt/written-late");
  ssh.run_checked("sh -c \"trap '' TERM HUP; echo ready; while :; do sleep 1; done\" > /mnt/held 2>&1 < /dev/null &");
  ssh.run_checked("until grep -q ready /mnt/held; do sleep 0.2; done");
  press_power_button(vm);
  const auto pressed = std::chrono::steady_clock::now();
  const std::string begins = "] Powering off: the power button was pressed";
  vm.press_power_button();  // again, while the process is still waited for: nothing begins anew
  vm.console().wait_for("Did not end when asked, and is killed: sh (pid ", seconds(20));
  REQUIRE(vm.wait_for_end(seconds(45)) == 0);
  CHECK(std::chrono::steady_clock::now() - pressed < seconds(30));
  const std::string said = vm.console().log();
  CHECK(said.find(begins) == said.rfind(begins));
  CHECK(said.find("was not stopped") == std::string::npos);
  CHECK(said.find("is in use") == std::string::npos);
  const fs::path part = folder.path() / "part.img";
  run_checked({"dd", "if=" + (folder.path() / "original.img").string(), "of=" + part.string(), "bs=1M", "skip=1",
               "status=none"});
  CHECK(run_checked({"/sbin/debugfs", "-R", "cat /written-late", part}).find("PRETTY_NAME") != std::string::npos);
  CHECK(run_checked({"/sbin/dumpe2fs", "-h", part}).find("needs_recovery") == std::string::npos);
  // The RAID was marked clean: its superblock's resync offset (mdp_superblock_1, 4096 bytes in) says all is in sync.
  const std::string member = read_file(folder.path() / "raid-a.img");
  CHECK(member.substr(4096 + 208, 8) == std::string(8, '\xff'));
}

TEST_CASE("what the kernel itself holds at the end is named: a loop device on a mounted disk and on a mapped one") {
  if (!lifeboat::is_whole_matrix()) return;
  const Folder folder("power");
  VmOptions options = boots(cloud_image());
  options.config_drive = openstack_drive(R"({"admin_pass": "vq7-Temporary-31"})");
  fs::copy_file(disk("ext4-debian-11"), folder.path() / "original.img");
  fs::copy_file(disk("ext4-debian-11"), folder.path() / "mapped.img");
  options.disks = {{.file = folder.path() / "original.img"}, {.file = folder.path() / "mapped.img"}};
  Vm vm(options);
  vm.wait_until_ready();
  Ssh ssh(vm.ssh_port());
  REQUIRE(ssh.login_with_password("vq7-Temporary-31"));
  ssh.run_checked("echo 0 2048 linear /dev/vdb 0 | dmsetup create held && losetup /dev/loop6 /dev/mapper/held");
  ssh.run_checked(
      "rescue write vda && mount /dev/vda1 /mnt && truncate -s 1M /mnt/file && losetup /dev/loop7 /mnt/file");
  ssh.run("poweroff");
  vm.console().wait_for("Powering off: asked to power off", seconds(20));
  vm.console().wait_for("/mnt (/dev/vda1) is in use by /dev/loop7", seconds(30));
  vm.console().wait_for("(held) was not stopped: Device or resource busy; in use by /dev/loop6", seconds(30));
  REQUIRE(vm.wait_for_end(seconds(45)) == 0);
}
