#include "init/rescue/chroot.hpp"

#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init/sys/holders.hpp"
#include "init/tests/rescue/made_root.hpp"
#include "testing/catch.hpp"

namespace fs = std::filesystem;
namespace lifeboat::init {
namespace {

using test::MadeRoot;

Result<ProgramEnd> shell(const MadeRoot& made, const std::string& script, Milliseconds limit = Milliseconds(30'000)) {
  return run_in_original(made.open(), {.argv = {"/bin/sh", "-c", script}, .limit = limit});
}

std::string output_of(const MadeRoot& made, const std::string& script) {
  const auto end = shell(made, script);
  return end ? end->output : "failure: " + end.error();
}

TEST_CASE("a command in the original has its own proc, our devices, a run in memory, and its status comes back") {
  const MadeRoot made;
  if (!test::can_chroot() || !test::add_busybox(made)) return;
  CHECK(output_of(made, "echo $$") != "1\n");  // PID 1 is outside of the chroot: package scripts ask for that
  CHECK(output_of(made,
                  "ls /proc/1/root/ >/dev/null; cat /proc/sys/kernel/ostype; [ -c /dev/null ] && echo device; "
                  "[ -d /sys/block ] && echo sysfs; touch /run/x; ls /run/lock") == "Linux\ndevice\nsysfs\n");
  CHECK(made.names("run").empty());
  const auto end = shell(made, "exit 7");
  REQUIRE(end);
  CHECK(WEXITSTATUS(end->status) == 7);
  const auto killed = shell(made, "kill -9 $$");
  REQUIRE(killed);
  CHECK(WTERMSIG(killed->status) == 9);
}

TEST_CASE("what a command of the original left running ends with it, and nothing stays mounted") {
  const MadeRoot made;
  if (!test::can_chroot() || !test::add_busybox(made)) return;
  const std::string before = lifeboat::read_file("/proc/self/mountinfo");
  CHECK(output_of(made, "sleep 1000 >/dev/null 2>&1 & echo started") == "started\n");
  CHECK(holder_words(find_holders(made.root.string())).empty());
  CHECK(lifeboat::read_file("/proc/self/mountinfo") == before);
}

TEST_CASE("a command that does not end is ended after its time") {
  const MadeRoot made;
  if (!test::can_chroot() || !test::add_busybox(made)) return;
  const auto end = shell(made, "sleep 1000", Milliseconds(1000));
  REQUIRE_FALSE(end);
  CHECK(end.error() == "sh did not end within 1 s");
  CHECK(holder_words(find_holders(made.root.string())).empty());
}

TEST_CASE("our name servers lie over the original's, wherever its link leads, and nothing is written") {
  const std::string ours = lifeboat::read_file("/etc/resolv.conf");
  for (const char* target : {"", "../run/systemd/resolve/stub-resolv.conf", "/var/run/made/resolv.conf"}) {
    const MadeRoot made;
    if (!test::can_chroot() || !test::add_busybox(made)) return;
    CAPTURE(target);
    made.link("var/run", "/run");
    if (*target == '\0')
      made.add("etc/resolv.conf", "nameserver 192.0.2.1\n");
    else
      made.link("etc/resolv.conf", target);
    CHECK(output_of(made, "cat /etc/resolv.conf; echo spoiled > /etc/resolv.conf") == ours);
    CHECK(lifeboat::read_file("/etc/resolv.conf") == ours);
    CHECK(made.names("run").empty());
    if (*target == '\0') CHECK(made.read("etc/resolv.conf") == "nameserver 192.0.2.1\n");
  }
}

TEST_CASE("links of the original lead nowhere but into it") {
  const MadeRoot made;
  if (!test::can_chroot() || !test::add_busybox(made)) return;
  fs::remove(made.root / "run");
  fs::create_directories(made.root / "elsewhere");
  made.link("run", "/elsewhere");
  fs::create_directories(made.outside / "elsewhere");
  made.link("etc/resolv.conf", made.outside.string() + "/resolv.conf");
  lifeboat::replace_file(made.outside / "resolv.conf", "of the rescue system");
  CHECK(output_of(made, "touch /run/x; cat /etc/resolv.conf").find("of the rescue system") == std::string::npos);
  CHECK(fs::is_empty(made.root / "elsewhere"));
  CHECK(fs::is_empty(made.outside / "elsewhere"));
}

TEST_CASE("in a read-only root programs have a tmp in memory") {
  const MadeRoot made;
  if (!test::can_chroot() || !test::add_busybox(made)) return;
  REQUIRE(::mount(made.root.c_str(), made.root.c_str(), nullptr, MS_BIND, nullptr) == 0);
  REQUIRE(::mount(nullptr, made.root.c_str(), nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr) == 0);
  CHECK_FALSE(made.open().write);
  const std::string said = output_of(made, "echo kept > /tmp/x && cat /tmp/x; echo no > /etc/x");
  REQUIRE(::umount(made.root.c_str()) == 0);
  CHECK(said.starts_with("kept\n"));
  CHECK(said.find("Read-only file system") != std::string::npos);
  CHECK(made.names("tmp").empty());
}

TEST_CASE("the shell is root's, where it is a program there") {
  const MadeRoot made;
  made.add("bin/bash", "x", 0755)
      .add("bin/sh", "x", 0755)
      .add("usr/bin/fish", "x", 0755)
      .add("sbin/nologin", "x", 0755);
  const auto shell_with = [&](const std::string& passwd) {
    made.add("etc/passwd", passwd);
    return find_shell(made.open()).value_or("none");
  };
  CHECK(shell_with("daemon:x:1:1::/:/bin/sh\nroot:x:0:0:root:/root:/usr/bin/fish\n") == "/usr/bin/fish");
  CHECK(shell_with("root:x:0:0:root:/root:/bin/zsh\n") == "/bin/bash");
  CHECK(shell_with("root:x:0:0:root:/root:/sbin/nologin\n") == "/bin/bash");
  CHECK(shell_with("root:x:0:0\n") == "/bin/bash");
  CHECK(shell_with("root:x:0:0:root:/root:bin/sh\n") == "/bin/bash");
  fs::remove(made.root / "bin/bash");
  CHECK(shell_with("") == "/bin/sh");
  fs::remove(made.root / "bin/sh");
  CHECK(find_shell(made.open()).error().starts_with("the original has no shell (/bin/sh)\nhint: "));
}

TEST_CASE("programs of another architecture are refused with both names") {
  const MadeRoot made;
  const auto elf = [](char data, std::string_view machine) {
    return std::string(
               "\x7f"
               "ELF\x02") +
           data + std::string(12, '\0') + std::string(machine) + std::string(64, '\0');
  };
  made.add("arm", elf(1, {"\xb7\x00", 2}), 0755)
      .add("s390", elf(2, {"\x00\x16", 2}), 0755)
      .add("ours", elf(1, {"\x3e\x00", 2}), 0755);
  made.add("script", "#! /arm -e\n", 0755).add("loop", "#!/loop\n", 0755).add("text", "no program", 0755);
  const Original original = made.open();
  const auto words = [&](const char* program) {
    const Status right = check_architecture(original, program);
    return right ? "right" : right.error().substr(0, right.error().find('\n'));
  };
  CHECK(words("/ours") == "right");
  CHECK(words("/arm") == "the original's programs are for aarch64, this rescue system runs x86_64");
  CHECK(words("/script") == words("/arm"));
  CHECK(words("/s390") == "the original's programs are for s390x, this rescue system runs x86_64");
  CHECK(words("/loop") == "/loop: a script of a script of a script");
  CHECK(words("/text") == "/text of the original is no program");
}

TEST_CASE("without a mounted original it is said how to get one") {
  const auto original = open_original("/none");
  REQUIRE_FALSE(original);
  CHECK(original.error() ==
        "opening /none: No such file or directory\n"
        "hint: --at names the folder where the original's root is mounted");
}

TEST_CASE("values of a result line never break it") {
  CHECK(result_line({{"command", "fix"}, {"backup", ""}, {"text", "a \"b\"\n\\"}}) ==
        "RESCUE-RESULT command=fix backup=\"\" text=\"a \\\"b\\\"\\012\\\\\"\n");
}

}  // namespace
}  // namespace lifeboat::init
