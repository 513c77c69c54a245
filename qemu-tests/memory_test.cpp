// The manifest's minimum_memory of a medium is enough for a login, and with far less the console says what is short.
#include <nlohmann/json.hpp>

#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "testing/catch.hpp"
#include "testing/whole_matrix.hpp"

using namespace lifeboat::qemu;
namespace fs = std::filesystem;
namespace {

unsigned minimum_memory(const std::string& medium) {
  const auto manifest = nlohmann::json::parse(read_file(generic_image() / "manifest.json"));
  for (const nlohmann::json& one : manifest.at("media"))
    if (one.at("name") == medium) return one.at("minimum_memory").get<unsigned>();
  throw Failure("the manifest has no medium " + medium);
}

VmOptions machine(const std::string& medium, const fs::path& folder) {
  VmOptions options;
  if (medium == "netboot") options = boots(generic_image());
  if (medium == "iso") options.disks = {cd_on("ide", medium_file(generic_image(), "iso"))};
  if (medium == "raw" || medium == "qcow2") {
    options.disks = {disk_on("virtio", medium_file(generic_image(), medium))};
    options.disks.front().format = medium;
    options.disks.front().snapshot = true;
  }
  if (medium == "uki") {
    make_efi_disk(medium_file(generic_image(), "uki"), folder / "efi.img");
    options.disks = {disk_on("virtio", folder / "efi.img")};
    options.firmware = Firmware::uefi;
  }
  options.config_drive = openstack_drive(R"({"admin_pass": "vq7-Temporary-31"})");
  return options;
}

}  // namespace

TEST_CASE("with the manifest's minimum_memory a medium reaches a login") {
  const std::string medium = GENERATE("netboot", "iso", "qcow2", "uki");
  CAPTURE(medium);
  if ((medium == "qcow2" || medium == "uki") && !lifeboat::is_whole_matrix()) return;
  const Folder folder("memory");
  VmOptions options = machine(medium, folder.path());
  options.memory_mib = minimum_memory(medium);
  CAPTURE(options.memory_mib);
  Vm vm(options);
  vm.wait_until_ready(seconds(240));
  Ssh ssh(vm.ssh_port());
  REQUIRE(ssh.login_with_password("vq7-Temporary-31"));
  CHECK(ssh.run_checked("id -u") == "0\n");
}

TEST_CASE("disk media need at most 256 MiB, netboot at most 384 MiB") {
  CHECK(minimum_memory("iso") <= 256);
  CHECK(minimum_memory("qcow2") <= 256);
  CHECK(minimum_memory("netboot") <= 384);
}

TEST_CASE("with less memory than a disk medium needs the console says that memory is short") {
  const Folder folder("memory");
  VmOptions options = machine("iso", folder.path());
  options.memory_mib = 128;
  Vm vm(options);
  vm.console().wait_for("MEMORY IS SHORT: this machine has ", seconds(120));
}

TEST_CASE("with so little memory that the initrd cannot be unpacked the kernel says so and stops") {
  const Folder folder("memory");
  VmOptions options = machine("netboot", folder.path());
  options.memory_mib = 224;
  Vm vm(options);
  REQUIRE_THROWS_AS(vm.wait_until_ready(seconds(60)), Failure);
  REQUIRE(vm.console().log().find("System is deadlocked on memory") != std::string::npos);
}
