#include "init/disk/fstab.hpp"

#include "init/disk/fstab_devices.hpp"
#include "testing/catch.hpp"

namespace lifeboat::init {
namespace {

OperatingSystem parsed(std::string_view text) {
  OperatingSystem system;
  parse_fstab(text, system);
  return system;
}

TEST_CASE("fstab's entries are read with their lines, whatever lies between them") {
  const OperatingSystem system =
      parsed("# / was on sda1\n\nUUID=0a1b\t/  ext4 errors=remount-ro 0 1\r\n  /dev/sdb1 /srv\nhalf\n/dev/sdc1 #no\n");
  CHECK(system.fstab_lines == 2);
  CHECK(system.fstab_root == "UUID=0a1b");
  REQUIRE(system.fstab.size() == 2);
  CHECK(system.fstab[0] == FstabEntry{"UUID=0a1b", "/", "ext4", "errors=remount-ro", 3, "", ""});
  CHECK(system.fstab[1] == FstabEntry{"/dev/sdb1", "/srv", "auto", "defaults", 4, "", ""});
}

TEST_CASE("fstab's escapes are resolved, and what would move a cursor is written out") {
  const OperatingSystem system = parsed("LABEL=my\\040disk /mnt/a\\011b\\134c ext4 x\\400,\\0 0 0\nLABEL=\x1b[2J /x\n");
  REQUIRE(system.fstab.size() == 2);
  CHECK(system.fstab[0].spec == "LABEL=my disk");
  CHECK(system.fstab[0].point == "/mnt/a\\x09b\\c");
  CHECK(system.fstab[0].options == "x\\400,\\0");  // no character, and no three digits
  CHECK(system.fstab[1].spec == "LABEL=\\x1b[2J");
}

TEST_CASE("an fstab without end is read to its bounds") {
  std::string text(most_fstab_line + 1, '#');
  text += "\n" + std::string(most_fstab_line, 'x') + " /long ext4\n";  // too long as well
  for (int i = 0; i < 100; ++i) text += "/dev/sda" + std::to_string(i) + " /" + std::to_string(i) + "\n";
  const OperatingSystem system = parsed(text);
  CHECK(system.fstab_lines == 100);
  REQUIRE(system.fstab.size() == most_fstab_entries);
  CHECK(system.fstab.front().line == 3);
  const OperatingSystem wide = parsed(std::string(1000, 'x') + " / ext4\n");
  REQUIRE(wide.fstab.size() == 1);
  CHECK(wide.fstab[0].spec.size() < 210);
}

TEST_CASE("network, pseudo and bound file systems, images and swap files need no device") {
  for (const char* line :
       {"proc /proc proc defaults 0 0", "server:/export /srv nfs4 _netdev 0 0", "tmpfs /tmp tmpfs",
        "//nas/share /mnt cifs credentials=/root/x", "/srv/www /var/www none bind 0 0", "/swapfile none swap sw 0 0",
        "/srv/a.img /mnt ext4 loop", "tank/home /home zfs defaults 0 0", "sshfs#u@h:/ /mnt fuse.sshfs _netdev"}) {
    INFO(line);
    const OperatingSystem system = parsed(line);
    REQUIRE(system.fstab.size() == 1);
    CHECK(needs_no_device(system.fstab[0]));
  }
  for (const char* line : {"UUID=1 / ext4", "/dev/vg/root / xfs", "/dev/sda2 none swap", "LABEL=x /x auto _netdev"}) {
    INFO(line);
    CHECK_FALSE(needs_no_device(parsed(line).fstab.at(0)));
  }
}

Partition part(std::uint32_t number, const std::string& name, const std::string& type, const std::string& uuid,
               const std::string& label = "") {
  Partition partition;
  partition.number = number;
  partition.name = name;
  partition.uuid = "partuuid-" + std::to_string(number);
  partition.label = "part-" + std::to_string(number);
  partition.content.type = type;
  partition.content.usage = type == "crypto_LUKS" ? "crypto" : type == "LVM2_member" ? "raid" : "filesystem";
  partition.content.uuid = uuid;
  partition.content.label = label;
  return partition;
}

Disk disk(const std::string& name, std::vector<Partition> partitions) {
  Disk made;
  made.name = name;
  made.path = "/dev/" + name;
  made.position = "/devices/pci0000:00/0000:00:0" + std::to_string(name.back() - 'a' + 3) + ".0/virtio1/block/" + name;
  made.serial = "serial of " + name;
  made.partitions = std::move(partitions);
  return made;
}

/// The original vda, its byte-for-byte clone vdb, and the rescue medium vdc, which bears the id of an fstab's entry.
DiskReport machine() {
  DiskReport report;
  for (const char* name : {"vda", "vdb"})
    report.disks.push_back(disk(name, {part(1, std::string(name) + "1", "ext4", "aaaa-1111", "root"),
                                       part(2, std::string(name) + "2", "vfat", "ABCD-1234"),
                                       part(3, std::string(name) + "3", "LVM2_member", "pv-1")}));
  report.disks.push_back(disk("vdc", {part(1, "vdc1", "ext4", "mmmm-1111", "medium")}));
  report.disks[2].role = DiskRole::rescue_medium;
  report.original = "vda";
  VolumeGroup group;
  group.name = "vg-data";
  group.uuid = "AAAAAA-BBBB";
  group.physical_volumes.push_back({"/dev/vda3", "pv-1", "", -1});
  LogicalVolume volume;
  volume.name = "home";
  volume.uuid = "CCCC-DDDD";
  volume.content.type = "xfs";
  volume.content.usage = "filesystem";
  volume.content.uuid = "cccc-3333";
  group.volumes.push_back(volume);
  report.groups.push_back(group);
  return report;
}

FstabEntry resolved(const DiskReport& report, const std::string& line, const std::string& home = "vda") {
  OperatingSystem system = parsed(line);
  REQUIRE(system.fstab.size() == 1);
  resolve_fstab(system, report, {home});
  return system.fstab[0];
}

struct Row {
  const char* line;
  const char* device;
  const char* problem;
};

TEST_CASE("each way to name a device in fstab finds it on the system's own disk") {
  const DiskReport report = machine();
  const Row row = GENERATE(values<Row>({
      {"UUID=aaaa-1111 / ext4", "/dev/vda1", ""},
      {"UUID=\"AAAA-1111\" / ext4", "/dev/vda1", ""},
      {"LABEL=root / ext4", "/dev/vda1", ""},
      {"PARTUUID=partuuid-2 /boot/efi vfat", "/dev/vda2", ""},
      {"PARTLABEL=part-2 /boot/efi vfat", "/dev/vda2", ""},
      {"/dev/disk/by-uuid/ABCD-1234 /boot/efi vfat", "/dev/vda2", ""},
      {"/dev/disk/by-label/root / ext4", "/dev/vda1", ""},
      {"/dev/disk/by-partlabel/part-2 /boot/efi vfat", "/dev/vda2", ""},
      {"/dev/disk/by-id/virtio-serial_of_vda-part2 /boot/efi vfat", "/dev/vda2", ""},
      {"/dev/disk/by-id/dm-uuid-LVM-AAAAAABBBBCCCCDDDD /home xfs", "/dev/mapper/vg--data-home", ""},
      {"/dev/vda1 / ext4", "/dev/vda1", ""},
      {"/dev/mapper/vg--data-home /home xfs", "/dev/mapper/vg--data-home", ""},
      {"/dev/vg-data/home /home xfs", "/dev/mapper/vg--data-home", ""},
      {"UUID=cccc-3333 /home xfs", "/dev/mapper/vg--data-home", ""},
      {"/dev/disk/by-path/virtio-pci-0000:00:03.0-part2 /e vfat", "/dev/vda2",
       "/dev/disk/by-path/virtio-pci-0000:00:03.0-part2 is a place of that server: here it is probably /dev/vda2"},
      {"/dev/sda1 / ext4", "/dev/vda1", "/dev/sda1 was a name of that server's kernel; here it is probably /dev/vda1"},
      {"/dev/nvme0n1p2 /boot/efi vfat", "/dev/vda2",
       "/dev/nvme0n1p2 was a name of that server's kernel; here it is probably /dev/vda2"},
      {"/dev/sdb2 /x vfat", "/dev/vdb2", "/dev/sdb2 was a name of that server's kernel; here it is probably /dev/vdb2"},
  }));
  INFO(row.line);
  const FstabEntry entry = resolved(report, row.line);
  CHECK(entry.device == row.device);
  CHECK(entry.problem == row.problem);
}

TEST_CASE("what nothing here satisfies is told, with what comes of it") {
  const DiskReport report = machine();
  const Row row = GENERATE(values<Row>({
      {"UUID=gone /srv ext4", "", "no file system here has this UUID; the system does not start without it"},
      {"UUID=gone /srv ext4 nofail", "", "no file system here has this UUID; the system starts all the same (nofail)"},
      {"LABEL=gone /srv ext4 rw,noauto", "",
       "no file system here has this label; the system starts all the same (noauto)"},
      {"LABEL=gone /srv ext4 noautomatic", "",
       "no file system here has this label; the system does not start without it"},
      {"UUID=gone none swap sw", "", "no file system here has this UUID; the system's start waits for it"},
      {"PARTUUID=gone /srv ext4 _netdev", "", "no partition here has this UUID; it comes over the network (_netdev)"},
      {"UUID=pv-1 /srv ext4", "", "no file system here has this UUID; the system does not start without it"},
      {"LABEL=medium /srv ext4", "", "only the rescue medium has it; the system does not start without it"},
      {"/dev/vg/gone /srv ext4", "", "no logical volume here has this name; the system does not start without it"},
      {"/dev/md0 /srv ext4", "", "no RAID here has this name; the system does not start without it"},
      {"/dev/sda2 /srv ext4", "",
       "a name of that server's kernel; here it would be /dev/vda2, but that holds vfat; the system does not start "
       "without it"},
      {"/dev/sda9 /srv ext4", "",
       "a name of that server's kernel; no device here can be told to be it; the system does not start without it"},
      {"NONSENSE=1 /srv ext4", "", "this way to name a device is not known; the system does not start without it"},
  }));
  INFO(row.line);
  const FstabEntry entry = resolved(report, row.line);
  CHECK(entry.device == row.device);
  CHECK(entry.problem == row.problem);
}

TEST_CASE("of a disk and its clone each system gets its own") {
  const DiskReport report = machine();
  CHECK(resolved(report, "UUID=aaaa-1111 / ext4", "vda").device == "/dev/vda1");
  CHECK(resolved(report, "UUID=aaaa-1111 / ext4", "vdb").device == "/dev/vdb1");
  CHECK(resolved(report, "UUID=aaaa-1111 / ext4", "vdz").device == "/dev/vda1");  // the original's before others
}

TEST_CASE("two devices of one disk with one id are told") {
  DiskReport report = machine();
  report.disks[0].partitions[1].content.uuid = "aaaa-1111";
  const FstabEntry entry = resolved(report, "UUID=aaaa-1111 / ext4");
  CHECK(entry.device == "/dev/vda1");
  CHECK(entry.problem == "/dev/vda1 and /dev/vda2 both have it: which one is meant is not known");
  for (Partition& one : report.disks[0].partitions) one.content.type = "btrfs";  // one file system on two devices
  CHECK(resolved(report, "UUID=aaaa-1111 / btrfs").problem.empty());
}

TEST_CASE("what may be encrypted is told, and found once it is open") {
  DiskReport report = machine();
  report.disks[0].partitions.push_back(part(4, "vda4", "crypto_LUKS", "eeee-5555"));
  CHECK(resolved(report, "UUID=inside / ext4").problem ==
        "no file system here has this UUID; it may be inside the encrypted /dev/vda4, which is not open; the system "
        "does not start without it");
  CHECK(resolved(report, "/dev/mapper/luks-eeee-5555 / ext4").problem ==
        "it is inside the encrypted /dev/vda4, which is not open; the system does not start without it");
  OpenedDevice opened;
  opened.name = "rescue-vda4";
  opened.path = "/dev/mapper/rescue-vda4";
  opened.device = "/dev/vda4";
  opened.content.type = "ext4";
  opened.content.usage = "filesystem";
  opened.content.uuid = "inside";
  report.opened.push_back(opened);
  CHECK(resolved(report, "UUID=inside / ext4").device == "/dev/mapper/rescue-vda4");
  CHECK(resolved(report, "/dev/mapper/vda4_crypt / ext4").device == "/dev/mapper/rescue-vda4");
  CHECK(resolved(report, "/dev/mapper/vda4_crypt / xfs").device.empty());
}

TEST_CASE("a RAID is found by its name, and what its members are never is") {
  DiskReport report = machine();
  Array array;
  array.uuid = "01234567:89abcdef:01234567:89abcdef";
  array.name = "server:root";
  array.members = {{"/dev/vda3", "", "active", 0}, {"/dev/vdb3", "", "active", 1}};
  array.content.type = "ext4";
  array.content.usage = "filesystem";
  array.content.uuid = "raid-uuid";
  report.arrays.push_back(array);
  const std::string path = "/dev/disk/by-id/md-uuid-" + array.uuid;
  CHECK(resolved(report, "/dev/md/root / ext4").device == path);
  CHECK(resolved(report, "UUID=raid-uuid / ext4").device == path);
  CHECK(resolved(report, "/dev/disk/by-id/md-uuid-" + array.uuid + " / ext4").device == path);
  const FstabEntry guessed = resolved(report, "/dev/md0 / ext4");
  CHECK(guessed.device == path);
  CHECK(guessed.problem == "/dev/md0 was a name of that server's kernel; here it is probably " + path);
  report.arrays[0].path = "/dev/md127";
  report.arrays[0].state = "incomplete";
  const FstabEntry incomplete = resolved(report, "/dev/md/root / ext4");
  CHECK(incomplete.device == "/dev/md127");
  CHECK(incomplete.problem == "too many devices of its RAID are missing");
}

TEST_CASE("devices that lie on each other in a circle end") {
  DiskReport report = machine();
  report.opened.push_back({"a", "/dev/mapper/a", "/dev/mapper/b", 0, {}});
  report.opened.push_back({"b", "/dev/mapper/b", "/dev/mapper/a", 0, {}});
  CHECK(disks_below(report, "/dev/mapper/a").empty());
  CHECK(disks_below(report, "/dev/vdb3") == std::vector<std::string>{"vdb"});
}

TEST_CASE("every system of a report has its fstab resolved") {
  DiskReport report = machine();
  OperatingSystem system = parsed("UUID=aaaa-1111 / ext4\n");
  report.disks[1].partitions[0].content.system = system;
  report.groups[0].volumes[0].content.system = system;
  resolve_all_fstabs(report);
  CHECK(report.disks[1].partitions[0].content.system->fstab[0].device == "/dev/vdb1");
  CHECK(report.groups[0].volumes[0].content.system->fstab[0].device == "/dev/vda1");
}

}  // namespace
}  // namespace lifeboat::init
