// The whole finish over Debian's real packages, judged by Debian's own programs in a chroot.
#include <algorithm>

#include "builder/base/file.hpp"
#include "builder/base/text.hpp"
#include "builder/tests/distro/finished_root.hpp"
#include "builder/tests/distro/real_packages.hpp"
#include "testing/catch.hpp"

namespace lifeboat {
namespace {
namespace fs = std::filesystem;

/// Says nothing and ends well: the way these programs report that all is right.
void check_silent(const ExtractedRoot& root, const std::string& command) {
  const Outcome outcome = root.sh(command);
  INFO(command << "\n" << outcome.out << outcome.err);
  CHECK(outcome.status == 0);
  CHECK(outcome.out.empty());
}

/// Runs in the shared root; fails the test with the program's own words.
std::string checked(const ExtractedRoot& root, const std::string& command) {
  const Outcome outcome = root.sh(command);
  INFO(command << "\n" << outcome.out << outcome.err);
  REQUIRE(outcome.status == 0);
  return outcome.out;
}

TEST_CASE("the script of every package in the image is known") {
  const std::string warnings = join(warnings_debian(finished_image().input({})), "\n");
  CAPTURE(warnings);
  CHECK(warnings.empty());
}

TEST_CASE("dpkg finds its database whole") {
  check_silent(shared_root(), "dpkg --audit");
  CHECK(checked(shared_root(), "dpkg --list | grep -c ^ii") ==
        std::to_string(finished_image().packages.size() + 1) + "\n");
}

TEST_CASE("dpkg --verify sees only the configuration that the overlay replaces") {
  CHECK(shared_root().sh("dpkg --verify").out == "??5?????? c /etc/lvm/lvmlocal.conf\n");
}

TEST_CASE("apt finds every dependency met") { checked(shared_root(), "apt-get check"); }

TEST_CASE("apt would install one more package and touch no other") {
  const std::string status = (shared_root().path() / "var/lib/dpkg/status").string();
  const std::string plan =
      run_checked({.argv = {"apt-get", "-o", "Dir::State::status=" + status, "-s", "install", "hello"}});
  INFO(plan);
  CHECK(plan.find("0 upgraded, 1 newly installed, 0 to remove and 0 not upgraded") != std::string::npos);
}

TEST_CASE("dpkg installs a package, runs its triggers and removes it") {
  const ExtractedRoot& root = shared_root();
  run_checked({.argv = {"apt-get", "-o", "APT::Sandbox::User=root", "download", "hello", "libsodium23"},
               .directory = root.path() / "tmp"});
  checked(root, "dpkg --install /tmp/*.deb");
  CHECK(checked(root, "hello") == "Hello, world!\n");
  CHECK(checked(root, "ldconfig -p | grep -c libsodium.so.23") == "1\n");  // the trigger has made the cache
  checked(root, "dpkg --purge hello libsodium23");
  check_silent(root, "dpkg --audit");
  checked(root, "rm /tmp/*.deb /etc/ld.so.cache");
}

TEST_CASE("a package that brings a service does not start it") {
  CHECK(shared_root().sh("/usr/sbin/policy-rc.d ssh start").status == 101);
}

TEST_CASE("every program and library finds the libraries that it needs without a cache") {
  CHECK_FALSE(fs::exists(shared_root().path() / "etc/ld.so.cache"));
  const std::string files =
      "find /usr/bin /usr/sbin /usr/lib /usr/libexec -path /usr/lib/modules -prune -o -type f "
      "'(' -perm /111 -o -name '*.so*' ')'";  // what a program or a library is known by
  // tc's plug-in for ATM: iproute2 only recommends its library.
  check_silent(shared_root(), files + " ! -name q_atm.so -exec ldd '{}' + 2>/dev/null | grep 'not found' | sort -u");
}

TEST_CASE("the account files agree with each other") {
  checked(shared_root(), "pwck --read-only --quiet");
  checked(shared_root(), "grpck --read-only");
  CHECK(checked(shared_root(), "id root") == "uid=0(root) gid=0(root) groups=0(root)\n");
  CHECK(checked(shared_root(), "getent passwd sshd") == "sshd:x:102:65534::/run/sshd:/usr/sbin/nologin\n");
}

TEST_CASE("nobody has a password, and root's field lets a key in") {
  std::string fields;
  const std::string shadow = read_file(shared_root().path() / "etc/shadow");
  for (std::string_view line : split_lines(shadow)) {
    const std::string_view field = split(line, ':').at(1);
    CHECK((field == "*" || field == "!"));
    if (line.starts_with("root:")) CHECK(field == "*");
  }
}

TEST_CASE("sshd takes its configuration, and means what the overlay says") {
  const ExtractedRoot& root = shared_root();
  checked(root, "ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key && mkdir -p /run/sshd && sshd -t");
  const std::string settings = checked(root, "sshd -T");
  for (const char* line :
       {"\npermitrootlogin yes\n", "\npasswordauthentication yes\n", "\nusepam no\n", "\nusedns no\n",
        "\nhostkey /etc/ssh/ssh_host_ed25519_key\n", "\npermitemptypasswords no\n"}) {
    CAPTURE(line);
    CHECK(settings.find(line) != std::string::npos);
  }
  CHECK(settings.find("hostkey /etc/ssh/ssh_host_rsa_key") == std::string::npos);
  checked(root, "rm /etc/ssh/ssh_host_*");
}

TEST_CASE("nothing in the image is meant to be one machine's own") {
  const Tree& tree = finished_image().tree;
  CHECK(tree.read("etc/machine-id").empty());
  for (const char* path :
       {"etc/nvme/hostid", "etc/nvme/hostnqn", "var/lib/dbus/machine-id", "var/lib/systemd/random-seed"})
    CHECK(tree.find(path) == nullptr);
  for (const auto& [path, node] : tree.nodes()) CHECK_FALSE(path.str().starts_with("etc/ssh/ssh_host_"));
}

TEST_CASE("pam-auth-update would write the same files") {
  const ExtractedRoot& root = shared_root();
  const std::string before = checked(root, "cat /etc/pam.d/common-*");
  checked(root, "rm -r /var/lib/pam; rm /etc/pam.d/common-*; mkdir /var/lib/pam; pam-auth-update --package --force");
  CHECK(checked(root, "cat /etc/pam.d/common-*") == before);
}

TEST_CASE("update-ca-certificates would write the same bundle and links") {
  const ExtractedRoot& root = shared_root();
  const std::string listing =
      "cd /etc/ssl/certs && sha256sum ca-certificates.crt && find . -type l -printf '%p %l\\n' | sort";
  const std::string before = checked(root, listing);
  checked(root, "rm -r /etc/ssl/certs/* && update-ca-certificates");
  CHECK(checked(root, listing) == before);
}

TEST_CASE("update-shells would write the same list") {
  const ExtractedRoot& root = shared_root();
  const std::string before = checked(root, "cat /etc/shells /var/lib/shells.state");
  checked(root, "rm /etc/shells /var/lib/shells.state && update-shells");
  CHECK(checked(root, "cat /etc/shells /var/lib/shells.state") == before);
}

TEST_CASE("update-alternatives reads every choice and would change none") {
  const ExtractedRoot& root = shared_root();
  const std::string listing = "ls -l --time-style=+ /etc/alternatives; update-alternatives --get-selections";
  const std::string before = checked(root, listing);
  checked(root, "for f in /var/lib/dpkg/alternatives/*; do update-alternatives --auto $(basename $f) || exit 1; done");
  CHECK(checked(root, listing) == before);
  checked(root, "update-alternatives --set editor /usr/bin/vim.tiny");
  CHECK(checked(root, "readlink -f /usr/bin/editor") == "/usr/bin/vim.tiny\n");
  checked(root, "update-alternatives --auto editor");
}

TEST_CASE("the programs that a person reaches for start") {
  for (const char* command :
       {"awk 1 </dev/null", "vi --version", "pager --version", "which sh", "curl --version", "lvm version",
        "mdadm --version 2>&1", "nc -h 2>&1", "ping -V", "cryptsetup --version", "python3 -c 'import ssl'", "tmux -V",
        "btrfs version", "xfs_repair -V", "rsync --version"}) {
    CAPTURE(command);
    CHECK(shared_root().sh(command).status == 0);
  }
}

TEST_CASE("modprobe knows every required driver from the indexes alone") {
  const FinishedImage& image = finished_image();
  for (const std::string& name : image.recipe.kernel.required_modules) {
    const Outcome outcome =
        shared_root().sh("modprobe --set-version " + image.kernel.release + " --show-depends " + name);
    INFO(name << ": " << outcome.err);
    CHECK(outcome.status == 0);
  }
}

TEST_CASE("nothing assembles, activates or tunes a disk by itself") {
  const ExtractedRoot& root = shared_root();
  // What udev would read: a file of /etc hides the one of the same name in /lib, and a link to /dev/null is empty.
  const std::string rules = checked(root,
                                    "cd /lib/udev/rules.d && for f in *.rules; do "
                                    "[ -e /etc/udev/rules.d/$f ] || cat $f; done | grep -v '^ *#'; "
                                    "cat /etc/udev/rules.d/*.rules");
  CHECK(rules.find("/sbin/mdadm --detail") != std::string::npos);  // the rules were really read
  for (const char* writer : {"mdadm --incremental", "mdadm -I", "mdadm --manage", "vgchange", "pvscan",
                             "lib/udev/hdparm", "hwclock-set", "bcache-register", "kpartx", "swapon", "fsck"}) {
    CAPTURE(writer);
    CHECK(rules.find(writer) == std::string::npos);
  }
  CHECK(checked(root, "modprobe --showconfig | grep '^options md_mod' | sort -u") == "options md_mod start_ro=1\n");
}

TEST_CASE("LVM activates nothing by itself") {
  const std::string settings = shared_root().sh_with_proc("lvmconfig --type current 2>/dev/null").out;
  for (const char* line : {"event_activation=0\n", "auto_activation_volume_list=[]\n", "monitoring=0\n"}) {
    CAPTURE(line, settings);
    CHECK(settings.find(line) != std::string::npos);
  }
}

}  // namespace
}  // namespace lifeboat
