#include "builder/base/error.hpp"

#include <fcntl.h>

#include <cerrno>
#include <csignal>

#include "builder/base/fd.hpp"
#include "builder/tests/base/message_of.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace {

std::string hint_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.hint();
  }
  return "no error";
}

}  // namespace

TEST_CASE("context goes in front and the hint stays") {
  const auto failing = [] {
    with_context("building", [] { with_context("reading x", [] { throw Error("gone", "try y"); }); });
  };
  CHECK(message_of(failing) == "building: reading x: gone");
  CHECK(hint_of(failing) == "try y");
}

TEST_CASE("context changes nothing where all goes well") {
  CHECK(with_context("x", [] { return 7; }) == 7);
  int value = 1;
  with_context("x", [&]() -> int& { return value; }) = 2;
  CHECK(value == 2);
}

TEST_CASE("an interruption passes context unchanged") {
  try {
    with_context("building", [] { throw Interrupted(SIGINT); });
    FAIL("no error");
  } catch (const Interrupted& interrupted) {
    CHECK(std::string(interrupted.what()) == "interrupted");
    CHECK(interrupted.signal() == SIGINT);
  }
  CHECK(std::string(Interrupted(SIGTERM).what()) == "stopped by Terminated");
}

TEST_CASE("a system error says what was done and why it failed") {
  CHECK(std::string(system_error("opening /x", ENOENT).what()) == "opening /x: No such file or directory");
  CHECK(system_error("opening /x", ENOENT).hint().empty());
  CHECK(system_error("opening /x", ENOENT, "look").hint() == "look");
}

TEST_CASE("a full disk is an error with a hint") {
  const auto fill = [] { write_all(open_file("/dev/full", O_WRONLY), "bytes", "the cache"); };
  CHECK(message_of(fill) == "writing the cache: No space left on device");
  CHECK(hint_of(fill) == "the file system is full; df -h shows which one");
  CHECK(message_of([] { write_all_at(open_file("/dev/full", O_WRONLY), "bytes", 5, "the spool"); }) ==
        "writing the spool: No space left on device");
}
