// Two disks bear the same ids, as byte-for-byte copies do: `rescue mount DISK` reads that disk and not the other,
// `rescue mount` alone guesses nothing, and neither is written. The same where the copy is the medium that the rescue
// system runs from: that is never taken for the original, nor the original for it.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "qemu-tests/disks/disks.hpp"
#include "qemu-tests/disks/other_copy.hpp"
#include "qemu-tests/rescue_guest.hpp"
#include "testing/whole_matrix.hpp"

using namespace lifeboat::qemu;
namespace fs = std::filesystem;
using nlohmann::json;
namespace {

using Texts = std::vector<std::string>;

/// A set of disks and a copy of it; of the copy the first letters of these words are capitals.
struct Row {
  std::string set;
  Texts clones;  ///< kinds that the report must have
  bool core = true;
  std::string by_hand = {};  ///< options to mount the copy's first partition with; empty: that is not tried
  std::string more = {}, more_word = {};  ///< another file of the original, on another file system; its first word
};

const std::vector<Row> rows{
    {.set = "ext4-debian-11",
     .clones = {"disk id", "partition UUID", "file system UUID"},
     .core = false,
     .by_hand = "ro,noload"},
    {.set = "xfs",
     .clones = {"disk id", "partition UUID", "file system UUID"},
     .core = false,
     .by_hand = "ro,norecovery,nouuid"},
    {.set = "btrfs-subvolumes",
     .clones = {"disk id", "partition UUID", "file system UUID"},
     .core = false,
     .by_hand = "ro,rescue=nologreplay",
     .more = "home/rescue-probe",
     .more_word = "home"},
    {.set = "lvm-on-gpt",
     .clones = {"disk id", "partition UUID", "physical volume"},
     .more = "home/rescue-probe",
     .more_word = "home"},
    {.set = "raid1", .clones = {"disk id", "RAID"}},
    {.set = "boot-and-esp",
     .clones = {"disk id", "partition UUID", "file system UUID"},
     .core = false,
     .more = "boot/efi/EFI/debian/rescue-probe",
     .more_word = "esp"},
    {.set = "partitionless", .clones = {"file system UUID"}, .core = false},
};

// --- what is plugged in

std::vector<Plugged> make_copies(const Row& row, const fs::path& folder) {
  std::vector<Plugged> all;
  for (const bool other : {false, true})
    for (const fs::path& original : disk_set(row.set)) {
      Plugged one{.id = (other ? "other-" : "first-") + original.stem().string(),
                  .file = folder / ((other ? "other-" : "first-") + original.filename().string()),
                  .other = other};
      run_checked({"cp", "--sparse=always", "--", original, one.file});
      if (other) make_other(one.file, "probe of " + row.set + "\n");
      if (other && !row.more.empty()) make_other(one.file, row.more_word + " of " + row.set + "\n");
      all.push_back(one);
    }
  return all;
}

// --- what is seen

void check_report(const Row& row, const std::vector<Plugged>& all, const json& report) {
  CHECK(report.at("confidence") == "unsure");
  for (const std::string& kind : row.clones) {
    INFO(kind);
    CHECK(std::ranges::any_of(report.at("clones"), [&](const json& one) { return one.at("kind") == kind; }));
  }
  for (const json& disk : report.at("disks"))
    if (std::ranges::any_of(all, [&](const Plugged& one) { return one.name == disk.at("name"); }))
      CHECK(disk.at("care").dump().find("as a clone has: go by device names") != std::string::npos);
}

void check_refusal(Ssh& ssh) {
  const ProgramResult refused = ssh.run("rescue mount", seconds(120));
  INFO(refused.out << refused.err);
  CHECK(refused.status != 0);
  CHECK(refused.err.find("hint: ") != std::string::npos);
  CHECK(refused.err.find("\n  rescue mount /dev/sd") != std::string::npos);
  CHECK(ssh.run("mountpoint -q /mnt").status != 0);
}

void check_mount(const Row& row, const std::string& command, bool other, Ssh& ssh) {
  const ProgramResult mounted = ssh.run(command, seconds(120));
  INFO(command << "\n" << mounted.out << mounted.err);
  CHECK(mounted.status == 0);
  const auto read = [&](const std::string& file) { return ssh.run("cat /mnt/" + file).out; };
  const auto text = [&](const std::string& word) { return (other ? capital(word) : word) + " of " + row.set + "\n"; };
  CHECK(read("etc/rescue-probe") == text("probe"));
  if (!row.more.empty()) CHECK(read(row.more) == text(row.more_word));
  const ProgramResult unmounted = ssh.run("rescue umount", seconds(120));
  INFO(unmounted.out << unmounted.err);
  CHECK(unmounted.status == 0);
}

/// A person has mounted the copy by hand: the original is mounted all the same. Of a btrfs Linux 6.1 takes one at a
/// time, and that is said.
void check_beside(const Row& row, const std::vector<Plugged>& all, Ssh& ssh) {
  const std::string first = all.front().name, other = all.back().name;
  ssh.run_checked("mkdir -p /media/copy && mount -o " + row.by_hand + " /dev/" + other + "1 /media/copy", seconds(120));
  if (row.set.starts_with("btrfs")) {
    const ProgramResult refused = ssh.run("rescue mount /dev/" + first, seconds(120));
    INFO(refused.out << refused.err);
    CHECK(refused.status != 0);
    CHECK(refused.err.find("its clone is mounted") != std::string::npos);
    CHECK(refused.err.find("hint: ") != std::string::npos);
  } else {
    check_mount(row, "rescue mount /dev/" + first, false, ssh);
  }
  ssh.run_checked("umount /media/copy");
}

/// Named one by one a mirror's members are put together; else each is read alone, and not written.
void check_mirror(const Row& row, const std::vector<Plugged>& all, Ssh& ssh) {
  const std::string first = "/dev/" + all[0].name;
  const ProgramResult refused = ssh.run("rescue mount --write " + first, seconds(120));
  INFO(refused.out << refused.err);
  CHECK(refused.status != 0);
  CHECK(refused.err.find("which are clones, belong to " + first) != std::string::npos);
  CHECK(refused.err.find("hint: name all that belong together") != std::string::npos);
  const std::string both = "rescue mount " + first + " /dev/" + all[1].name;
  CHECK(ssh.run(both + " && grep -c '\\[UU\\]' /proc/mdstat", seconds(120)).status == 0);
  ssh.run_checked("rescue umount", seconds(120));
  check_mount(row, both, false, ssh);
}

// --- the rescue medium and its clones

/// A partition of a set's disk, at 1 MiB, as it lies in the medium.
struct Part {
  std::string set;
  fs::path disk;
  std::uint64_t sectors = 0, at = 0;  ///< `at`: where it begins in the medium, in sectors
};

constexpr std::uint64_t sector = 512, grain = 2048;

std::vector<Part> parts_of_medium(std::uint64_t medium_size) {
  std::vector<Part> parts;
  std::uint64_t at = (medium_size / sector / grain + 2) * grain;
  for (const std::string set : {"ext4-debian-11", "xfs", "btrfs-subvolumes", "lvm-on-gpt", "raid1"}) {
    if (!lifeboat::is_whole_matrix() && set != std::string("lvm-on-gpt")) continue;
    Part part{.set = set, .disk = disk_set(set).front()};
    const json table = json::parse(run_checked({"/sbin/sfdisk", "--json", part.disk})).at("partitiontable");
    part.sectors = table.at("partitions").at(0).at("size");
    part.at = at;
    at += (part.sectors / grain + 1) * grain;
    parts.push_back(part);
  }
  return parts;
}

void copy_part(const Part& part, const fs::path& disk, const fs::path& medium) {
  run_checked({"dd", "if=" + disk.string(), "of=" + medium.string(), "bs=1M", "conv=notrunc,sparse", "status=none",
               "skip=1", "seek=" + std::to_string(part.at / grain)});
}

/// Our disk image, made longer, with a partition for each: a stick that somebody keeps systems on, too.
void make_table(const std::vector<Part>& parts, const fs::path& medium) {
  std::string table = run_checked({"/sbin/sfdisk", "--dump", medium});
  table.erase(table.find("last-lba:"), table.find('\n', table.find("last-lba:")) + 1 - table.find("last-lba:"));
  for (const Part& part : parts)
    table += "start=" + std::to_string(part.at) + ", size=" + std::to_string(part.sectors) +
             ", type=0FC63DAF-8483-4772-8E79-3D69D8477DE4\n";
  const fs::path text = medium.string() + ".table";
  write_file(text, table);
  fs::resize_file(medium, (parts.back().at + parts.back().sectors + 2 * grain) * sector);
  run_checked({"sh", "-c", R"(/sbin/sfdisk --quiet --wipe never --no-reread "$1" < "$2")", "sh", medium, text});
}

/// The medium with what its partitions hold, and without.
struct Medium {
  std::vector<Part> parts;
  fs::path whole, bare;
};

Medium make_medium(const fs::path& folder) {
  const fs::path image = medium_file(cloud_image(), "raw");
  Medium medium{parts_of_medium(fs::file_size(image)), folder / "medium.img", folder / "bare.img"};
  run_checked({"cp", "--sparse=always", "--", image, medium.bare});
  make_table(medium.parts, medium.bare);
  run_checked({"cp", "--sparse=always", "--", medium.bare, medium.whole});
  for (const Part& part : medium.parts) copy_part(part, part.disk, medium.whole);
  return medium;
}

/// A clone of the medium as far as this partition goes, but for what a person wrote; its other partitions are empty.
/// Of a mirror the other disk, too, which no medium is a clone of.
std::vector<Plugged> make_clone(const Part& part, const Medium& medium, const fs::path& folder) {
  std::vector<Plugged> all{{.id = "clone-" + part.set, .file = folder / ("clone-" + part.set), .other = true}};
  for (const fs::path& disk : disk_set(part.set)) {
    const fs::path other = folder / ("fellow-" + disk.stem().string());
    run_checked({"cp", "--sparse=always", "--", disk, other});
    make_other(other, "probe of " + part.set + "\n");
    if (disk != part.disk) {
      all.push_back({.id = other.filename(), .file = other, .other = true});
      continue;
    }
    run_checked({"cp", "--sparse=always", "--", medium.bare, all.front().file});
    copy_part(part, other, all.front().file);
    fs::remove(other);
  }
  return all;
}

void check_row(const Row& row, HotPlug& plug, Ssh& ssh, const fs::path& folder) {
  INFO("the set " << row.set);
  std::vector<Plugged> all = make_copies(row, folder);
  plug_all(plug, all);
  const std::string report = ssh.run_checked("rescue disks --json", seconds(120));
  INFO(report);
  check_report(row, all, json::parse(report));
  check_refusal(ssh);
  for (const Plugged& one : all) check_mount(row, "rescue mount /dev/" + one.name, one.other, ssh);
  if (!row.by_hand.empty()) check_beside(row, all, ssh);
  if (row.set == "raid1") check_mirror(row, all, ssh);
  check_exit(all, ssh);
  unplug_all(plug, all);
}

}  // namespace

TEST_CASE("of two equal copies of a system each is mounted by its disk's name, and none of its bytes is written") {
  const Folder folder("rescue-clones");
  Vm vm(rescue_machine());
  vm.wait_until_ready();
  Ssh ssh(vm.ssh_port());
  REQUIRE(ssh.login_with_password(rescue_password));
  HotPlug plug(vm, ssh);
  for (const Row& row : rows)
    if (row.core || lifeboat::is_whole_matrix()) check_row(row, plug, ssh, folder.path());
}

namespace {

const json& disk_with(const json& report, const std::string& key, const std::string& value) {
  for (const json& disk : report.at("disks"))
    if (disk.at(key) == value) return disk;
  throw Failure("the report has no disk whose " + key + " is " + value);
}

/// The medium, and from the machine's start a clone of it beside it.
VmOptions medium_machine(const Medium& medium, const Plugged& clone) {
  VmOptions options;
  AttachedDisk own = disk_on("virtio", medium.whole);
  own.boot_index = 0;
  own.serial = "OWN";
  options.disks = {own};
  options.config_drive = openstack_drive(R"({"admin_pass": ")" + rescue_password + "\"}");
  HotPlug::can_plug(options);
  options.extra.insert(options.extra.end(),
                       {"-drive", "if=none,format=raw,id=at-start,file=" + clone.file.string(), "-device",
                        "scsi-hd,bus=plugs.0,drive=at-start,id=" + clone.id + ",serial=" + clone.id});
  return options;
}

void check_clone_of_medium(const Part& part, const std::vector<Plugged>& all, Ssh& ssh) {
  const json report = json::parse(ssh.run_checked("rescue disks --json", seconds(120)));
  INFO(report.dump());
  CHECK(disk_with(report, "serial", "OWN").at("role") == "rescue medium");
  CHECK(report.at("original") == all.front().name);
  CHECK(report.at("confidence") == "certain");
  const Row row{.set = part.set, .clones = {}};
  check_mount(row, "rescue mount", true, ssh);
  for (const Plugged& one : all) check_mount(row, "rescue mount /dev/" + one.name, true, ssh);
  check_exit(all, ssh);
}

}  // namespace

TEST_CASE("an original that is a clone of the rescue medium is found, mounted and not written, nor is the medium") {
  const Folder folder("rescue-clones");
  const Medium medium = make_medium(folder.path());
  const std::string medium_sha256 = sha256_of_file(medium.whole);
  std::vector<Plugged> all = make_clone(medium.parts.front(), medium, folder.path());
  all.front().sha256 = sha256_of_file(all.front().file);
  Vm vm(medium_machine(medium, all.front()));
  vm.wait_until_ready(seconds(240));
  Ssh ssh(vm.ssh_port());
  REQUIRE(ssh.login_with_password(rescue_password));
  HotPlug plug(vm, ssh);
  for (const Part& part : medium.parts) {
    INFO("the set " << part.set);
    const bool at_start = &part == &medium.parts.front();
    if (!at_start) all = make_clone(part, medium, folder.path());
    if (!at_start) plug_all(plug, all);
    if (at_start) all.front().name = "sda";
    check_clone_of_medium(part, all, ssh);
    if (!at_start) unplug_all(plug, all);
    if (at_start) {
      CHECK(plug.writes(all.front().id) == DiskWrites{});
      vm.control().execute("device_del", {{"id", all.front().id}});
      vm.control().wait_for_event("DEVICE_DELETED", all.front().id, seconds(60));
      CHECK(sha256_of_file(all.front().file) == all.front().sha256);
    }
  }
  vm.quit();
  CHECK(sha256_of_file(medium.whole) == medium_sha256);
}
