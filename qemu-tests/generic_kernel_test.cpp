// Debian's generic kernel on a q35 machine: AHCI for the disks and for the config drive's CD, an e1000e as network
// card.
#include <nlohmann/json.hpp>

#include "qemu-tests/disks/disks.hpp"
#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::qemu;
namespace fs = std::filesystem;

TEST_CASE("on q35 the generic kernel reads the config drive on the SATA CD and finds a SATA original disk") {
  const Folder folder("generic");
  const fs::path original = folder.path() / "original.img";
  fs::copy_file(disk("ext4-debian-11"), original);

  VmOptions options = boots(generic_image());
  options.machine = "q35";
  options.network_device = "e1000e";
  options.disks = {disk_on("sata", original)};
  options.config_drive = openstack_drive(R"({"admin_pass": "vq7-Temporary-31"})");
  Vm vm(options);
  REQUIRE(vm.wait_until_ready().at("login") == "password");
  vm.console().wait_for("ORIGINAL DISK", seconds(60));

  Ssh ssh(vm.ssh_port());
  REQUIRE(ssh.login_with_password("vq7-Temporary-31"));
  const auto report = nlohmann::json::parse(ssh.run_checked("cat /run/lifeboat/report.json")).at("disks");
  REQUIRE(report.at("original") == "sda");
  REQUIRE(report.at("disks").dump().find("Debian GNU/Linux 11 (bullseye)") != std::string::npos);
}
