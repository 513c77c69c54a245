#include "init/sys/mount_table.hpp"

#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <unistd.h>

#include <array>

#include "builder/base/file.hpp"
#include "init/sys/aside.hpp"
#include "init/sys/holders.hpp"
#include "init/sys/spawn.hpp"
#include "init/sys/terminals.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using lifeboat::TempDir;

TEST_CASE("lines of mountinfo are read with their blanks and optional fields, and broken ones passed over") {
  const auto mounts = parse_mount_table(
      "36 35 98:0 / /mnt/a\\040b rw,noatime shared:1 master:2 - ext4 /dev/vda1 rw,errors=continue\n"
      "37 36 0:44 / /mnt/tab\\011 rw - tmpfs  rw\n"
      "38 36 0:45 / /cut rw\n"
      "39 36 0:46 / /odd\\9 rw - fuse.sshfs me@host:/x\\134y rw\n"
      "\n"
      "40 36 0:47 / /last ro - iso9660 /dev/sr0 ro");
  CHECK(mounts == std::vector<MountEntry>{{"/mnt/a b", "ext4", "/dev/vda1"},
                                          {"/mnt/tab\t", "tmpfs", ""},
                                          {"/odd\\9", "fuse.sshfs", "me@host:/x\\y"},
                                          {"/last", "iso9660", "/dev/sr0"}});
}

TEST_CASE("this machine's own mounts are read") {
  const auto mounts = read_mount_table();
  CHECK(std::ranges::any_of(mounts, [](const MountEntry& mount) { return mount.point == "/proc"; }));
}

TEST_CASE("a path is below a folder by whole names") {
  CHECK(is_at_or_below("/mnt", "/mnt"));
  CHECK(is_at_or_below("/mnt/a", "/mnt"));
  CHECK_FALSE(is_at_or_below("/mnt2", "/mnt"));
  CHECK_FALSE(is_at_or_below("/", "/mnt"));
  CHECK(is_at_or_below("/mnt", "/"));
  CHECK_FALSE(is_at_or_below("", "/"));
}

TEST_CASE("who has a file open or works in a folder is found by name and pid") {
  const TempDir folder("/tmp", "holders");
  const std::string path = folder.path().string();
  const auto file = open_file(path + "/open", O_WRONLY | O_CREAT);
  REQUIRE(file);
  const auto writer = spawn({.argv = {"/bin/sleep", "100"}, .output = &*file});
  const auto worker = spawn({.argv = {"/bin/sh", "-c", "cd " + path + "; exec sleep 101"}});
  REQUIRE(writer);
  REQUIRE(worker);
  std::vector<Holder> holders;
  for (int i = 0; i < 100 && holders.size() < 2; ++i) {
    holders = find_holders(path);
    ::usleep(20'000);
  }
  CHECK(holder_words(holders).find("sleep (pid " + std::to_string(*writer) + ")") != std::string::npos);
  CHECK(holder_words(holders).find("(pid " + std::to_string(*worker) + ")") != std::string::npos);
  const auto writers = find_holders(path, "/proc", Use::writing);  // this process is never one
  CHECK(holder_words(writers) == "sleep (pid " + std::to_string(*writer) + ")");
  for (const pid_t pid : {*writer, *worker}) ::kill(pid, SIGKILL);
}

TEST_CASE("of many holders three are named") {
  CHECK(holder_words({}).empty());
  CHECK(holder_words({{7, "vim"}}) == "vim (pid 7)");
  CHECK(holder_words({{1, "a"}, {2, "b"}, {3, "c"}, {4, "d"}, {5, "e"}}) ==
        "a (pid 1), b (pid 2), c (pid 3) and 2 more");
}

TEST_CASE("a text goes to every terminal, and one that takes nothing holds up nobody") {
  const TempDir folder("/tmp", "terminals");
  std::array<int, 2> good{}, stuck{};
  std::array<char, 64> good_name{}, stuck_name{};
  REQUIRE(::openpty(&good[0], &good[1], good_name.data(), nullptr, nullptr) == 0);
  REQUIRE(::openpty(&stuck[0], &stuck[1], stuck_name.data(), nullptr, nullptr) == 0);
  REQUIRE(::tcflow(stuck[1], TCOOFF) == 0);
  REQUIRE(::symlink(stuck_name.data(), (folder.path() / "0").c_str()) == 0);
  REQUIRE(::symlink(good_name.data(), (folder.path() / "1").c_str()) == 0);
  REQUIRE(::symlink("/nowhere", (folder.path() / "2").c_str()) == 0);
  REQUIRE(::symlink(good_name.data(), (folder.path() / "ptmx").c_str()) == 0);
  const auto started = Clock::now();
  for (int i = 0; i < 3; ++i) write_to_terminals("the time is up", folder.path().string());
  CHECK(Clock::now() - started < Milliseconds(1'000));
  std::array<char, 256> shown{};
  const ssize_t count = ::read(good[0], shown.data(), shown.size());
  REQUIRE(count > 0);
  const std::string text(shown.data(), static_cast<std::size_t>(count));
  CHECK(text.starts_with("\r\r\n\athe time is up\r"));
  for (const int fd : {good[0], good[1], stuck[0], stuck[1]}) ::close(fd);
}

TEST_CASE("what is run aside gives its number, and costs its time at most") {
  const auto until = [](int milliseconds) { return Clock::now() + Milliseconds(milliseconds); };
  CHECK(run_aside(until(5'000), [] { return 5; }) == 5);
  CHECK(run_aside(until(5'000), []() -> int { ::_exit(0); }) == 0);
  CHECK_FALSE(run_aside(until(5'000), [] { return ::raise(SIGKILL); }));
  const auto started = Clock::now();
  CHECK_FALSE(run_aside(until(100), [] { return static_cast<int>(::sleep(100)); }));
  CHECK(Clock::now() - started < Milliseconds(3'000));
}
