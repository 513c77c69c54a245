// Every kind of disk is told apart, opened, read and handed back, and not one byte of it is written. One guest sees
// them all, one after the other: they are plugged in and pulled out while it runs.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "qemu-tests/disks/disks.hpp"
#include "qemu-tests/rescue_guest.hpp"
#include "testing/whole_matrix.hpp"

using namespace lifeboat::qemu;
namespace fs = std::filesystem;
using nlohmann::json;
namespace {

constexpr const char* debian = "Debian GNU/Linux 11 (bullseye)";
using Texts = std::vector<std::string>;

/// What a set of disks must look like, and what can be read of it. "DISK" stands for the first disk's path.
struct Row {
  std::string set;
  std::string table;                       ///< of its first disk
  Texts types;                             ///< of that one's partitions, or of the whole disk
  std::string system = debian;             ///< of the root; empty: none is seen
  std::string root = "partition";          ///< RootPlace::kind; empty: there is none, or it is hidden
  std::string care = {};                   ///< a word of what needs care; empty: nothing does
  std::string mount = "rescue mount";      ///< how it is opened
  std::string probe = "etc/rescue-probe";  ///< below /mnt
  std::string text = {};                   ///< what it holds; empty: "probe of SET"
  std::string more = {}, more_text = {};   ///< another file, on another file system of the original
  std::string refusal = {};                ///< `mount` cannot be done, and its message has this
  bool core = true;                        ///< else it is in the whole matrix alone
};

const std::vector<Row> rows{
    {.set = "ext4-debian-11", .table = "gpt", .types = {"ext4"}},
    {.set = "xfs", .table = "gpt", .types = {"xfs"}},
    {.set = "btrfs-subvolumes",
     .table = "gpt",
     .types = {"btrfs"},
     .more = "home/rescue-probe",
     .more_text = "home of btrfs-subvolumes"},
    {.set = "lvm-on-gpt",
     .table = "gpt",
     .types = {"LVM2_member"},
     .root = "volume",
     .more = "home/rescue-probe",
     .more_text = "home of lvm-on-gpt"},
    {.set = "raid1", .table = "gpt", .types = {"linux_raid_member"}, .root = "array"},
    {.set = "raid1-degraded",
     .table = "gpt",
     .types = {"linux_raid_member"},
     .root = "array",
     .care = "it is degraded"},
    {.set = "luks2-lvm",
     .table = "gpt",
     .types = {"ext4", "crypto_LUKS"},
     .system = "",
     .root = "",
     .mount = std::string("printf %s ") + luks_passphrase + " | rescue mount --key-file -",
     .more = "boot/rescue-probe",
     .more_text = "boot of luks2-lvm"},
    {.set = "boot-and-esp",
     .table = "gpt",
     .types = {"vfat", "ext4", "ext4"},
     .more = "boot/efi/EFI/debian/rescue-probe",
     .more_text = "esp of boot-and-esp"},
    {.set = "mbr-logical",
     .table = "dos",
     .types = {"ext4", "", "ext4", "swap"},
     .more = "boot/rescue-probe",
     .more_text = "boot of mbr-logical",
     .core = false},
    {.set = "partitionless", .table = "", .types = {"ext4"}, .root = "disk", .core = false},
    {.set = "ext4-dirty", .table = "gpt", .types = {"ext4"}, .care = "journal"},
    {.set = "xfs-dirty", .table = "gpt", .types = {"xfs"}, .care = "log"},
    {.set = "half-written", .table = "gpt", .types = {"ext4"}, .care = "its backup GPT is missing", .core = false},
    // Linux makes no devices for its partitions: the report looks into them all the same, and the command makes them.
    {.set = "gpt-broken-primary", .table = "gpt", .types = {"ext4"}, .care = "the GPT at its start is damaged"},
    {.set = "windows",
     .table = "gpt",
     .types = {"vfat", "", "ntfs"},
     .system = "Windows",
     .care = "no boot store (BCD) of Windows was seen",
     .probe = "Users/Public/rescue-probe.txt"},
    {.set = "two-originals", .table = "gpt", .types = {"ext4"}, .mount = "rescue mount DISK1", .core = false},
    {.set = "empty",
     .table = "",
     .types = {""},
     .system = "",
     .root = "",
     .care = "it holds nothing",
     .refusal = "hint: "},
    {.set = "raid5",
     .table = "gpt",
     .types = {"linux_raid_member"},
     .system = "",
     .root = "",
     .care = "not looked inside"},
    {.set = "raid6-degraded",
     .table = "gpt",
     .types = {"linux_raid_member"},
     .system = "",
     .root = "",
     .care = "it is degraded",
     .core = false},
    {.set = "raid10-degraded",
     .table = "gpt",
     .types = {"linux_raid_member"},
     .root = "array",
     .care = "it is degraded",
     .core = false},
    {.set = "lvm-thin", .table = "gpt", .types = {"LVM2_member"}, .system = "", .root = ""},
    // A part of its data may be in the cache alone, and dm-cache does not open one without writing to it.
    {.set = "lvm-cache",
     .table = "gpt",
     .types = {"LVM2_member"},
     .system = "",
     .root = "",
     .care = "it has a cache",
     .refusal = "rescue mount --write"},
    {.set = "lvm-raid1", .table = "gpt", .types = {"LVM2_member"}, .system = "", .root = "", .core = false},
    {.set = "two-groups",
     .table = "gpt",
     .types = {"LVM2_member"},
     .root = "volume",
     .care = "another group has this name, too",
     .mount = "rescue mount DISK",
     .text = "probe of disk 0 of two-groups",
     .core = false},
    {.set = "ddf",
     .table = "",
     .types = {"ddf_raid_member"},
     .system = "",
     .root = "",
     .care = "a firmware RAID",
     .refusal = "hint: "},
};

std::vector<Plugged> plug_set(HotPlug& plug, const Row& row, const fs::path& folder) {
  std::vector<Plugged> set;
  for (const fs::path& original : disk_set(row.set)) {
    set.push_back({.id = row.set + "-" + std::to_string(set.size()), .file = folder / original.filename()});
    run_checked({"cp", "--sparse=always", "--", original, set.back().file});
  }
  plug_all(plug, set);
  return set;
}

const json& named(const json& list, const std::string& name) {
  for (const json& one : list)
    if (one.at("name") == name) return one;
  throw Failure("the report has no " + name);
}

Texts types_of(const json& disk) {
  if (disk.at("partitions").empty()) return {disk.at("content").at("type").get<std::string>()};
  Texts types;
  for (const json& partition : disk.at("partitions")) types.push_back(partition.at("content").at("type"));
  return types;
}

/// Every clause below any "care".
void collect_care(const json& in, std::string& care) {
  if (in.is_object() && in.contains("care"))
    for (const json& clause : in.at("care")) care += clause.get<std::string>() + "\n";
  if (in.is_structured())
    for (const json& below : in) collect_care(below, care);
}

bool has_system(const json& in, const std::string& name) {
  if (in.is_object() && in.contains("system") && in.at("system").is_object())
    return in.at("system").at("name").get<std::string>().starts_with(name);
  return in.is_structured() && std::ranges::any_of(in, [&](const json& below) { return has_system(below, name); });
}

void check_report(const Row& row, const std::vector<Plugged>& set, const json& report) {
  const json& disk = named(report.at("disks"), set.front().name);
  CHECK(disk.at("table") == row.table);
  CHECK(types_of(disk) == row.types);
  std::string care;
  collect_care(report, care);
  if (row.care.empty())
    CHECK(care == "");
  else
    CHECK(care.find(row.care) != std::string::npos);
  CHECK(has_system(report, row.system.empty() ? "Debian" : row.system) == !row.system.empty());
  const json& root = report.at("root");
  CHECK((root.is_null() ? "" : root.at("kind").get<std::string>()) == row.root);
}

std::string with_disk(std::string command, const std::vector<Plugged>& set) {
  if (const std::size_t at = command.find("DISK"); at != std::string::npos)
    command.replace(at, 4, "/dev/" + set.front().name);
  return command;
}

void check_mount(const Row& row, const std::vector<Plugged>& set, Ssh& ssh) {
  const ProgramResult mounted = ssh.run(with_disk(row.mount, set), seconds(120));
  INFO(mounted.out << mounted.err);
  if (!row.refusal.empty()) {
    CHECK(mounted.status != 0);
    CHECK(mounted.err.find(row.refusal) != std::string::npos);
    return;
  }
  CHECK(mounted.status == 0);
  CHECK(mounted.out.find("RESCUE-RESULT command=mount status=ok") != std::string::npos);
  CHECK(ssh.run("cat /mnt/" + row.probe).out == (row.text.empty() ? "probe of " + row.set : row.text) + "\n");
  if (!row.more.empty()) CHECK(ssh.run("cat /mnt/" + row.more).out == row.more_text + "\n");
  CHECK(ssh.run("touch /mnt/" + row.probe).status != 0);
  const ProgramResult unmounted = ssh.run("rescue umount", seconds(120));
  INFO(unmounted.out << unmounted.err);
  CHECK(unmounted.status == 0);
}

void check_row(const Row& row, HotPlug& plug, Ssh& ssh, const fs::path& folder) {
  INFO("the set " << row.set);
  const std::vector<Plugged> set = plug_set(plug, row, folder);
  const std::string report = ssh.run_checked("rescue disks --json", seconds(120));
  INFO(report);
  check_report(row, set, json::parse(report));
  check_mount(row, set, ssh);
  check_exit(set, ssh);
  unplug_all(plug, set);
}

}  // namespace

TEST_CASE("every kind of disk is reported, mounted, read, handed back, and none of its bytes is written") {
  const Folder folder("rescue-disks");
  Vm vm(rescue_machine());
  vm.wait_until_ready();
  Ssh ssh(vm.ssh_port());
  REQUIRE(ssh.login_with_password(rescue_password));
  HotPlug plug(vm, ssh);
  for (const Row& row : rows)
    if (row.core || lifeboat::is_whole_matrix()) check_row(row, plug, ssh, folder.path());
}

TEST_CASE(
    "LUKS asks on the terminal, again where it was wrong, and Ctrl-C at the question leaves nothing open and the "
    "terminal as it was") {
  const Folder folder("rescue-disks");
  Vm vm(rescue_machine());
  vm.wait_until_ready();
  Ssh ssh(vm.ssh_port());
  REQUIRE(ssh.login_with_password(rescue_password));
  HotPlug plug(vm, ssh);
  const auto row = std::ranges::find(rows, "luks2-lvm", &Row::set);
  const std::vector<Plugged> set = plug_set(plug, *row, folder.path());
  const std::string question = "Passphrase for /dev/" + set.front().name + "2: ";
  SshTerminal terminal = ssh.open_terminal();
  terminal.type("rescue mount\n");
  terminal.wait_for(question, seconds(60));
  terminal.type("\x03");
  terminal.wait_for("no passphrase was given\r\n", seconds(60));
  CHECK(ssh.run("ls /dev/mapper/rescue-* /run/lifeboat/session.json").out == "");
  terminal.type("stty -a | grep -qw -e -echo && echo silent-$((40 + 2)) || echo echoes-$((40 + 2))\n");
  terminal.wait_for("echoes-42", seconds(20));

  SshTerminal second = ssh.open_terminal();
  second.type("rescue mount\n");
  second.wait_for(question, seconds(60));
  second.type("not this one\n");
  second.wait_for("that is not the passphrase; once more\r\n" + question, seconds(60));
  second.type(std::string(luks_passphrase) + "\n");
  const std::string shown = second.wait_for("RESCUE-RESULT command=mount status=ok", seconds(120));
  CHECK(shown.find("not this one") == std::string::npos);
  CHECK(shown.find(luks_passphrase) == std::string::npos);
  CHECK(ssh.run_checked("cat /mnt/etc/rescue-probe") == "probe of luks2-lvm\n");
  check_exit(set, ssh);
  unplug_all(plug, set);
}

TEST_CASE("rescue fsck writes nothing before it is told to, and write-protects the disk again") {
  const Folder folder("rescue-disks");
  Vm vm(rescue_machine());
  vm.wait_until_ready();
  Ssh ssh(vm.ssh_port());
  REQUIRE(ssh.login_with_password(rescue_password));
  HotPlug plug(vm, ssh);
  const auto row = std::ranges::find(rows, "ext4-dirty", &Row::set);
  const std::vector<Plugged> set = plug_set(plug, *row, folder.path());
  const std::string& name = set.front().name;
  const auto is_protected = [&](const std::string& device) {
    return ssh.run_checked("cat /sys/class/block/" + device + "/ro") == "1\n";
  };
  const ProgramResult dry = ssh.run("rescue fsck " + name + "1", seconds(120));
  INFO(dry.out << dry.err);
  CHECK(dry.status == 1);
  CHECK(dry.out.find("Nothing was written; --yes repairs it") != std::string::npos);
  CHECK(plug.writes(set.front().id) == DiskWrites{});
  const ProgramResult repaired = ssh.run("rescue fsck --yes " + name + "1", seconds(120));
  INFO(repaired.out << repaired.err);
  CHECK(repaired.status == 0);
  CHECK(repaired.out.find("RESCUE-RESULT command=fsck status=repaired") != std::string::npos);
  CHECK(plug.writes(set.front().id).bytes > 0);
  CHECK(is_protected(name));
  CHECK(is_protected(name + "1"));
  CHECK(ssh.run_checked("rescue fsck " + name + "1", seconds(120)).find("status=clean") != std::string::npos);
  // The kernel's note that it found errors is one; who set the device read-only by hand finds it so again.
  const std::string note_errors = "rescue write " + name + "1 && debugfs -w -R 'set_super_value state 2' /dev/" + name +
                                  "1 && blockdev --flushbufs";
  ssh.run_checked(note_errors + " --setro /dev/" + name + "1");
  const std::string noted = ssh.run("rescue fsck " + name + "1", seconds(120)).out;
  INFO(noted);
  CHECK(noted.find("errors: the kernel has found errors in it") != std::string::npos);
  CHECK(ssh.run_checked("rescue fsck --yes " + name + "1", seconds(120)).find("status=repaired") != std::string::npos);
  CHECK(is_protected(name + "1"));
  // What was asked for by itself does not end with a command that lifts the same protection for its own time.
  ssh.run_checked("rescue exit", seconds(120));
  ssh.run_checked(note_errors + " /dev/" + name + "1");
  CHECK(ssh.run_checked("rescue fsck --yes " + name + "1", seconds(120)).find("status=repaired") != std::string::npos);
  CHECK_FALSE(is_protected(name + "1"));
  CHECK(ssh.run_checked("rescue", seconds(60)).find("Writable    " + name + "1\n") != std::string::npos);
  ssh.run_checked("rescue mount && cat /mnt/etc/rescue-later && rescue umount", seconds(120));
  const ProgramResult left = ssh.run("rescue exit", seconds(120));
  INFO(left.out << left.err);
  CHECK(left.status == 0);
  CHECK(left.out.ends_with("status=changed-as-asked\n"));
  // The connection may end before the command does.
  try {
    static_cast<void>(ssh.run("rescue exit --poweroff", seconds(60)));
  } catch (const Failure&) {
  }
  CHECK(vm.wait_for_end(seconds(45)) == 0);
}

TEST_CASE("the counter of writes moves when a disk is written on purpose, and rescue exit says so") {
  const Folder folder("rescue-disks");
  Vm vm(rescue_machine());
  vm.wait_until_ready();
  Ssh ssh(vm.ssh_port());
  REQUIRE(ssh.login_with_password(rescue_password));
  HotPlug plug(vm, ssh);
  const std::vector<Plugged> set = plug_set(plug, rows.front(), folder.path());
  REQUIRE(plug.writes(set.front().id) == DiskWrites{});
  ssh.run_checked("rescue disks --json", seconds(120));
  ssh.run_checked("rescue mount --write", seconds(120));
  ssh.run_checked("echo more >> /mnt/etc/rescue-probe");
  const ProgramResult left = ssh.run("rescue exit", seconds(120));
  INFO(left.out << left.err);
  CHECK(left.status == 0);
  CHECK(left.out.find("\n  " + set.front().name + "  changed, as you asked for:\n") != std::string::npos);
  CHECK(plug.writes(set.front().id).bytes > 0);
  // Who asked to write to this disk has not asked for the one that comes after it under its name.
  const std::string& name = set.front().name;
  ssh.run_checked("rescue write " + name);
  plug.unplug(set.front().id);
  CHECK(sha256_of_file(set.front().file) != set.front().sha256);
  const std::vector<Plugged> next = plug_set(plug, rows.front(), folder.path());
  REQUIRE(next.front().name == name);
  ssh.run_checked("timeout 20 sh -c 'until grep -q 1 /sys/class/block/" + name + "/ro; do sleep 0.1; done'");
  CHECK(ssh.run("printf x > /dev/" + name).status != 0);
}
