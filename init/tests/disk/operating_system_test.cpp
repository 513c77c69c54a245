#include "init/disk/operating_system.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>

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
