#include "init/sys/spawn.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "builder/base/file.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;

namespace {

/// Starts it, waits for its end, and returns what it printed.
std::string output_of(Command command) {
  const lifeboat::TempDir folder("/tmp", "spawn");
  const std::string file = (folder.path() / "out").string();
  const auto out = open_file(file, O_WRONLY | O_CREAT);
  REQUIRE(out);
  command.output = &*out;
  const auto pid = spawn(command);
  REQUIRE(pid);
  int status = 0;
  REQUIRE(::waitpid(*pid, &status, 0) == *pid);
  CHECK(describe_end(status) == "exit status 0");
  return *read_file(file);
}

}  // namespace

TEST_CASE("a program gets its arguments, a short environment, a session of its own and no open files of ours") {
  const Fd leaked(::open("/dev/null", O_RDONLY));
  const std::string out = output_of(
      {.argv = {"/bin/sh", "-c", "echo \"$0|$1\"; env | sort; ls /proc/self/fd | tr '\\n' ' '", "a b", "$(c)"},
       .environment = {"X=1 2"}});
  CHECK(out.starts_with(
      "a b|$(c)\nHOME=/root\nLANG=C.UTF-8\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n"));
  CHECK(out.find("X=1 2\n") != std::string::npos);
  CHECK(out.find("0 1 2 3 ") != std::string::npos);  // 3 is ls's own
  CHECK(out.find("0 1 2 3 4") == std::string::npos);
}

TEST_CASE("a program that is not there fails with the stage and the reason, and leaves no child") {
  while (::waitpid(-1, nullptr, WNOHANG) > 0) {
  }
  const auto pid = spawn({.argv = {"/nonexistent/program"}});
  REQUIRE_FALSE(pid);
  CHECK(pid.error() == "starting /nonexistent/program: executing it: No such file or directory");
  CHECK(::waitpid(-1, nullptr, WNOHANG) <= 0);
}

TEST_CASE("a terminal that is not there fails with the stage and the reason") {
  const auto missing = spawn({.argv = {"/bin/true"}, .terminal = "/dev/nonexistent"});
  REQUIRE_FALSE(missing);
  CHECK(missing.error() == "starting /bin/true: opening its terminal: No such file or directory");
  const auto none = spawn({.argv = {"/bin/true"}, .terminal = "/dev/null"});
  REQUIRE_FALSE(none);
  CHECK(none.error() == "starting /bin/true: opening its terminal: Inappropriate ioctl for device");
}

TEST_CASE("a file that is no program, and no name at all, are failures") {
  CHECK(spawn({.argv = {"/etc/passwd"}}).error() == "starting /etc/passwd: executing it: Permission denied");
  CHECK(spawn({}).error() == "starting a program: no name given");
}

TEST_CASE("the end of a program is told in words") {
  CHECK(describe_end(3 << 8) == "exit status 3");
  CHECK(describe_end(9) == "signal 9 (Killed)");
}
