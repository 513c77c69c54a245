// The original disk is found, named and explained, and not one byte of it changes.
#include <nlohmann/json.hpp>

#include "qemu-tests/disks/disks.hpp"
#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::qemu;
namespace fs = std::filesystem;
namespace {

nlohmann::json disk_named(const std::string& name, const nlohmann::json& disks) {
  for (const nlohmann::json& disk : disks)
    if (disk.at("name") == name) return disk;
  return {};
}

}  // namespace

TEST_CASE("an ext4 original disk is named on the console and in report.json, and its bytes stay the same") {
  const Folder folder("original");
  const fs::path original = folder.path() / "original.img";
  fs::copy_file(disk("ext4-debian-11"), original);
  const std::string before = sha256_of_file(original);

  VmOptions options = boots(cloud_image());
  options.disks = {{.file = original}};  // the guest may write: only its own restraint is tested
  options.config_drive = openstack_drive(R"({"admin_pass": "vq7-Temporary-31"})");
  Vm vm(options);
  vm.wait_until_ready();
  vm.console().wait_for("ORIGINAL DISK", seconds(60));  // the way to the first login comes first, then the disks
  vm.console().wait_for("Debian GNU/Linux 11", seconds(10));
  const std::string next = vm.console().wait_for_line("next: ", seconds(10));

  Ssh ssh(vm.ssh_port());
  REQUIRE(ssh.login_with_password("vq7-Temporary-31"));
  const auto report = nlohmann::json::parse(ssh.run_checked("cat /run/lifeboat/report.json")).at("disks");
  REQUIRE(report.at("original") == "vda");
  const nlohmann::json found = disk_named("vda", report.at("disks"));
  REQUIRE(found.at("role") == "original");
  REQUIRE(found.at("table") == "gpt");
  const nlohmann::json& content = found.at("partitions").at(0).at("content");
  REQUIRE(content.at("type") == "ext4");
  REQUIRE(content.at("label") == "debian-root");
  REQUIRE(content.at("system").at("name") == "Debian GNU/Linux 11 (bullseye)");
  REQUIRE(content.at("system").at("fstab_root") == "UUID=11111111-aaaa-4bbb-8ccc-111111111111");

  // What the console tells the person to type next.
  const std::string command = content.at("next_command");
  REQUIRE(next.ends_with("next: " + command));
  ssh.run_checked(command);
  REQUIRE(ssh.run_checked("cat /mnt/etc/hostname") == "broken-server\n");
  REQUIRE(ssh.run("touch /mnt/etc/hostname").status != 0);

  vm.press_power_button();
  vm.wait_for_end(seconds(60));
  REQUIRE(sha256_of_file(original) == before);
}
