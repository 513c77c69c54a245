// The boot menu of the hybrid image, as a person uses it over a serial line: one key starts an entry.
#include <fstream>

#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/process.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "testing/catch.hpp"
#include "testing/whole_matrix.hpp"

using namespace lifeboat::qemu;
namespace fs = std::filesystem;
namespace {

const std::string password = "vq7-Temporary-31";

VmOptions machine(const fs::path& image) {
  VmOptions options;
  options.disks = {disk_on("virtio", image)};
  options.disks.front().snapshot = true;
  options.disks.front().boot_index = 0;
  options.config_drive = openstack_drive("{\"admin_pass\": \"" + password + "\"}");
  return options;
}

fs::path iso() { return medium_file(generic_image(), "iso"); }

/// The last entry stands there: the menu is drawn and takes keys.
void press(Vm& vm, const std::string& key) {
  vm.console().wait_for("Boot the original disk instead [o]", seconds(90));
  vm.console().type(key);
}

std::string kernel_arguments(Vm& vm) {
  vm.wait_until_ready(seconds(180));
  Ssh ssh(vm.ssh_port());
  REQUIRE(ssh.login_with_password(password));
  return ssh.run_checked("cat /proc/cmdline");
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// A disk whose boot sector says "ORIGINAL" on the first serial port, and stops.
void write_bootable_disk(const fs::path& file) {
  // cld; xor ax,ax; mov ds,ax; mov si,7c40; mov dx,3f8; again: lodsb; or al,al; jz end; out dx,al; jmp again;
  // end: hlt; jmp end
  std::string sector("\xfc\x31\xc0\x8e\xd8\xbe\x40\x7c\xba\xf8\x03\xac\x08\xc0\x74\x03\xee\xeb\xf8\xf4\xeb\xfd", 22);
  sector.resize(0x40, '\0');
  sector += "ORIGINAL DISK STARTED\r\n";
  sector.resize(510, '\0');
  sector += "\x55\xaa";
  sector.resize(std::size_t{1} << 20, '\0');
  std::ofstream(file, std::ios::binary) << sector;
}

}  // namespace

TEST_CASE("the original disk is started instead, whether the rescue image is a CD or the first disk") {
  const bool cd = GENERATE(true, false);
  if (cd && !lifeboat::is_whole_matrix()) return;
  const Folder folder("menu");
  write_bootable_disk(folder.path() / "original.img");
  VmOptions options = machine(iso());
  if (cd) options.disks = {cd_on("ide", iso())};
  options.disks.front().boot_index = 0;
  options.disks.push_back(disk_on("virtio", folder.path() / "original.img"));
  Vm vm(options);
  press(vm, "o");
  vm.console().wait_for("ORIGINAL DISK STARTED", seconds(60));
}

TEST_CASE("copied to memory, the rescue system lets its medium go") {
  Vm vm(machine(iso()));
  press(vm, "m");
  vm.console().wait_for("the rescue medium may be unplugged now", seconds(120));
  CHECK(has(kernel_arguments(vm), " lifeboat.copy_to_ram"));
  Ssh ssh(vm.ssh_port());
  REQUIRE(ssh.login_with_password(password));
  CHECK(ssh.run_checked("grep -c /dev/vda /proc/mounts || true") == "0\n");
}

TEST_CASE("with basic drivers only, the rescue system still is ready and lets its owner in") {
  if (!lifeboat::is_whole_matrix()) return;
  Vm vm(machine(iso()));
  press(vm, "b");
  CHECK(has(kernel_arguments(vm), " lifeboat.basic_drivers nomodeset"));
}

TEST_CASE("arguments that `lifeboat patch` wrote reach the kernel as they are, and the image stays its build") {
  const Folder folder("menu");
  const fs::path image = folder.path() / "rescue.iso";
  fs::copy_file(iso(), image);
  run_checked({LIFEBOAT_BINARY_DIR "/bin/lifeboat", "patch", image, "--kernel-args", "some.thing=$x;y{z} last"});
  Vm vm(machine(image));
  CHECK(has(kernel_arguments(vm), " some.thing=$x;y{z} last\n"));
}
