// The write path: a Debian whose fstab keeps it in emergency mode is repaired with the rescue command alone, and then
// boots by itself to a login.
#include "qemu-tests/disks/disks.hpp"
#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "testing/catch.hpp"
#include "testing/whole_matrix.hpp"

using namespace lifeboat::qemu;
namespace fs = std::filesystem;
namespace {

constexpr const char* password = "vq7-Temporary-31";
constexpr const char* new_password = "Harbour-Light-58";

/// The disk with what is written to it kept in a file of its own.
fs::path overlay_of(const fs::path& disk, const fs::path& folder) {
  fs::path overlay = folder / "original.qcow2";
  run_checked({"qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", disk, overlay});
  return overlay;
}

/// The server with its one disk, as its owner starts it.
VmOptions server(const fs::path& original) {
  VmOptions options;
  options.disks = {{.file = original, .format = "qcow2"}};
  return options;
}

/// With a second disk, which is nobody's business.
VmOptions rescue(const fs::path& original) {
  VmOptions options = boots(cloud_image());
  options.config_drive = openstack_drive(std::string(R"({"admin_pass": ")") + password + "\"}");
  options.disks = {{.file = original, .format = "qcow2"}, {.file = disk("empty"), .snapshot = true}};
  return options;
}

/// Emergency mode, and no login.
void see_it_broken(const fs::path& original) {
  Vm vm(server(original));
  vm.console().wait_for("You are in emergency mode", seconds(240));
  CHECK(vm.console().log().find("broken-server login:") == std::string::npos);
  vm.quit();
  vm.wait_for_end(seconds(30));
}

void log_in_on_console(const fs::path& original) {
  Vm vm(server(original));
  vm.console().wait_for("broken-server login:", seconds(240));
  vm.console().type("root\n");
  vm.console().wait_for("Password:", seconds(60));
  vm.console().type(std::string(new_password) + "\n");
  vm.console().wait_for("root@broken-server:", seconds(120));
  vm.console().type("systemctl is-system-running --wait; cat /etc/fstab; poweroff\n");
  vm.console().wait_for_end(seconds(120));
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A command of the rescue command's family, its exit status and what it must say.
std::string expect(Ssh& ssh, const std::string& command, int status, const std::string& said) {
  const ProgramResult end = ssh.run(command, seconds(300));
  INFO("$ " << command << "\n" << end.out << end.err);
  CHECK(end.status == status);
  CHECK(has(end.out, said));
  return end.out;
}

void repair_fstab(Ssh& ssh) {
  const std::string found = expect(ssh, "rescue check", 1, "RESCUE-RESULT command=check status=broken broken=1 ");
  CHECK(has(found, "/srv/data"));
  const std::string before = ssh.run_checked("sha256sum /mnt/etc/fstab");
  const std::string shown = expect(ssh, "rescue fix fstab --dry-run", 0, "command=fix name=fstab status=dry-run");
  CHECK(has(shown, "x-systemd.device-timeout=5s,nofail"));
  CHECK(ssh.run_checked("sha256sum /mnt/etc/fstab") == before);
  expect(ssh, "rescue fix fstab", 0, "command=fix name=fstab status=ok backup=/etc/fstab.rescue-");
  CHECK(ssh.run_checked("sha256sum < /mnt/etc/fstab.rescue-*").substr(0, 64) == before.substr(0, 64));
  ssh.run_checked("echo '# edited by hand' >> /mnt/etc/fstab");
  expect(ssh, "rescue check", 0, "RESCUE-RESULT command=check status=ok broken=0 ");
}

/// The original's own dpkg, with a package that it builds itself.
constexpr const char* install_a_package =
    "rescue chroot sh -ec '"
    "mkdir -p /tmp/p/DEBIAN /tmp/p/usr/share/lifeboat-probe; echo installed > /tmp/p/usr/share/lifeboat-probe/text; "
    "printf \"Package: lifeboat-probe\\nVersion: 1\\nArchitecture: all\\nMaintainer: nobody <nobody@example.org>\\n"
    "Description: probe\\n\" > /tmp/p/DEBIAN/control; "
    "dpkg-deb --build /tmp/p /tmp/p.deb; dpkg --install /tmp/p.deb; rm -r /tmp/p /tmp/p.deb; "
    "dpkg --audit; apt-get check; dpkg-query --show lifeboat-probe'";

void repair_the_rest(Ssh& ssh) {
  expect(ssh, std::string("echo ") + new_password + " | rescue fix password --stdin", 0, "name=password status=ok");
  expect(ssh, install_a_package, 0, "lifeboat-probe\t1\n");
  ssh.run_checked("rm /mnt/boot/initrd.img-* && dd if=/dev/zero of=/dev/vda bs=440 count=1 conv=notrunc,fsync");
  expect(ssh, "rescue check", 1, "status=broken");
  expect(ssh, "rescue fix initramfs", 0, "name=initramfs status=ok");
  const ProgramResult refused = ssh.run("rescue fix boot-loader --disk /dev/vdb");
  CHECK(refused.status == 1);
  CHECK(has(refused.err, "/dev/vdb is write-protected\nhint: rescue write /dev/vdb"));
  expect(ssh, "rescue fix boot-loader", 0, "name=boot-loader status=ok");
  expect(ssh, "rescue check", 0, "status=ok broken=0 ");
}

void repair(const fs::path& original) {
  Vm vm(rescue(original));
  vm.wait_until_ready();
  Ssh ssh(vm.ssh_port());
  REQUIRE(ssh.login_with_password(password));
  expect(ssh, "rescue mount --write", 0, "RESCUE-RESULT command=mount status=ok");
  repair_fstab(ssh);
  repair_the_rest(ssh);
  const std::string left = expect(ssh, "rescue exit", 0, "RESCUE-RESULT command=exit status=changed-as-asked");
  CHECK(has(left, "vda  changed, as you asked for:"));
  CHECK(has(left, "since it was found"));
  CHECK(has(left, "vda2: its beginning"));
  CHECK(has(left, "vdb  as found\n"));
  CHECK(!has(left, "ALTHOUGH"));
  vm.press_power_button();
  vm.wait_for_end(seconds(60));
}

}  // namespace

// The person's way, in three starts of one disk.
TEST_CASE("a Debian in emergency mode is repaired by rescue and boots to a login by itself") {
  if (!lifeboat::is_whole_matrix()) return;  // making the disk and its repairs take some five minutes
  const Folder folder("rescue-repair");
  const fs::path original = overlay_of(disk("debian-12-broken"), folder.path());
  see_it_broken(original);
  repair(original);
  log_in_on_console(original);
}
