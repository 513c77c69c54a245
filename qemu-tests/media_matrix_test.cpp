// It boots everywhere: every medium, on every bus, under every firmware, with every network card, to a login with the
// password of the config drive. LIFEBOAT_WHOLE_MATRIX=1 boots the whole table, else its core alone.
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "testing/catch.hpp"
#include "testing/whole_matrix.hpp"

using namespace lifeboat::qemu;
namespace fs = std::filesystem;
namespace {

enum class Row { core, whole };

struct Case {
  Row row;
  std::string medium;
  std::string attach;  ///< "cd", "disk"; netboot: "kernel", "tftp", "http"
  std::string bus;     ///< empty: none
  Firmware firmware;
  std::string card;
  std::string place;  ///< where the root is: the beginning of the disk's name, else report.json's kind
};

using enum Firmware;
const std::vector<Case> cases{
    {Row::core, "iso", "cd", "ide", bios, "e1000", "sr"},
    {Row::whole, "iso", "cd", "sata", uefi, "rtl8139", "sr"},
    {Row::core, "iso", "cd", "sata", secure_boot, "vmxnet3", "sr"},
    {Row::whole, "iso", "cd", "usb", bios, "virtio-net-pci", "sr"},
    {Row::whole, "iso", "cd", "scsi", uefi, "virtio-net-pci", "sr"},
    {Row::whole, "iso", "disk", "virtio", bios, "virtio-net-pci", "vd"},
    {Row::whole, "iso", "disk", "scsi", bios, "e1000", "sd"},
    {Row::whole, "iso", "disk", "ide", bios, "e1000e", "sd"},
    {Row::whole, "iso", "disk", "sata", bios, "rtl8139", "sd"},
    {Row::whole, "iso", "disk", "nvme", bios, "vmxnet3", "nvme"},
    {Row::whole, "iso", "disk", "usb", bios, "virtio-net-pci", "sd"},
    {Row::whole, "iso", "disk", "virtio", uefi, "e1000", "vd"},
    {Row::whole, "iso", "disk", "scsi", uefi, "e1000e", "sd"},
    {Row::whole, "iso", "disk", "ide", uefi, "rtl8139", "sd"},
    {Row::whole, "iso", "disk", "sata", uefi, "vmxnet3", "sd"},
    {Row::whole, "iso", "disk", "nvme", uefi, "virtio-net-pci", "nvme"},
    {Row::core, "iso", "disk", "usb", uefi, "e1000e", "sd"},
    {Row::whole, "iso", "disk", "virtio", secure_boot, "virtio-net-pci", "vd"},
    {Row::whole, "qcow2", "disk", "virtio", bios, "virtio-net-pci", "vd"},
    {Row::whole, "qcow2", "disk", "virtio", uefi, "virtio-net-pci", "vd"},
    {Row::whole, "raw", "disk", "virtio", bios, "virtio-net-pci", "vd"},
    {Row::whole, "raw", "disk", "scsi", uefi, "virtio-net-pci", "sd"},
    {Row::whole, "uki", "disk", "virtio", uefi, "virtio-net-pci", "initramfs"},
    {Row::whole, "netboot", "kernel", "", bios, "vmxnet3", "initramfs"},
    {Row::whole, "netboot", "tftp", "", bios, "e1000", "initramfs"},
    {Row::core, "netboot", "http", "", bios, "rtl8139", "http"},
};

std::string name_of(const Case& one) {
  const std::string firmware = one.firmware == bios ? "BIOS" : one.firmware == uefi ? "UEFI" : "Secure Boot";
  return one.medium + " as " + one.attach + (one.bus.empty() ? "" : " on " + one.bus) + ", " + firmware + ", " +
         one.card;
}

std::vector<Case> wanted_cases() {
  std::vector<Case> wanted;
  for (const Case& one : cases)
    if (one.row == Row::core || lifeboat::is_whole_matrix()) wanted.push_back(one);
  return wanted;
}

VmOptions netboot_machine(const std::string& how) {
  if (how == "kernel") return boots(generic_image());
  VmOptions options;
  options.network_boot = how == "tftp" ? NetworkBoot::tftp : NetworkBoot::http;
  options.network_folder = generic_image();
  return options;
}

AttachedDisk attached(const Case& one, const fs::path& folder) {
  fs::path file = medium_file(generic_image(), one.medium);
  if (one.medium == "uki") {
    make_efi_disk(file, folder / "efi.img");
    file = folder / "efi.img";
  }
  AttachedDisk disk = one.attach == "cd" ? cd_on(one.bus, file) : disk_on(one.bus, file);
  if (one.medium == "qcow2") disk.format = "qcow2";
  disk.snapshot = !disk.cd;
  disk.boot_index = 0;
  return disk;
}

VmOptions machine(const Case& one, const fs::path& folder) {
  VmOptions options = one.bus.empty() ? netboot_machine(one.attach) : VmOptions{};
  if (!one.bus.empty()) options.disks = {attached(one, folder)};
  options.machine = one.firmware == secure_boot ? "q35" : machine_with(one.bus);
  options.firmware = one.firmware;
  options.network_device = one.card;
  options.config_drive = openstack_drive(R"({"admin_pass": "vq7-Temporary-31"})");
  return options;
}

}  // namespace

TEST_CASE("every medium boots to a login, and the report says where the root is") {
  for (const Case& one : wanted_cases()) {
    DYNAMIC_SECTION(name_of(one)) {
      const auto start = std::chrono::steady_clock::now();
      const Folder folder("matrix");
      Vm vm(machine(one, folder.path()));
      REQUIRE(vm.wait_until_ready(seconds(180)).at("login") == "password");
      Ssh ssh(vm.ssh_port());
      REQUIRE(ssh.login_with_password("vq7-Temporary-31"));
      const auto medium = nlohmann::json::parse(ssh.run_checked("cat /run/lifeboat/report.json")).at("medium");
      INFO(medium.dump());
      const std::string place = medium.at("kind") == "disk" ? medium.at("disk") : medium.at("kind");
      CHECK(place.starts_with(one.place));
      CHECK(medium.at("copies").empty());
      const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
      std::cout << name_of(one) << ": " << place << ", " << std::lround(taken.count()) << " s\n" << std::flush;
    }
  }
}
