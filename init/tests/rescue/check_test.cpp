#include "init/rescue/check.hpp"

#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "init/tests/rescue/made_root.hpp"
#include "testing/catch.hpp"

namespace fs = std::filesystem;
namespace lifeboat::init {
namespace {

/// openssl passwd -6 -salt abcdefgh Zx9-secret
const std::string root_with_hash =
    "root:$6$abcdefgh$5qOk105CDJX3Mf0TXt8aW1ufYl7gM9HYHhUTors1p8F/YanV/qB6WUZnSEAoHDZvYbW3K9OWoAfiazLg5NdmE/";

using test::MadeRoot;

/// One disk, vda: an ESP, a root of this UUID, swap.
DiskReport made_disks() {
  Disk disk;
  disk.name = "vda";
  disk.path = "/none/vda";
  disk.table = "gpt";
  const auto add = [&](const char* name, const char* type, const char* uuid) {
    Partition partition;
    partition.number = static_cast<std::uint32_t>(disk.partitions.size() + 1);
    partition.name = name;
    partition.content.type = type;
    partition.content.usage = "filesystem";
    partition.content.uuid = uuid;
    disk.partitions.push_back(partition);
  };
  add("vda1", "vfat", "AAAA-BBBB");
  add("vda2", "ext4", "0a1b2c3d-0000-4000-8000-000000000001");
  add("vda3", "swap", "0a1b2c3d-0000-4000-8000-000000000002");
  DiskReport report;
  report.disks = {disk};
  report.original = "vda";
  return report;
}

const std::string root_uuid = "0a1b2c3d-0000-4000-8000-000000000001";

/// A Debian that starts by EFI, with nothing wrong.
void make_debian(const MadeRoot& made) {
  made.add("etc/fstab",
           "UUID=" + root_uuid + " / ext4 errors=remount-ro 0 1\nUUID=AAAA-BBBB /boot/efi vfat umask=0077 0 1\n")
      .add("boot/vmlinuz-6.1.0-18-amd64", "kernel")
      .add("boot/initrd.img-6.1.0-18-amd64", "initramfs")
      .add("lib/modules/6.1.0-18-amd64/modules.dep", "x")
      .add("boot/grub/grub.cfg", "search --no-floppy --fs-uuid --set=root " + root_uuid +
                                     "\nmenuentry 'Debian' {\n\tlinux\t/boot/vmlinuz-6.1.0-18-amd64 root=UUID=" +
                                     root_uuid + " ro quiet\n\tinitrd\t/boot/initrd.img-6.1.0-18-amd64\n}\n")
      .add("boot/efi/EFI/debian/shimx64.efi", "loader")
      .add("etc/passwd", "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n")
      .add("etc/shadow", root_with_hash + ":19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n", 0640)
      .add("bin/bash", "x", 0755)
      .add("etc/pam.d/login", "@include common-auth\nauth optional pam_faildelay.so\n")
      .add("etc/pam.d/common-auth", "auth required pam_unix.so\n")
      .add("usr/sbin/sshd", "not run here", 0755)
      .add("etc/ssh/sshd_config", "PermitRootLogin yes\n")
      .add("etc/ssh/ssh_host_ed25519_key", "key", 0600)
      .add("root/.ssh/authorized_keys", "ssh-ed25519 AAAA", 0600)
      .add("etc/network/interfaces", "auto eth0\niface eth0 inet dhcp\n")
      .add("etc/resolv.conf", "nameserver 192.0.2.1\n")
      .add("etc/machine-id", "0123456789abcdef0123456789abcdef\n")
      .add("var/lib/dpkg/status", "Package: bash\nStatus: install ok installed\n\n");
  fs::permissions(made.root / "root", fs::perms::owner_all);
}

/// "LEVEL TEXT [HINT]" of each finding of one check.
std::vector<std::string> found(const MadeRoot& made, std::string_view check, bool efi = true) {
  const Original original = made.open();
  const DiskReport disks = made_disks();
  std::vector<std::string> lines;
  for (const Finding& finding : find_all({original, disks, efi}))
    if (finding.name == check)
      lines.push_back(std::string(to_text(finding.level)) + " " + finding.text +
                      (finding.hint.empty() ? "" : " [" + finding.hint + "]"));
  return lines;
}

using Lines = std::vector<std::string>;

TEST_CASE("a system with nothing wrong passes every check, each with one line, and nothing is written") {
  const MadeRoot made;
  make_debian(made);
  const Original original = made.open();
  const DiskReport disks = made_disks();
  const auto before = fs::last_write_time(made.root / "etc");
  const Findings findings = find_all({original, disks, true});
  CHECK(findings.size() == all_checks().size());
  for (const Finding& finding : findings) {
    CAPTURE(finding.name, finding.text);
    // The machine that runs this test may have a full disk.
    if (finding.name != "space") CHECK(finding.level == Level::ok);
  }
  CHECK(fs::last_write_time(made.root / "etc") == before);
}

TEST_CASE("an empty folder fails what a system needs, and does not confuse any check") {
  const MadeRoot made;
  CHECK(found(made, "kernel").front().starts_with("broken there is no kernel in /boot ["));
  CHECK(found(made, "grub") ==
        Lines{"broken there is neither a grub.cfg nor another boot loader's entry [rescue fix boot-loader]"});
  CHECK(found(made, "accounts").front().starts_with("broken /etc/passwd has no root ["));
  CHECK(found(made, "fstab") == Lines{"warning opening etc/fstab: No such file or directory"});
  CHECK(found(made, "packages") == Lines{"ok neither dpkg nor rpm"});
}

TEST_CASE("fstab entries without a device are broken, unless the system starts without them") {
  const MadeRoot made;
  make_debian(made);
  made.add("etc/fstab",
           "UUID=" + root_uuid +
               " / ext4 defaults 0 1\n# data\nUUID=dead /data ext4 defaults 0 2\n"
               "UUID=beef /more ext4 nofail 0 2\nUUID=cafe none swap sw 0 0\nproc /proc proc defaults 0 0\n");
  const std::string missing = ": no file system here has this UUID; ";
  CHECK(
      found(made, "fstab") ==
      Lines{"broken line 3, /data: UUID=dead" + missing + "the system does not start without it [rescue fix fstab]",
            "warning line 4, /more: UUID=beef" + missing + "the system starts all the same (nofail) [rescue fix fstab]",
            "warning line 5, none: UUID=cafe" + missing + "the system's start waits for it [rescue fix fstab]"});
}

TEST_CASE("a kernel that is empty, or without initramfs or modules, is named") {
  const MadeRoot made;
  make_debian(made);
  made.add("boot/vmlinuz-6.1.0-20-amd64", "").add("boot/initrd.img-6.1.0-18-amd64", "");
  CHECK(found(made, "kernel") ==
        Lines{"broken /boot/initrd.img-6.1.0-18-amd64 is empty [rescue fix initramfs]",
              "broken /boot/vmlinuz-6.1.0-20-amd64 is empty [install its package again, by rescue chroot]",
              "broken 6.1.0-20-amd64 has no initramfs [rescue fix initramfs]",
              "broken 6.1.0-20-amd64 has no modules in /lib/modules [install its package again, by rescue chroot]"});
}

TEST_CASE("the boot menu's kernels and file systems have to be there") {
  const MadeRoot made;
  make_debian(made);
  made.add("boot/grub/grub.cfg",
           "search --no-floppy --fs-uuid --set=root 1111-dead\n"
           "linux /boot/vmlinuz-5.10 root=UUID=" +
               root_uuid + "\nlinux /vmlinuz-6.1.0-18-amd64\n");
  CHECK(
      found(made, "grub") ==
      Lines{"broken the boot menu names the kernel /boot/vmlinuz-5.10, which is not there [rescue fix boot-loader]",
            "broken the boot loader looks for the file system 1111-dead, which is not here [rescue fix boot-loader]"});
  made.add("boot/grub/grub.cfg", "");
  CHECK(found(made, "grub").front() == "broken /boot/grub/grub.cfg is empty [rescue fix boot-loader]");
}

TEST_CASE("entries of the boot loader specification are read as GRUB's are") {
  const MadeRoot made;
  make_debian(made);
  fs::remove(made.root / "boot/grub/grub.cfg");
  made.add("boot/loader/entries/fedora.conf",
           "title Fedora\nlinux /vmlinuz-6.1.0-18-amd64\noptions root=UUID=" + root_uuid + " ro\n");
  CHECK(found(made, "grub") == Lines{"ok 1 entries: kernels and file systems are there"});
  made.add("boot/loader/entries/old.conf", "title Old\nlinux /vmlinuz-5\noptions root=UUID=beef\n");
  CHECK(found(made, "grub").size() == 2);
}

TEST_CASE("a machine that starts by EFI needs a loader, one that starts by BIOS does not") {
  const MadeRoot made;
  make_debian(made);
  fs::remove(made.root / "boot/efi/EFI/debian/shimx64.efi");
  CHECK(found(made, "esp") == Lines{"broken /boot/efi/EFI has no boot loader [rescue fix boot-loader]"});
  fs::remove_all(made.root / "boot/efi/EFI");
  CHECK(found(made, "esp", false) == Lines{"ok none is needed: this machine starts by BIOS"});
  CHECK(found(made, "esp").front().starts_with("broken no EFI system partition is mounted"));
}

TEST_CASE("damaged accounts are found, and what keeps root out") {
  const MadeRoot made;
  make_debian(made);
  const auto with_shadow = [&](const std::string& line) {
    made.add("etc/shadow", line + "\n", 0640);
    return found(made, "accounts");
  };
  CHECK(with_shadow("root:*:19000:0:99999:7:::") ==
        Lines{"ok whole; root's password is locked, keys may still let root in"});
  CHECK(with_shadow("root::19000:0:99999:7:::") == Lines{"warning root has an empty password [rescue fix password]"});
  CHECK(with_shadow("root:plain text:19000:0:99999:7:::") ==
        Lines{"broken root's password lets nobody in: its hash is broken, libcrypt knows no such scheme [rescue fix "
              "password]"});
  CHECK(
      with_shadow("root:$6$abcdefgh$ijkl:19000:0:99999:7:::") ==
      Lines{"broken root's password lets nobody in: its hash is broken, it has another length than its scheme's hashes "
            "[rescue fix password]"});
  CHECK(with_shadow(root_with_hash + ":0:0:99999:7:::") ==
        Lines{"warning root's password expired: the next login has to change it [rescue fix password]"});
  CHECK(with_shadow(root_with_hash + ":10000:0:90:7:::") ==
        Lines{"warning root's password expired: the next login has to change it [rescue fix password]"});
  CHECK(with_shadow(root_with_hash + ":19000:0:99999:7::10000:") ==
        Lines{"broken root's account expired [rescue fix password]"});
  CHECK(with_shadow("daemon:*:1:0:9:7:::") == Lines{"broken /etc/shadow has no root [rescue fix password]"});
  CHECK(with_shadow(root_with_hash + ":19000:0:99999:7:::\ngarbage\nmore")
            .front()
            .starts_with("broken /etc/shadow is damaged: line 2 and 1 more ["));
  made.add("etc/shadow", root_with_hash + ":19000:0:99999:7:::\n", 0644);
  CHECK(found(made, "accounts") ==
        Lines{"warning /etc/shadow can be read by everybody [rescue chroot chmod o= /etc/shadow]"});
}

TEST_CASE("root's shell has to be a program, even behind links that would lead out") {
  const MadeRoot made;
  make_debian(made);
  made.link("bin/zsh", "/../../../bin/bash");
  made.add("etc/passwd", "root:x:0:0:root:/root:/bin/zsh\n");
  CHECK(found(made, "accounts") == Lines{"ok whole; root has a password and a shell"});
  fs::remove(made.root / "bin/bash");
  CHECK(found(made, "accounts") ==
        Lines{"broken root's shell /bin/zsh is no program there [rescue chroot usermod -s /bin/sh root]"});
}

TEST_CASE("what keeps people out at the login is found") {
  const MadeRoot made;
  make_debian(made);
  made.add("etc/nologin", "").add("etc/pam.d/sshd", "auth substack password-auth\n");
  CHECK(found(made, "login") ==
        Lines{"warning /etc/nologin is there: nobody but root can log in [rescue chroot rm /etc/nologin]",
              "broken /etc/pam.d/sshd includes password-auth, which is not there"});
}

TEST_CASE("sshd's keys have modes that sshd takes") {
  const MadeRoot made;
  make_debian(made);
  made.add("etc/ssh/ssh_host_ed25519_key", "key", 0644).add("root/.ssh/authorized_keys", "key", 0666);
  CHECK(found(made, "ssh") ==
        Lines{"broken /etc/ssh/ssh_host_ed25519_key can be read by others: sshd refuses it "
              "[rescue chroot chmod 600 /etc/ssh/ssh_host_ed25519_key]",
              "warning /root/.ssh/authorized_keys can be written by others: sshd takes no keys of root "
              "[rescue chroot chmod go-w /root/.ssh/authorized_keys]"});
  made.add("etc/ssh/sshd_config", "");
  CHECK(found(made, "ssh").front().starts_with("broken /etc/ssh/sshd_config is missing or empty"));
}

TEST_CASE("the original's sshd is asked about its configuration, in a root that it cannot change") {
  const MadeRoot made;
  make_debian(made);
  if (!test::can_chroot() || !test::add_busybox(made)) return;
  made.add("usr/sbin/sshd",
           "#!/bin/sh\necho x > /etc/written\necho \"/etc/ssh/sshd_config: line 1: Bad thing\" >&2\nexit 255\n", 0755);
  const Lines lines = found(made, "ssh");
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].starts_with("broken sshd refuses its configuration: "));
  CHECK(lines[0].find("line 1: Bad thing") != std::string::npos);
  CHECK_FALSE(made.has("etc/written"));
}

TEST_CASE("SELinux's missing labels are found after edits, and a relabel that is due is seen") {
  const MadeRoot made;
  make_debian(made);
  made.add("etc/selinux/config", "# x\nSELINUX=enforcing\nSELINUXTYPE=targeted\n");
  CHECK(
      found(made, "selinux").front().starts_with("broken enforcing, and without a label: /etc/passwd, /etc/shadow, "));
  made.add(".autorelabel", "");
  CHECK(found(made, "selinux") == Lines{"ok enforcing; all files get labels at the next start"});
}

TEST_CASE("interrupted installations are found") {
  const MadeRoot made;
  make_debian(made);
  made.add("var/lib/dpkg/status",
           "Package: a\nStatus: install ok half-configured\n\nPackage: b\nStatus: install ok installed\n");
  CHECK(found(made, "packages") == Lines{"warning packages that are half installed: a [rescue mount --write, then "
                                         "rescue chroot dpkg --configure -a]"});
  made.add("var/lib/dpkg/updates/0001", "x");
  CHECK(found(made, "packages").front().starts_with("warning dpkg was interrupted"));
}

TEST_CASE("hostile files cost nothing but a line") {
  const MadeRoot made;
  make_debian(made);
  lifeboat::replace_file(made.outside / "passwd", "root:x:0:0:of the rescue:/root:/bin/bash\n");
  fs::remove(made.root / "etc/passwd");
  made.link("etc/passwd", (made.outside / "passwd").string());
  CHECK(found(made, "accounts").front().starts_with("broken /etc/passwd has no root"));
  fs::remove(made.root / "etc/fstab");
  REQUIRE(::mkfifo((made.root / "etc/fstab").c_str(), 0600) == 0);
  CHECK(found(made, "fstab") == Lines{"warning reading etc/fstab: not a regular file"});
  made.add("boot/grub/grub.cfg", "linux /\x1b[2J root=UUID=\x1b]0;x\n");
  for (const std::string& line : found(made, "grub")) CHECK(line.find('\x1b') == std::string::npos);
  made.add("etc/pam.d/login", "@include login\n@include ../../../../etc/shadow\n");
  CHECK(found(made, "login").size() == 1);
}

TEST_CASE("findings are aligned for people and whole for programs") {
  const Findings findings{{Level::ok, "fine", "", "fstab"},
                          {Level::broken, "a line that is so long that it does not fit into eighty columns any more",
                           "rescue fix x", "machine-id"}};
  CHECK(to_text(findings) ==
        "ok       fstab       fine\n"
        "BROKEN   machine-id  a line that is so long that it does not fit into eighty\n"
        "                     columns any more\n"
        "                     hint: rescue fix x\n");
  const MadeRoot made;
  const auto json = nlohmann::json::parse(to_json(findings, made.open()));
  CHECK(json["version"] == 1);
  CHECK(json["broken"] == 1);
  CHECK(json["warnings"] == 0);
  CHECK(json["findings"][1] ==
        nlohmann::json{
            {"name", "machine-id"}, {"level", "broken"}, {"text", findings[1].text}, {"hint", "rescue fix x"}});
}

}  // namespace
}  // namespace lifeboat::init
