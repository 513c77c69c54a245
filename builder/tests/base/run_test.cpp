// Real programs: sh, cat, sleep. Interruptions are tried in a child of the test, for they last.
#include "builder/base/run.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/interrupt.hpp"
#include "builder/tests/base/message_of.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace {

Command shell(const std::string& script) { return {.argv = {"sh", "-c", script}}; }

double seconds_of(const std::function<void()>& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// A user's or group's line in a new namespace: root, and nobody else.
std::string only(unsigned id) { return "0 " + std::to_string(id) + " 1"; }

/// Runs `body` in a process that sees a new small file system at `folder`; whether this machine lets it.
bool on_small_disk(const std::filesystem::path& folder, const char* size, const std::function<void()>& body) {
  std::filesystem::create_directories(folder);
  const pid_t child = ::fork();
  if (child == 0) {
    const std::string options = std::string("size=") + size;
    const std::array<std::pair<const char*, std::string>, 3> who{{{"/proc/self/setgroups", "deny"},
                                                                  {"/proc/self/uid_map", only(::getuid())},
                                                                  {"/proc/self/gid_map", only(::getgid())}}};
    if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) ::_exit(1);
    for (const auto& [path, words] : who) {  // whom the new namespace does not know may write no file
      const Fd file(::open(path, O_WRONLY | O_CLOEXEC));
      if (::write(file.get(), words.data(), words.size()) != static_cast<ssize_t>(words.size())) ::_exit(1);
    }
    if (::mount("small", folder.c_str(), "tmpfs", 0, options.c_str()) != 0) ::_exit(1);
    body();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return status == 0;
}

/// Whether `body`, in a process of its own that catches interrupts, ends with Interrupted.
bool is_interrupted(const std::function<void()>& body) {
  const pid_t child = ::fork();
  if (child == 0) {
    catch_interrupts();
    try {
      body();
    } catch (const Interrupted& interrupted) {
      ::_exit(interrupted.signal());
    } catch (...) {
    }
    ::_exit(100);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == SIGINT;
}

}  // namespace

TEST_CASE("a program's output, error output and status come back") {
  const Outcome outcome = run(shell("echo out; echo err >&2; exit 3"));
  CHECK(outcome.status == 3);
  CHECK(outcome.out == "out\n");
  CHECK(outcome.err == "err\n");
  CHECK(run(shell("kill -TERM $$")).status == 128 + SIGTERM);
}

TEST_CASE("more output than a pipe holds comes back whole") {
  CHECK(run_checked(shell("head -c 3000000 /dev/zero; head -c 3000000 /dev/zero >&2")).size() == 3000000);
}

TEST_CASE("a program reads the input given, or nothing") {
  const std::string input(1000000, 'x');
  CHECK(run_checked({.argv = {"cat"}, .input = input}) == input);
  CHECK(run_checked({.argv = {"cat"}}).empty());
}

TEST_CASE("a program sees a short environment and its own folder") {
  ::setenv("LIFEBOAT_SECRET", "1", 1);
  CHECK(run_checked({.argv = {"/usr/bin/env"}, .environment = {{"TZ", "CET"}, {"A", "b c"}}}) ==
        "A=b c\nHOME=/nonexistent\nLC_ALL=C.UTF-8\n"
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nTZ=CET\n");
  CHECK(run_checked({.argv = {"/bin/pwd"}, .directory = "/usr/bin"}) == "/usr/bin\n");
}

TEST_CASE("a program has no descriptors but the three and those kept") {
  const Fd stray(::open("/dev/null", O_RDONLY));
  const Fd kept(::open("/dev/null", O_RDONLY));
  const auto numbers = std::to_string(stray.get()) + " " + std::to_string(kept.get());
  const std::string script = "for n in 0 1 2 " + numbers + "; do test -e /proc/$$/fd/$n && echo $n; done";
  CHECK(run_checked({.argv = {"sh", "-c", script}, .keep = {kept.get()}}) ==
        "0\n1\n2\n" + std::to_string(kept.get()) + "\n");
}

TEST_CASE("arguments are not read by any shell") {
  CHECK(run_checked({.argv = {"printf", "%s", "$HOME; `id` 'x' *"}}) == "$HOME; `id` 'x' *");
}

TEST_CASE("a failure shows the command, its status and its last lines") {
  CHECK(message_of([] { run_checked(shell("seq 1 20 >&2; exit 4")); }) ==
        "`sh -c 'seq 1 20 >&2; exit 4'` ended with status 4:\n13\n14\n15\n16\n17\n18\n19\n20");
  CHECK(message_of([] { run_checked(shell("echo only; exit 1")); }) ==
        "`sh -c 'echo only; exit 1'` ended with status 1:\nonly");
  CHECK(message_of([] { run_checked({.argv = {"false"}}); }) == "`false` ended with status 1");
}

TEST_CASE("a program that a full disk ended gets the hint, also where it speaks of an I/O error") {
  const auto hint_of = [](const std::string& script) {
    try {
      run_checked(shell(script));
    } catch (const Error& error) {
      return error.hint();
    }
    return std::string("no error");
  };
  CHECK(hint_of("head -c 9 /dev/zero >/dev/full") == "the file system is full; df -h shows which one");
  CHECK(hint_of("echo 'usr/bin/file: I/O error.' >&2; exit 1") ==
        "the file system may be full (df -h shows it), or the disk may be failing (dmesg shows it)");
  CHECK(hint_of("exit 1").empty());
}

TEST_CASE("a program that says nothing of the full disk that ended it gets the reason and the hint all the same") {
  const TempDir folder{std::filesystem::temp_directory_path(), "run-test"};
  const std::string file = folder.path() / "disk/file";
  const Command sorry{
      .argv = {"sh", "-c", "head -c 300000 /dev/zero 2>/dev/null >${1#*=}; echo sorry; exit 1", "sh", "--to=" + file}};
  const auto said_on_disk_of = [&](const char* size) {
    const std::filesystem::path answer = folder.path() / "answer";
    return on_small_disk(folder.path() / "disk", size,
                         [&] {
                           try {
                             run_checked(sorry);
                           } catch (const Error& error) {
                             replace_file(answer, std::string(error.what()) + "\nhint: " + error.hint());
                           }
                         })
               ? read_file(answer)
               : "not tried";
  };
  const std::string small = said_on_disk_of("256k");
  if (small == "not tried") {
    WARN("not tried: this machine lets nobody mount a small disk");
    return;
  }
  CHECK_THAT(small, Catch::EndsWith("ended with status 1:\nsorry\n" + file +
                                    ": No space left on device\n"
                                    "hint: the file system is full; df -h shows which one"));
  CHECK_THAT(said_on_disk_of("1m"), Catch::EndsWith("ended with status 1:\nsorry\nhint: "));
}

TEST_CASE("a missing program names what needs it") {
  CHECK(message_of([] { run({.argv = {"lifeboat-no-such-program"}, .needed_for = "writing the squashfs"}); }) ==
        "`lifeboat-no-such-program` is not installed, needed for writing the squashfs");
  CHECK(missing_program_hint("tar2sqfs") == "apt-get install squashfs-tools-ng");
  CHECK(missing_program_hint("lifeboat-no-such-program").empty());
}

TEST_CASE("a program that does not end is stopped") {
  const Command slow{.argv = {"sleep", "60"}, .timeout = std::chrono::seconds(1)};
  CHECK(seconds_of([&] {
          CHECK(message_of([&] { run(slow); }) == "`sleep 60` did not end within 1 s and was stopped");
        }) < 30);
  CHECK(message_of([&] { run_reading(slow, [](std::string_view) {}); }) ==
        "`sleep 60` did not end within 1 s and was stopped");
}

TEST_CASE("Ctrl-C ends a program that runs, and the program with it") {
  CHECK(seconds_of([] {
          CHECK(is_interrupted([] { run(shell("kill -INT $PPID; exec sleep 60")); }));
          CHECK(is_interrupted([] { run_reading(shell("kill -INT $PPID; exec sleep 60"), [](std::string_view) {}); }));
          CHECK(is_interrupted([] { Pipe(shell("kill -INT $PPID; exec sleep 60")).finish(); }));
        }) < 30);
}

TEST_CASE("output can be read while the program runs") {
  std::size_t bytes = 0, pieces = 0;
  run_reading(shell("head -c 3000000 /dev/zero"), [&](std::string_view piece) {
    bytes += piece.size();
    ++pieces;
  });
  CHECK(bytes == 3000000);
  CHECK(pieces > 1);
  CHECK(message_of([] { run_reading(shell("echo why >&2; exit 2"), [](std::string_view) {}); }) ==
        "`sh -c 'echo why >&2; exit 2'` ended with status 2:\nwhy");
}

TEST_CASE("an error of the reader ends the program") {
  CHECK(seconds_of([] {
          CHECK(message_of([] {
                  run_reading(shell("echo; exec sleep 60"), [](std::string_view) { throw Error("enough"); });
                }) == "enough");
        }) < 30);
}

TEST_CASE("a program reads what is written to it") {
  Pipe pipe({.argv = {"wc", "-c"}});
  const std::string piece(1000000, 'x');
  for (int i = 0; i < 3; ++i) pipe.write(piece);
  CHECK(pipe.finish() == "3000000\n");
}

TEST_CASE("a program that ends early says why, whoever notices first") {
  catch_interrupts();  // as main does: SIGPIPE must not end us
  const Command failing = shell("echo 'cannot write' >&2; exit 5");
  const std::string expected = "`sh -c 'echo '\\''cannot write'\\'' >&2; exit 5'` ended with status 5:\ncannot write";
  CHECK(message_of([&] {
          Pipe pipe(failing);
          while (true) pipe.write(std::string(100000, 'x'));
        }) == expected);
  CHECK(message_of([&] { Pipe(failing).finish(); }) == expected);
}

TEST_CASE("a program that is not fed to its end is ended") {
  CHECK(seconds_of([] { const Pipe pipe({.argv = {"sleep", "60"}}); }) < 30);
}

TEST_CASE("a child runs beside us until its status is asked for") {
  Child child(shell("read line; exit 7"), {});
  CHECK(child.wait(std::chrono::milliseconds(60000)) == 7);
  CHECK(child.wait(std::chrono::milliseconds(0)) == 7);
  CHECK(seconds_of([] {
          Child slow({.argv = {"sleep", "60"}}, {});
          CHECK(slow.wait(std::chrono::milliseconds(10)) == std::nullopt);
        }) < 30);
}

TEST_CASE("a command is quoted only where a shell needs it") {
  CHECK(quote_command({"tar2sqfs", "-c", "zstd", "--x=a,b", "/tmp/a_b.c"}) == "tar2sqfs -c zstd --x=a,b /tmp/a_b.c");
  CHECK(quote_command({"echo", "", "a b", "it's", "$x", "*", "~"}) == R"(echo '' 'a b' 'it'\''s' '$x' '*' '~')");
}
