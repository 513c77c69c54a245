#include "init/disk/sysfs.hpp"

#include "init/tests/disk/machine.hpp"
#include "testing/catch.hpp"

namespace lifeboat::init {
namespace {

using test::Machine;

std::vector<Disk> disks_of(const Machine& machine) {
  auto disks = list_disks(machine.sysfs().string(), "/dev");
  REQUIRE(disks);
  return *disks;
}

std::string names(const std::vector<Disk>& disks) {
  std::string text;
  for (const Disk& disk : disks) text += (text.empty() ? "" : " ") + disk.name + "/" + disk.bus;
  return text;
}

TEST_CASE("disks come by PCI slot, each with its bus") {
  CHECK(names(disks_of(Machine("nova-legacy"))) == "vda/virtio vdb/virtio sr0/ata");
  CHECK(names(disks_of(Machine("metal-nvme"))) == "nvme0n1/nvme sdb/usb mmcblk0/mmc sda/ata sr0/ata");
  CHECK(names(disks_of(Machine("pc-ide"))) == "sda/ata sr0/ata vda/virtio");
}

TEST_CASE("SCSI disks come by LUN as a number, not by the kernel's names") {
  CHECK(names(disks_of(Machine("nova-stable-scsi"))) == "sde/scsi sdd/scsi sdc/scsi sda/scsi sdb/scsi sr0/scsi");
}

TEST_CASE("sysfs says a disk's size, model, serial and partitions") {
  const auto disks = disks_of(Machine("metal-nvme"));
  const Disk& nvme = disks[0];
  CHECK(nvme.path == "/dev/nvme0n1");
  CHECK(nvme.position == "/devices/pci0000:00/0000:00:02.0/nvme/nvme0/nvme0n1");
  CHECK(nvme.size == 629145600);
  CHECK(nvme.model == "QEMU NVMe Ctrl");
  CHECK(nvme.serial == "S4EWNX0R");
  REQUIRE(nvme.partitions.size() == 2);
  CHECK(nvme.partitions[1].name == "nvme0n1p2");
  CHECK(nvme.partitions[1].number == 2);
  CHECK(nvme.partitions[1].start == 2097152);
  CHECK(nvme.partitions[1].size == 524288000);
  CHECK(disks[1].removable);
  CHECK(disks[3].serial == "WD-123");
  CHECK(disks[4].optical);
  CHECK(disks[4].read_only);
}

TEST_CASE("a volume's serial is read where SCSI and virtio keep it") {
  CHECK(disks_of(Machine("nova-stable-scsi"))[4].serial == "1d2a3b4c-5d6e-7f80-91a2-b3c4d5e6f708");
  CHECK(disks_of(Machine("pc-ide"))[2].serial == "1d2a3b4c-5d6e-7f80-9");  // virtio has room for 20 characters
}

TEST_CASE("devices that are no disks of the machine are left out") {
  Machine machine;
  machine.add_disk("vda", 1 << 20);
  const auto add = [&](const std::string& device, const std::string& name) {
    std::filesystem::create_directories(machine.sysfs() / device);
    std::filesystem::create_symlink("../" + device, machine.sysfs() / "block" / name);
  };
  add("devices/virtual/block/loop0", "loop0");
  add("devices/virtual/block/zram0", "zram0");
  add("devices/virtual/block/dm-0", "dm-0");
  add("devices/platform/floppy.0/block/fd0", "fd0");
  add("devices/pci0000:00/0000:00:04.0/mmc_host/mmc0/mmc0:0001/block/mmcblk0/mmcblk0boot0", "mmcblk0boot0");
  add("devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1", "nvme0n1");  // a multipath head is one
  CHECK(names(disks_of(machine)) == "vda/virtio nvme0n1/nvme");
}

TEST_CASE("positions compare PCI addresses as hexadecimal and all other numbers by value") {
  CHECK(position_before("/devices/pci0000:00/0000:00:10.0/x", "/devices/pci0000:00/0000:00:1f.2/x"));
  CHECK_FALSE(position_before("/devices/pci0000:00/0000:00:1f.2/x", "/devices/pci0000:00/0000:00:10.0/x"));
  CHECK(position_before("/devices/host2/target2:0:0", "/devices/host10/target10:0:0"));
  CHECK(position_before("/devices/a", "/devices/a/b"));
  CHECK_FALSE(position_before("/devices/a", "/devices/a"));
}

TEST_CASE("buses of other hypervisors are recognised by their paths") {
  CHECK(bus_of("/devices/vbd-51712/block/xvda") == "xen");
  CHECK(bus_of("/devices/LNXSYSTM:00/LNXSYBUS:00/ACPI0004:00/VMBUS:00/f8b3781a-1e82-4818-a1c3-63d806ec15bb/host0/"
               "target0:0:0/0:0:0:0/block/sda") == "hyperv");
  CHECK(bus_of("/devices/platform/strange/block/xyz").empty());
}

TEST_CASE("a sysfs that is not there is said") {
  const auto disks = list_disks("/nonexistent", "/dev");
  REQUIRE_FALSE(disks);
  CHECK(disks.error() == "opening /nonexistent/block: No such file or directory");
}

}  // namespace
}  // namespace lifeboat::init
