#include "init/rescue/fix.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <array>

#include "init/access/password.hpp"
#include "init/contract/text.hpp"
#include "init/rescue/fix_command.hpp"
#include "init/sys/inside.hpp"
#include "init/tests/rescue/made_root.hpp"
#include "testing/catch.hpp"

namespace fs = std::filesystem;
namespace lifeboat::init {
namespace {

using test::MadeRoot;

Partition partition(const char* name, const char* type, const char* uuid, const char* type_name = "") {
  Partition made;
  made.name = name;
  made.type_name = type_name;
  made.content.type = type;
  made.content.usage = "filesystem";
  made.content.uuid = uuid;
  return made;
}

/// vda: ESP, root, one more ext4, one XFS, swap. vdb is another disk with an ext4 and two XFS.
DiskReport made_disks() {
  DiskReport report;
  report.disks.resize(2);
  report.disks[0].name = "vda";
  report.disks[0].path = "/dev/vda";
  report.disks[0].partitions = {partition("vda1", "vfat", "AAAA-BBBB", "EFI system"),
                                partition("vda2", "ext4", "root-uuid"), partition("vda3", "ext4", "data-uuid"),
                                partition("vda4", "xfs", "xfs-uuid"), partition("vda5", "swap", "swap-uuid")};
  report.disks[1].name = "vdb";
  report.disks[1].path = "/dev/vdb";
  report.disks[1].partitions = {partition("vdb1", "ext4", "other-uuid"), partition("vdb2", "xfs", "b"),
                                partition("vdb3", "xfs", "c")};
  report.original = "vda";
  return report;
}

std::string repaired(std::string_view text) { return repair_fstab(text, made_disks(), "/dev/vda2").text; }

TEST_CASE("an fstab entry without a device gets the UUID of the only one that it can mean, with its role") {
  CHECK(repaired("UUID=dead\t/ ext4 defaults 0 1\n") == "UUID=root-uuid\t/ ext4 defaults 0 1\n");
  CHECK(repaired("UUID=dead  /boot/efi  vfat  umask=0077  0  1\n") ==
        "UUID=AAAA-BBBB  /boot/efi  vfat  umask=0077  0  1\n");
  CHECK(repaired("LABEL=none none swap sw 0 0\n") == "UUID=swap-uuid none swap sw 0 0\n");
  CHECK(repaired("UUID=dead /data ext4 defaults 0 2\n") == "UUID=data-uuid /data ext4 defaults 0 2\n");
  CHECK(repaired("UUID=dead /data vfat defaults 0 2\n") == "UUID=dead /data vfat defaults,nofail 0 2\n");
}

TEST_CASE("what several devices can mean, or none, or what another entry has, gets nofail") {
  CHECK(repaired("UUID=data-uuid /srv ext4 defaults 0 2\nUUID=dead /data ext4 rw,noatime 0 2\n") ==
        "UUID=data-uuid /srv ext4 defaults 0 2\nUUID=dead /data ext4 rw,noatime,nofail 0 2\n");
  CHECK(repaired("UUID=dead /data btrfs\n") == "UUID=dead /data btrfs defaults,nofail\n");
  CHECK(repaired("UUID=dead /data\n") == "UUID=dead /data auto defaults,nofail\n");
  CHECK(repaired("UUID=dead /data auto defaults 0 0\n") == "UUID=dead /data auto defaults,nofail 0 0\n");
}

TEST_CASE("what is in order stays to the byte, comments, blanks and a missing last newline too") {
  const std::string text =
      "# comment\n\n  UUID=root-uuid   / ext4 \t errors=remount-ro 0 1 # x\nproc /proc proc defaults 0 0\n"
      "UUID=dead /data ext4 nofail,x-y 0 2x";
  CHECK(repaired(text) == std::string("# comment\n\n  UUID=root-uuid   / ext4 \t errors=remount-ro 0 1 # x\n"
                                      "proc /proc proc defaults 0 0\nUUID=data-uuid /data ext4 nofail,x-y 0 2x"));
  CHECK(repaired("UUID=dead /data btrfs nofail 0 2") == "UUID=dead /data btrfs nofail 0 2");
  CHECK(repaired("garbage\n\nnfs:/x /x nfs defaults 0 0\n") == "garbage\n\nnfs:/x /x nfs defaults 0 0\n");
  CHECK(repaired("").empty());
}

TEST_CASE("no line is ever dropped, and a second run finds nothing to do") {
  std::string text;
  for (int i = 0; i < 200; ++i)
    text += "UUID=dead" + std::to_string(i) + " /d" + std::to_string(i) + " ext4 defaults 0 2\n";
  const std::string once = repaired(text);
  CHECK(std::count(once.begin(), once.end(), '\n') == 200);
  CHECK(repaired(once) == once);
}

TEST_CASE("a diff is unified: three lines around, changes near each other in one hunk") {
  CHECK(unified_diff("/x", "a\nb\n", "a\nb\n").empty());
  CHECK(unified_diff("/x", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nV\n6\n7\n8\n9\n") ==
        "--- /x\n+++ /x\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+V\n 6\n 7\n 8\n");
  CHECK(unified_diff("/x", "1\n2\n3\n", "I\n2\nIII\n") == "--- /x\n+++ /x\n@@ -1,3 +1,3 @@\n-1\n+I\n 2\n-3\n+III\n");
}

TEST_CASE("a file is replaced with the owner, mode and label that it had, and its copy has them too") {
  const MadeRoot made;
  made.add("etc/shadow", "old", 0640);
  const std::string path = (made.root / "etc/shadow").string();
  const bool labelled =
      ::geteuid() == 0 && ::setxattr(path.c_str(), "security.selinux", "system_u:object_r:shadow_t:s0", 30, 0) == 0;
  if (::geteuid() == 0) REQUIRE(::chown(path.c_str(), 0, 42) == 0);
  const Original original = made.open();
  REQUIRE(replace_below(original.root, "etc/shadow", "new", ".rescue-x"));
  CHECK(made.read("etc/shadow") == "new");
  CHECK(made.read("etc/shadow.rescue-x") == "old");
  CHECK(made.names("etc") == "shadow shadow.rescue-x");
  for (const std::string& name : {path, path + ".rescue-x"}) {
    struct stat status {};
    REQUIRE(::stat(name.c_str(), &status) == 0);
    CHECK((status.st_mode & 07777U) == 0640);
    if (::geteuid() == 0) CHECK(status.st_gid == 42);
    std::array<char, 64> label{};
    if (labelled) CHECK(::getxattr(name.c_str(), "security.selinux", label.data(), label.size()) == 30);
  }
}

TEST_CASE("links of the original are followed inside it alone, and stay") {
  const MadeRoot made;
  lifeboat::replace_file(made.outside / "shadow", "of the rescue system");
  made.link("etc/shadow", (made.outside / "shadow").string());
  made.link("etc/fstab", "/../../real/fstab");
  made.add("real/fstab", "old");
  const Original original = made.open();
  CHECK_FALSE(replace_below(original.root, "etc/shadow", "new", ".rescue-x"));
  CHECK(lifeboat::read_file(made.outside / "shadow") == "of the rescue system");
  REQUIRE(replace_below(original.root, "etc/fstab", "new", ".rescue-x"));
  CHECK(made.read("real/fstab") == "new");
  CHECK(made.names("real") == "fstab fstab.rescue-x");
  CHECK(fs::is_symlink(made.root / "etc/fstab"));
  REQUIRE(::mkfifo((made.root / "etc/pipe").c_str(), 0600) == 0);
  CHECK(replace_below(original.root, "etc/pipe", "new").error() == "reading etc/pipe: not a regular file");
}

TEST_CASE("a password's scheme is what the original's PAM says, else login.defs, else SHA-512") {
  CHECK(choose_scheme("password [success=1] pam_unix.so obscure yescrypt\n", "ENCRYPT_METHOD SHA512\n") == "$y$");
  CHECK(choose_scheme("password sufficient pam_unix.so sha512 shadow\nauth required pam_unix.so yescrypt\n", "") ==
        "$6$");
  CHECK(choose_scheme("# password pam_unix.so yescrypt\n", "# x\nENCRYPT_METHOD YESCRYPT\n") == "$y$");
  CHECK(choose_scheme("password required pam_unix.so md5\n", "ENCRYPT_METHOD MD5\n") == "$6$");
  CHECK(choose_scheme("", "") == "$6$");
}

TEST_CASE("a new password lifts lock and expiry, and says so; every other line stays") {
  std::vector<std::string> notes;
  const auto changed = [&](std::string_view shadow) {
    notes.clear();
    return with_new_password(shadow, "root", "$6$x$y", 20500, notes).value_or("failed");
  };
  CHECK(changed("a:b:c\nroot:$y$old:19000:0:99999:7:::\nz:*:1::::::\n") ==
        "a:b:c\nroot:$6$x$y:20500:0:99999:7:::\nz:*:1::::::\n");
  CHECK(notes.empty());
  CHECK(changed("root:!$y$old:0:0:90:7:30:19000:\n") == "root:$6$x$y:20500:0:90:7:30::\n");
  CHECK(notes == std::vector<std::string>{"it was locked; it is not any more",
                                          "the account had expired; it has no such day any more"});
  CHECK(changed("root:x:19000:0:99999:7::99999:\n") == "root:$6$x$y:20500:0:99999:7::99999:\n");
  CHECK(changed("rooted:x:1:::::\n") == "rooted:x:1:::::\nroot:$6$x$y:20500:0:99999:7:::\n");
  CHECK(with_new_password("root:x:19000:0:9:7:::\n", "root", "$6$x$y", 0, notes).value_or("") ==
        "root:$6$x$y::0:9:7:::\n");
  CHECK_FALSE(with_new_password("root:x:1::::::\n", "root", "a:b", 1, notes));
}

TEST_CASE("what makes an initramfs is what the original has; kernels without one get it first") {
  const MadeRoot made;
  CHECK(plan_initramfs(made.open()).error().starts_with("the original has none of update-initramfs"));
  using Commands = std::vector<std::vector<std::string>>;
  made.add("usr/bin/dracut", "x", 0755);
  CHECK(plan_initramfs(made.open()).value_or({}) ==
        Commands{{"/usr/bin/dracut", "--force", "--regenerate-all", "--no-hostonly"}});
  made.add("usr/sbin/update-initramfs", "x", 0755).add("boot/vmlinuz-6.1", "x").add("boot/vmlinuz-6.2", "x");
  made.add("boot/initrd.img-6.1", "x").add("lib/modules/6.2/x", "x");
  CHECK(plan_initramfs(made.open()).value_or({}) ==
        Commands{{"/usr/sbin/update-initramfs", "-c", "-k", "6.2"}, {"/usr/sbin/update-initramfs", "-u", "-k", "all"}});
  const MadeRoot none;  // one that was just made is not made again
  none.add("usr/sbin/update-initramfs", "x", 0755).add("boot/vmlinuz-6.2", "x").add("lib/modules/6.2/x", "x");
  CHECK(plan_initramfs(none.open()).value_or({}) == Commands{{"/usr/sbin/update-initramfs", "-c", "-k", "6.2"}});
}

TEST_CASE("GRUB goes to the disks by BIOS and to the ESP by EFI, and then its menu is written") {
  using Commands = std::vector<std::vector<std::string>>;
  const auto plan = [](const MadeRoot& made, bool efi) {
    const auto commands = plan_boot_loader(made.open(), efi, {"/dev/vda", "/dev/vdb"});
    return commands.value_or({{commands ? "" : commands.error().substr(0, commands.error().find('\n'))}});
  };
  const MadeRoot made;
  CHECK(plan(made, false) == Commands{{"the original has no GRUB (update-grub, grub2-mkconfig)"}});
  made.add("usr/sbin/update-grub", "x", 0755)
      .add("usr/sbin/grub-install", "x", 0755)
      .add("usr/lib/grub/i386-pc/x", "x");
  const Commands bios{{"/usr/sbin/grub-install", "--target=i386-pc", "/dev/vda"},
                      {"/usr/sbin/grub-install", "--target=i386-pc", "/dev/vdb"},
                      {"/usr/sbin/update-grub"}};
  CHECK(plan(made, false) == bios);
  CHECK(plan(made, true) == bios);
  made.add("usr/lib/grub/x86_64-efi/x", "x").add("efi/EFI/x", "x");
  CHECK(plan(made, false) == bios);
  CHECK(plan(made, true) ==
        Commands{{"/usr/sbin/grub-install", "--target=x86_64-efi", "--efi-directory=/efi"}, {"/usr/sbin/update-grub"}});
  fs::remove_all(made.root / "usr/lib/grub/i386-pc");
  CHECK(plan(made, false).front() == std::vector<std::string>{"/usr/sbin/grub-install", "--target=x86_64-efi",
                                                              "--efi-directory=/efi", "--no-nvram"});
  const MadeRoot fedora;
  fedora.add("usr/sbin/grub2-install", "x", 0755).add("usr/sbin/grub2-mkconfig", "x", 0755).add("boot/grub2/x", "x");
  CHECK(plan(fedora, true) == Commands{{"the boot loader's files on the EFI system partition come from packages"}});
  fedora.add("boot/efi/EFI/fedora/shimx64.efi", "x").add("usr/lib/grub/x86_64-efi/x", "x");
  CHECK(plan(fedora, true) == Commands{{"/usr/sbin/grub2-mkconfig", "-o", "/boot/grub2/grub.cfg"}});
}

/// The command as a person gives it, with standard input from a text and standard output into one.
struct Ran {
  int status;
  std::string out;
};

Ran run_fix(const MadeRoot& made, std::string_view line, const std::string& input = "") {
  const std::string at = made.root.string();
  auto words = contract::split_words(line, " ");
  words.insert(words.end(), {"--at", at});
  const std::string in_file = (made.outside / "in").string(), out_file = (made.outside / "out").string();
  lifeboat::replace_file(in_file, input);
  const Fd in(::open(in_file.c_str(), O_RDONLY | O_CLOEXEC)),
      out(::open(out_file.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const Fd before_in(::dup(0)), before_out(::dup(1));
  ::fflush(stdout);
  ::dup2(in.get(), 0);
  ::dup2(out.get(), 1);
  const int status = run_fix_command(words);
  ::dup2(before_in.get(), 0);
  ::dup2(before_out.get(), 1);
  return {status, lifeboat::read_file(out_file)};
}

TEST_CASE("a dry run of fix password changes nothing and asks for nothing; the run sets a hash that fits") {
  const MadeRoot made;
  made.add("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nadmin:x:1000:1000::/home/admin:/bin/sh\n");
  const std::string shadow = "root:*:19000:0:99999:7:::\nadmin:!:19000:0:99999:7:::\n";
  made.add("etc/shadow", shadow, 0640);
  CHECK(run_fix(made, "password --dry-run").out ==
        "would give root a new password in /etc/shadow, scheme $6$\nit was locked; it is not any more\n"
        "RESCUE-RESULT command=fix name=password status=dry-run\n");
  CHECK(made.read("etc/shadow") == shadow);
  const Ran ran = run_fix(made, "password admin --stdin", "new:pass word\nrest\n");
  CHECK(ran.status == 0);
  const std::string backup = "/etc/" + made.names("etc").substr(std::string("passwd shadow ").size());
  CHECK(ran.out.find("\nRESCUE-RESULT command=fix name=password status=ok backup=" + backup + "\n") !=
        std::string::npos);
  CHECK(made.read(backup.substr(1)) == shadow);
  const std::string now = made.read("etc/shadow");
  CHECK(now.starts_with("root:*:19000:0:99999:7:::\nadmin:$6$"));
  const std::string hash = now.substr(now.find("$6$"), now.find(':', now.find("$6$")) - now.find("$6$"));
  const std::string salt = hash.substr(0, hash.rfind('$'));
  CHECK(test::crypted("new:pass word", salt) == hash);
}

TEST_CASE("fix password refuses who is not there, and an empty password") {
  const MadeRoot made;
  made.add("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nold:plain:1:1::/:/bin/sh\n")
      .add("etc/shadow", "root:*:1::::::\n");
  for (const char* line :
       {"password nobody --stdin", "password old --stdin", "password --stdin", "password a b", "nothing", ""}) {
    CAPTURE(line);
    CHECK(run_fix(made, line, "").status != 0);
  }
  CHECK(made.read("etc/shadow") == "root:*:1::::::\n");
}

TEST_CASE("fix autorelabel is for systems with SELinux, once") {
  const MadeRoot made;
  CHECK(run_fix(made, "autorelabel").out == "RESCUE-RESULT command=fix name=autorelabel status=failed\n");
  made.add("etc/selinux/config", "SELINUX=enforcing\n");
  CHECK(run_fix(made, "autorelabel --dry-run").status == 0);
  CHECK_FALSE(made.has(".autorelabel"));
  CHECK(run_fix(made, "autorelabel").out.ends_with("RESCUE-RESULT command=fix name=autorelabel status=ok\n"));
  CHECK(made.has(".autorelabel"));
  CHECK(run_fix(made, "autorelabel").out.ends_with("status=nothing-to-do\n"));
}

TEST_CASE("fix runs the original's own tool in it, and its failure is ours") {
  const MadeRoot made;
  if (!test::can_chroot() || !test::add_busybox(made)) return;
  made.add("usr/sbin/update-initramfs", "#!/bin/sh\necho \"$@\" >> /boot/said; [ ! -e /etc/fails ]\n", 0755)
      .add("boot/x", "x");
  CHECK(run_fix(made, "initramfs --dry-run").out ==
        "would run in the original: /usr/sbin/update-initramfs -u -k all\n"
        "RESCUE-RESULT command=fix name=initramfs status=dry-run\n");
  CHECK_FALSE(made.has("boot/said"));
  CHECK(run_fix(made, "initramfs").status == 0);
  CHECK(made.read("boot/said") == "-u -k all\n");
  made.add("etc/fails", "");
  CHECK(run_fix(made, "initramfs").status == 1);
  made.add("etc/fstab", "UUID=1 /boot ext4 defaults 0 2\n");  // which nobody mounted
  fs::remove(made.root / "boot/said");
  CHECK(run_fix(made, "initramfs").status == 1);
  CHECK_FALSE(made.has("boot/said"));
}

TEST_CASE("a backup's name has the time") { CHECK(backup_suffix(1795684500) == ".rescue-20261126-091500"); }

}  // namespace
}  // namespace lifeboat::init
