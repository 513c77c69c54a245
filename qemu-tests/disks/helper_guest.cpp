#include "qemu-tests/disks/helper_guest.hpp"

#include "qemu-tests/disks/disks.hpp"
#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/ssh.hpp"

namespace lifeboat::qemu {
namespace fs = std::filesystem;
namespace {

constexpr const char* guest_password = "vq7-Temporary-31";

VmOptions helper_options(const fs::path& folder) {
  VmOptions options = boots(cloud_image());
  options.config_drive = openstack_drive(std::string(R"({"admin_pass": ")") + guest_password + "\"}");
  for (const HelperSet& set : helper_sets()) {
    const std::vector<fs::path> files = files_of(set, folder);
    for (std::size_t i = 0; i < files.size(); ++i) {
      write_file(files[i], "");
      fs::resize_file(files[i], std::uintmax_t{set.mebibytes} << 20);
      AttachedDisk disk = disk_on("scsi", files[i]);
      disk.serial = set.name + "-" + std::to_string(i);
      options.disks.push_back(disk);
    }
  }
  return options;
}

}  // namespace

const std::vector<HelperSet>& helper_sets() {
  // mkfs.xfs wants 300 MiB at least.
  static const std::vector<HelperSet> sets{
      {"xfs", 1, 320},          {"btrfs-subvolumes", 1, 192}, {"lvm-on-gpt", 1, 144},    {"lvm-thin", 1, 192},
      {"raid1", 2, 96},         {"raid1-degraded", 1, 96},    {"raid5", 3, 64},          {"luks2-lvm", 1, 192},
      {"boot-and-esp"},         {"mbr-logical", 1, 224},      {"partitionless", 1, 96},  {"gpt-broken-primary"},
      {"ext4-dirty"},           {"xfs-dirty", 1, 320},        {"half-written"},          {"windows"},
      {"two-originals", 2, 64}, {"two-groups", 2, 64},        {"lvm-cache", 1, 192},     {"lvm-raid1", 2, 64},
      {"ddf", 2, 96},           {"raid6-degraded", 2, 64},    {"raid10-degraded", 3, 64}};
  return sets;
}

std::vector<fs::path> files_of(const HelperSet& set, const fs::path& folder) {
  std::vector<fs::path> files;
  for (int i = 0; i < set.files; ++i) files.push_back(folder / (set.name + "-" + std::to_string(i) + ".img"));
  return files;
}

void make_helper_sets(const fs::path& folder, const std::string& script) {
  Vm vm(helper_options(folder));
  vm.wait_until_ready();
  Ssh ssh(vm.ssh_port());
  if (!ssh.login_with_password(guest_password)) throw Failure("the helper guest does not let us in");
  const ProgramResult made =
      ssh.run("export LUKS_PASSPHRASE=" + std::string(luks_passphrase) + "\n" + script, seconds(400));
  if (made.status != 0) throw Failure("the helper guest could not make the disks:\n" + made.out + made.err);
  vm.quit();  // as a power cut: two file systems are mounted
  vm.wait_for_end(seconds(30));
}

}  // namespace lifeboat::qemu
