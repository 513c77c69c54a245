// OpenStack Nova's rescue, both of its layouts, as its libvirt driver attaches the disks, and its direct kernel boot
// with a command line of its own: all log in and name the right original.
#include <fstream>
#include <nlohmann/json.hpp>

#include "qemu-tests/disks/disks.hpp"
#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/key_pair.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "testing/catch.hpp"
#include "testing/whole_matrix.hpp"

using namespace lifeboat::qemu;
namespace fs = std::filesystem;
namespace {

const DriveFiles drive_files = openstack_drive(R"({"admin_pass": "vq7-Temporary-31"})");
/// Nova's whole command line where the cloud has a rescue kernel (nova/virt/libvirt/driver.py).
constexpr const char* nova_arguments = "root=/dev/vda console=tty0 console=ttyS0 console=hvc0";

AttachedDisk kept(AttachedDisk disk) {
  disk.snapshot = true;
  return disk;
}

/// An image-backed disk has no serial in Nova, and neither the medium's nor the original's label tells them apart.
AttachedDisk original() { return kept(disk_on("virtio", disk("ext4-debian-11"))); }

AttachedDisk rescue_disk(const fs::path& image) {
  AttachedDisk disk = kept(disk_on("virtio", medium_file(image, "qcow2")));
  disk.format = "qcow2";
  return disk;
}

/// The image as Nova's file injection leaves it: the password, hashed as it does, in root's line of etc/shadow, the key
/// below a comment in root's authorized_keys (nova/virt/disk/api.py).
AttachedDisk injected_disk(const fs::path& folder, const std::string& password, const std::string& key) {
  const fs::path image = folder / "disk.rescue";
  fs::copy_file(medium_file(cloud_image(), "raw"), image);
  const auto table = nlohmann::json::parse(run_checked({"/sbin/sfdisk", "-J", image}));
  const auto start = table.at("partitiontable").at("partitions").at(2).at("start").get<std::uint64_t>() * 512;
  const std::string partition = image.string() + "?offset=" + std::to_string(start);
  std::string hash = run_checked({"openssl", "passwd", "-1", password});
  hash.pop_back();
  write_file(folder / "shadow", "root:" + hash + ":19000:0:99999:7:::\n");
  write_file(folder / "keys", "\n# The following ssh key was injected by Nova\n" + key + "\n");
  write_file(folder / "commands", "rm etc/shadow\ncd etc\nwrite " + (folder / "shadow").string() +
                                      " shadow\ncd /root/.ssh\nwrite " + (folder / "keys").string() +
                                      " authorized_keys\n");
  run_checked({"/sbin/debugfs", "-w", "-f", folder / "commands", partition});
  return disk_on("virtio", image);
}

/// The same, but no medium of this build any more (its ISO 9660 application identifier is blank, ECMA-119 8.4.20): a
/// server's disk that bears such a partition.
AttachedDisk another_disk(AttachedDisk disk) {
  std::fstream file(disk.file, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(16 * 2048 + 574);
  file << std::string(128, ' ');
  return disk;
}

AttachedDisk started_first(AttachedDisk disk) {
  disk.boot_index = 1;  // libvirt's <boot order='1'/>
  return disk;
}

AttachedDisk swap_disk(const fs::path& folder) {
  const fs::path file = folder / "swap.img";
  write_file(file, "");
  fs::resize_file(file, 64 << 20);
  run_checked({"/sbin/mkswap", file});
  return disk_on("virtio", file);
}

AttachedDisk ephemeral_disk(const fs::path& folder) {
  const fs::path file = folder / "ephemeral.img";
  write_file(file, "");
  fs::resize_file(file, 64 << 20);
  run_checked({"/sbin/mkfs.ext4", "-q", "-F", "-L", "ephemeral0", file});
  return disk_on("virtio", file);
}

/// Logs in, and compares the disks' names with what the report says; `medium` is a disk, or report.json's kind.
/// In stable-device mode the drive's password may be the one of the server's creation: the console says so.
void check_layout(VmOptions options, const std::string& medium, const std::string& original_name) {
  options.extra = {"-smbios", "type=1,manufacturer=OpenStack Foundation,product=OpenStack Nova"};
  Vm vm(options);
  REQUIRE(vm.wait_until_ready(seconds(180)).at("login") == "password");
  vm.console().wait_for("ORIGINAL DISK", seconds(90));
  Ssh ssh(vm.ssh_port());
  REQUIRE(ssh.login_with_password("vq7-Temporary-31"));
  const auto report = nlohmann::json::parse(ssh.run_checked("cat /run/lifeboat/report.json"));
  INFO(report.at("medium").dump() << "\n" << report.at("disks").dump());
  const nlohmann::json& found = report.at("medium");
  CHECK((found.at("kind") == "disk" ? found.at("disk") : found.at("kind")) == medium);
  CHECK(report.at("disks").at("original") == original_name);
  const bool stable_device = original_name == "vda";
  CHECK((report.at("problems").dump().find("stable-device rescue") != std::string::npos) == stable_device);
}

}  // namespace

TEST_CASE("legacy layout: the rescue disk first, the original second, the config drive as a CD") {
  VmOptions options;
  options.disks = {rescue_disk(cloud_image()), original()};
  options.config_drive = drive_files;
  check_layout(options, "vda", "vdb");
}

TEST_CASE("legacy layout with config_drive_format=vfat: the config drive is a third disk") {
  if (!lifeboat::is_whole_matrix()) return;
  const Folder folder("nova");
  VmOptions options;
  options.disks = {rescue_disk(cloud_image()), original(),
                   disk_on("virtio", make_vfat_volume(folder.path(), "config-2", drive_files))};
  check_layout(options, "vda", "vdb");
}

TEST_CASE("stable device layout: the original's disks first, the rescue disk last with boot order 1") {
  const Folder folder("nova");
  VmOptions options;
  options.disks = {original(), ephemeral_disk(folder.path()), swap_disk(folder.path()),
                   started_first(rescue_disk(cloud_image()))};
  options.config_drive = drive_files;
  check_layout(options, "vdd", "vda");
}

TEST_CASE("stable device layout: the rescue image as a USB CD on a BIOS machine") {
  if (!lifeboat::is_whole_matrix()) return;
  VmOptions options;
  options.disks = {original(), started_first(cd_on("usb", medium_file(generic_image(), "iso")))};
  options.config_drive = drive_files;
  check_layout(options, "sr1", "vda");
}

TEST_CASE("stable device layout: the rescue image as a SATA CD on a UEFI machine") {
  if (!lifeboat::is_whole_matrix()) return;
  VmOptions options;
  options.machine = "q35";
  options.firmware = Firmware::uefi;
  options.disks = {original(), started_first(cd_on("sata", medium_file(generic_image(), "iso")))};
  options.config_drive = drive_files;
  check_layout(options, "sr0", "vda");
}

TEST_CASE("direct kernel boot with Nova's own command line, the root in the initrd") {
  if (!lifeboat::is_whole_matrix()) return;
  VmOptions options = boots(cloud_image());
  options.kernel_arguments = nova_arguments;
  options.disks = {rescue_disk(cloud_image()), original()};
  options.config_drive = drive_files;
  check_layout(options, "initramfs", "vdb");
}

TEST_CASE("direct kernel boot with Nova's own command line, the root on the rescue disk") {
  if (!lifeboat::is_whole_matrix()) return;
  VmOptions options = boots(cloud_image());
  options.initrd = cloud_image() / "initrd-http.img";  // the one without the root, as on the disk itself
  options.kernel_arguments = nova_arguments;
  options.disks = {rescue_disk(cloud_image()), original()};
  options.config_drive = drive_files;
  check_layout(options, "vda", "vdb");
}

TEST_CASE("without a config drive what Nova injected into the rescue disk logs in; the original disk's like does not") {
  const Folder folder("nova"), copy("nova");
  const KeyPair key, evil;
  VmOptions options;
  options.disks = {injected_disk(folder.path(), "vq7-Temporary-31", key.line),
                   another_disk(injected_disk(copy.path(), "evil-4711", evil.line))};
  Vm vm(options);
  REQUIRE(vm.wait_until_ready(seconds(180)).at("login") == "password,keys");
  CHECK_FALSE(Ssh(vm.ssh_port()).login_with_password("evil-4711"));
  CHECK_FALSE(Ssh(vm.ssh_port()).login_with_key(evil.file));
  CHECK(Ssh(vm.ssh_port()).login_with_key(key.file));
  Ssh ssh(vm.ssh_port());
  REQUIRE(ssh.login_with_password("vq7-Temporary-31"));
  CHECK(ssh.run_checked("rescue json").find("file injection: password, 1 key") != std::string::npos);
  CHECK(ssh.run("grep -c /dev/vda3 /proc/mounts").out == "0\n");
}
