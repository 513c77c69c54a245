// The rescue system knows its own medium by its build id and by what the firmware started, never by label, UUID or
// position: with copies of the very same image on every bus, before and behind it, with a disk that bears the same
// label and UUID; and it says so where there is none. LIFEBOAT_WHOLE_MATRIX=1 tries every bus.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "qemu-tests/disks/disks.hpp"
#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "testing/catch.hpp"
#include "testing/whole_matrix.hpp"

using namespace lifeboat::qemu;
namespace fs = std::filesystem;
namespace {

const std::string password = "vq7-Temporary-31";

fs::path raw_image() { return medium_file(generic_image(), "raw"); }

/// The image as a disk whose writes are thrown away: the same bytes may be attached many times.
AttachedDisk image_on(const std::string& bus, const std::string& serial) {
  AttachedDisk disk = disk_on(bus, raw_image());
  disk.snapshot = true;
  disk.serial = serial;
  return disk;
}

struct Own {
  bool core;
  std::string bus;
  bool first;  ///< before its copies
  Firmware firmware;
};

const std::vector<Own> cases{
    {false, "virtio", true, Firmware::bios}, {false, "virtio", false, Firmware::uefi},
    {false, "scsi", true, Firmware::uefi},   {false, "scsi", false, Firmware::bios},
    {false, "ide", true, Firmware::uefi},    {false, "ide", false, Firmware::bios},
    {false, "sata", true, Firmware::bios},   {true, "sata", false, Firmware::uefi},
    {false, "nvme", true, Firmware::bios},   {false, "nvme", false, Firmware::uefi},
    {false, "usb", true, Firmware::uefi},    {true, "usb", false, Firmware::bios},
};

std::vector<Own> wanted_cases() {
  std::vector<Own> wanted;
  for (const Own& one : cases)
    if (one.core || lifeboat::is_whole_matrix()) wanted.push_back(one);
  return wanted;
}

/// A copy on every bus that the machine has, the own one's included.
std::vector<AttachedDisk> own_and_copies(const Own& own) {
  const std::string ata = own.bus == "sata" ? "sata" : "ide";
  std::vector<AttachedDisk> disks;
  for (const std::string& bus :
       {std::string("virtio"), std::string("scsi"), ata, std::string("nvme"), std::string("usb")})
    disks.push_back(image_on(bus, "COPY-" + bus));
  AttachedDisk medium = image_on(own.bus, "OWN");
  medium.boot_index = 0;
  disks.insert(own.first ? disks.begin() : disks.end(), medium);
  return disks;
}

Ssh log_in(Vm& vm) {
  vm.wait_until_ready(seconds(240));
  vm.console().wait_for("Disks", seconds(90));
  Ssh ssh(vm.ssh_port());
  REQUIRE(ssh.login_with_password(password));
  return ssh;
}

nlohmann::json report_of(Ssh& ssh) { return nlohmann::json::parse(ssh.run_checked("cat /run/lifeboat/report.json")); }

const nlohmann::json& disk_named(const nlohmann::json& report, const std::string& name) {
  for (const nlohmann::json& disk : report.at("disks").at("disks"))
    if (disk.at("name") == name) return disk;
  throw Failure("the report has no disk " + name);
}

/// The serial number that the test gave a disk: as the report has it, and of a stick as its USB device has it.
std::string serial_of(const nlohmann::json& report, const std::string& name, Ssh& ssh) {
  const std::string serial = disk_named(report, name).at("serial");
  if (!serial.empty()) return serial;
  const std::string text =
      ssh.run_checked("d=$(readlink -f /sys/block/" + name +
                      "); until [ -e $d/bcdDevice ] || [ $d = / ]; do d=$(dirname $d); done; cat $d/serial");
  return text.substr(0, text.find('\n'));
}

/// Every byte of the medium's mark (ECMA-119 8.4.20: the application identifier) becomes a blank.
void blank_mark(const fs::path& image) {
  constexpr std::size_t offset = 16 * 2048 + 574, size = 128;
  run_checked({"sh", "-c", "printf '%*s' \"$2\" '' | dd of=\"$1\" bs=1 seek=\"$3\" conv=notrunc status=none", "sh",
               image, std::to_string(size), std::to_string(offset)});
}

}  // namespace

TEST_CASE("with a copy of the image on every bus the rescue runs from its own medium and calls every copy a copy") {
  for (const Own& own : wanted_cases()) {
    DYNAMIC_SECTION(own.bus << (own.first ? ", before" : ", behind") << " its copies, "
                            << (own.firmware == Firmware::bios ? "BIOS" : "UEFI")) {
      VmOptions options;
      options.machine = machine_with(own.bus);
      options.firmware = own.firmware;
      options.disks = own_and_copies(own);
      options.config_drive = openstack_drive("{\"admin_pass\": \"" + password + "\"}");
      Vm vm(options);
      Ssh ssh = log_in(vm);
      const nlohmann::json report = report_of(ssh);
      const nlohmann::json& medium = report.at("medium");
      INFO(medium.dump() << "\n" << vm.console().log());
      CHECK(serial_of(report, medium.at("disk"), ssh) == "OWN");
      CHECK(disk_named(report, medium.at("disk")).at("role") == "rescue medium");
      CHECK_FALSE(medium.at("evidence").is_null());
      // A copy on a slow bus may come after the choice: medium.copies has those that were there, the disks have all.
      std::set<std::string> copies;
      for (const nlohmann::json& disk : report.at("disks").at("disks"))
        if (disk.at("role_reason").get<std::string>().starts_with("a copy of the rescue medium"))
          copies.insert(serial_of(report, disk.at("name"), ssh));
      CHECK(copies.size() == 5);
      CHECK_FALSE(copies.contains("OWN"));
      for (const auto& name : medium.at("copies")) CHECK(copies.contains(serial_of(report, name, ssh)));
    }
  }
}

TEST_CASE(
    "a disk with the medium's own label, UUIDs and partitions is not the medium, and the original is still found") {
  const Folder folder("own-medium");
  const fs::path alike = folder.path() / "alike.img";
  fs::copy_file(raw_image(), alike);
  blank_mark(alike);
  AttachedDisk medium = image_on("virtio", "OWN");
  medium.boot_index = 0;
  VmOptions options;
  options.disks = {{.file = alike, .serial = "ALIKE", .snapshot = true},
                   {.file = disk("ext4-debian-11"), .serial = "ORIGINAL", .snapshot = true},
                   medium};
  options.config_drive = openstack_drive("{\"admin_pass\": \"" + password + "\"}");
  Vm vm(options);
  Ssh ssh = log_in(vm);
  const nlohmann::json report = report_of(ssh);
  INFO(report.at("disks").dump());
  CHECK(disk_named(report, report.at("medium").at("disk")).at("serial") == "OWN");
  CHECK(report.at("medium").at("copies").empty());
  CHECK(disk_named(report, report.at("disks").at("original")).at("serial") == "ORIGINAL");
}

TEST_CASE("with the build id found nowhere the console says so, and where it looked") {
  if (!lifeboat::is_whole_matrix()) return;
  const Folder folder("own-medium");
  const fs::path kernel = folder.path() / "vmlinuz", initrd = folder.path() / "initrd.img";
  run_checked({"xorriso", "-osirrox", "on", "-indev", medium_file(generic_image(), "iso"), "-extract", "/boot/vmlinuz",
               kernel, "-extract", "/boot/initrd.img", initrd});
  VmOptions options = boots(generic_image());
  options.kernel = kernel;
  options.initrd = initrd;
  options.disks = {{.file = disk("ext4-debian-11"), .snapshot = true}};
  options.config_drive = openstack_drive("{\"admin_pass\": \"" + password + "\"}");
  Vm vm(options);
  vm.console().wait_for("THE RESCUE SYSTEM CANNOT START: the rescue medium was not found", seconds(120));
  vm.console().wait_for("What to do:", seconds(10));
  const std::string said = vm.console().log();
  const auto manifest = nlohmann::json::parse(read_file(generic_image() / "manifest.json"));
  CHECK(said.find("of the build " + manifest.at("build_id").get<std::string>()) != std::string::npos);
  CHECK(said.find("looked at /dev/vda") != std::string::npos);
  CHECK(said.find("looked at /dev/sr0") != std::string::npos);
}
