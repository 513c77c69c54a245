#include "init/disk/operating_system.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>

#include "init/disk/linux_details.hpp"
#include "init/tests/disk/machine.hpp"
#include "testing/catch.hpp"

namespace fs = std::filesystem;
namespace lifeboat::init {
namespace {

/// A root folder on the build host; beside it lies a file that no link inside may reach.
class Root {
 public:
  Root() {
    fs::create_directories(path() / "etc");
    std::ofstream(folder_.path() / "secret") << "PRETTY_NAME=stolen\n";
  }
  fs::path path() const { return folder_.path() / "root"; }
  fs::path secret() const { return folder_.path() / "secret"; }
  void write(const std::string& name, const std::string& content) const {
    fs::create_directories((path() / name).parent_path());
    std::ofstream(path() / name) << content;
  }
  std::optional<OperatingSystem> found() const {
    const auto root = open_file(path().string(), O_PATH | O_DIRECTORY);
    REQUIRE(root);
    return find_linux(*root);
  }

 private:
  TempDir folder_{fs::temp_directory_path(), "lifeboat-root-test"};
};

TEST_CASE("os-release gives its PRETTY_NAME, however it is quoted") {
  CHECK(parse_os_release("NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 11 (bullseye)\"\nID=debian\n") ==
        "Debian GNU/Linux 11 (bullseye)");
  CHECK(parse_os_release("PRETTY_NAME='Arch Linux'") == "Arch Linux");
  CHECK(parse_os_release("PRETTY_NAME=Slackware\r\n") == "Slackware");
  CHECK(parse_os_release("PRETTY_NAME=\"A \\\"quoted\\\" \\$name\"\n") == "A \"quoted\" $name");
  CHECK(parse_os_release("PRETTY_NAME=\"first\"\nPRETTY_NAME=\"last\"\n") == "last");  // as a shell would have it
}

TEST_CASE("os-release without a PRETTY_NAME gives name and version") {
  CHECK(parse_os_release("NAME=Gentoo\nVERSION=2.14\n") == "Gentoo 2.14");
  CHECK(parse_os_release("NAME=Gentoo\n") == "Gentoo");
  CHECK(parse_os_release("# nothing\nPRETTY_NAMES=no\n").empty());
}

TEST_CASE("a name with control characters is written out") {
  CHECK(parse_os_release("PRETTY_NAME=\"\x1b]0;evil\x07\"\n") == "\\x1b]0;evil\\x07");
}

TEST_CASE("a root with os-release behind its usual link is found") {
  const Root root;
  test::make_debian_root(root.path() / "");
  const auto found = root.found();
  REQUIRE(found);
  CHECK(found->kind == "linux");
  CHECK(found->name == "Debian GNU/Linux 11 (bullseye)");
  CHECK(found->fstab_lines == 2);
  CHECK(found->fstab_root == "UUID=0a1b");
}

TEST_CASE("old systems are named by their own release file") {
  const Root root;
  root.write("etc/redhat-release", "CentOS release 6.10 (Final)\n");
  CHECK(root.found()->name == "CentOS release 6.10 (Final)");
  const Root debian;
  debian.write("etc/debian_version", "6.0.10\n");
  CHECK(debian.found()->name == "Debian 6.0.10");
}

TEST_CASE("a file system with other things is no operating system") {
  const Root root;
  root.write("data/etc/os-release", "PRETTY_NAME=no\n");
  CHECK_FALSE(root.found());
}

/// The front of an ELF program for a machine.
std::string elf(char machine) {
  std::string header(
      "\x7f"
      "ELF\2\1\1\0\0\0\0\0\0\0\0\0\3\0\0\0",
      20);
  header[18] = machine;
  return header + std::string(100, '\0');
}

TEST_CASE("a Linux tells its architecture, kernels, machine id, SELinux mode and boot loader") {
  const Root root;
  test::make_debian_root(root.path() / "");
  root.write("usr/bin/env", elf('\xb7'));
  for (const char* release : {"6.1.0-9-amd64", "6.1.0-18-amd64"}) {
    root.write(std::string("boot/vmlinuz-") + release, "x");
    root.write(std::string("usr/lib/modules/") + release + "/modules.dep", "x");
  }
  root.write("usr/lib/modules/5.10.0-28-amd64/modules.dep", "x");
  root.write("boot/vmlinuz-0-rescue-0123456789abcdef", "x");
  root.write("boot/grub/grub.cfg", "x");
  root.write("etc/machine-id", "0123456789abcdef0123456789abcdef\n");
  root.write("etc/selinux/config", "# SELINUX=disabled\nSELINUX=enforcing\nSELINUXTYPE=targeted\n");
  root.write("etc/selinux/targeted/policy/policy.33", "x");
  const auto found = root.found();
  REQUIRE(found);
  CHECK(found->architecture == "aarch64");
  CHECK(found->kernels == std::vector<std::string>{"6.1.0-18-amd64", "6.1.0-9-amd64", "5.10.0-28-amd64"});
  CHECK(found->machine_id == "0123456789abcdef0123456789abcdef");
  CHECK(found->selinux == "enforcing");
  CHECK(found->boot_loader == "GRUB 2");
}

TEST_CASE("what a Linux does not have stays empty, and what is absurd is not taken") {
  const Root root;
  test::make_debian_root(root.path() / "");
  root.write("etc/machine-id", "uninitialized\n");
  root.write("etc/selinux/config", "SELINUX=enforcing\nSELINUXTYPE=../../etc\n");
  root.write("usr/bin/env", "#!/bin/sh\n");
  REQUIRE(::mkfifo((root.path() / "usr/bin/other").c_str(), 0600) == 0);
  fs::create_directories(root.path() / "bin");
  fs::create_symlink("../usr/bin/other", root.path() / "bin/sh");
  for (int i = 0; i < 40; ++i) root.write("usr/lib/modules/5." + std::to_string(i) + "/x", "x");
  root.write("usr/lib/modules/6.0\x1b[2J/x", "x");
  const auto found = root.found();
  REQUIRE(found);
  CHECK(found->architecture.empty());
  CHECK(found->machine_id.empty());
  CHECK(found->selinux.empty());
  CHECK(found->boot_loader.empty());
  REQUIRE(found->kernels.size() == most_kernels);
  CHECK(found->kernels[0] == "6.0\\x1b[2J");
  CHECK(found->kernels[1] == "5.39");
}

TEST_CASE("machines are named as uname names them") {
  CHECK(elf_architecture(elf('\x3e')) == "x86_64");
  CHECK(elf_architecture(elf('\xf3')) == "riscv64");
  CHECK(elf_architecture(elf('\x01')).empty());
  CHECK(elf_architecture("\x7f"
                         "ELF")
            .empty());
}

TEST_CASE("an EFI system partition and a separate boot file system tell what lies there") {
  const Root efi;
  efi.write("EFI/debian/grubx64.efi", "x");
  efi.write("EFI/Microsoft/Boot/BCD", "x");
  efi.write("loader/loader.conf", "x");
  efi.write("vmlinuz-6.1.0-18-amd64", "x");
  const auto root = open_file(efi.path().string(), O_PATH | O_DIRECTORY);
  REQUIRE(root);
  CHECK(find_boot_files(*root) == std::vector<std::string>{"systemd-boot", "EFI/Microsoft", "EFI/debian",
                                                           "Windows Boot Manager", "Linux 6.1.0-18-amd64"});
}

TEST_CASE("an fstab that leads out, and one without end, take nothing in") {
  const Root root;
  test::make_debian_root(root.path() / "");
  for (const char* target : {"/", "/../../secret", "../../../secret", "/proc/self/root/etc/fstab", "/dev/zero"}) {
    INFO(target);
    fs::remove_all(root.path() / "etc/fstab");
    fs::create_symlink(target, root.path() / "etc/fstab");
    const auto found = root.found();
    REQUIRE(found);
    CHECK(found->fstab.empty());
  }
  fs::remove(root.path() / "etc/fstab");
  root.write("etc/fstab", "");
  fs::resize_file(root.path() / "etc/fstab", std::uintmax_t{1} << 40);
  CHECK(root.found()->fstab.empty());
}

TEST_CASE("links lead nowhere outside of the file system") {
  const Root root;
  fs::create_symlink(root.secret(), root.path() / "etc/os-release");
  CHECK_FALSE(root.found());
  fs::remove(root.path() / "etc/os-release");
  fs::create_symlink("../../secret", root.path() / "etc/os-release");
  CHECK_FALSE(root.found());
  fs::remove(root.path() / "etc/os-release");
  fs::create_symlink("/proc/self/root" + root.secret().string(), root.path() / "etc/os-release");
  CHECK_FALSE(root.found());
}

TEST_CASE("an absolute link is followed inside the file system") {
  const Root root;
  root.write("usr/lib/release", "PRETTY_NAME=Inside\n");
  fs::create_symlink("/usr/lib/release", root.path() / "etc/os-release");
  CHECK(root.found()->name == "Inside");
}

TEST_CASE("a link to itself, a folder and a pipe are refused at once") {
  const Root root;
  root.write("etc/fstab", "/dev/sda1 / ext4 defaults 0 1\n");
  fs::create_symlink("os-release", root.path() / "etc/os-release");
  CHECK(root.found()->name == "a Linux without a name");
  fs::remove(root.path() / "etc/os-release");
  fs::create_directories(root.path() / "etc/os-release");
  CHECK(root.found()->name == "a Linux without a name");
  fs::remove(root.path() / "etc/fstab");
  REQUIRE(::mkfifo((root.path() / "etc/fstab").c_str(), 0600) == 0);
  CHECK_FALSE(root.found());
}

TEST_CASE("an fstab of more than 64 KiB is not read") {
  const Root root;
  test::make_debian_root(root.path() / "");
  root.write("etc/fstab", std::string(65537, '#') + "\n/dev/sda1 / ext4 defaults 0 1\n");
  const auto found = root.found();
  REQUIRE(found);
  CHECK(found->fstab_lines == 0);
}

}  // namespace
}  // namespace lifeboat::init
