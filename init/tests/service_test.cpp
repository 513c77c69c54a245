#include "init/sys/service.hpp"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "builder/base/file.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using lifeboat::TempDir;

namespace {

struct Bench {
  TempDir folder{"/tmp", "service"};
  std::unique_ptr<Loop> loop = std::move(*Loop::create());
  std::vector<std::string> told;
  Services services{*loop, folder.path().string(), [this](const std::string& line) { told.push_back(line); }};

  void start(const std::string& script, bool may_end = false) {
    services.start({.name = "it",
                    .command =
                        [script] {
                          return Command{.argv = {"/bin/sh", "-c", script}};
                        },
                    .may_end = may_end});
  }
  bool until(const std::function<bool()>& done) { return loop->run_until(done, Milliseconds(10'000)); }
  std::string log(const std::string& name) const {
    return read_file((folder.path() / name).string(), 1 << 22).value_or("");
  }
};

}  // namespace

TEST_CASE("a service that ends is started again, with its last words told and a growing pause") {
  Bench bench;
  const auto started = Clock::now();
  bench.start("echo first; echo 'last words'; exit 3");
  REQUIRE(bench.until([&] { return bench.told.size() == 3; }));
  CHECK(bench.told[0] == "it ended: exit status 3: last words; it is started again");
  CHECK(Clock::now() - started >= Milliseconds(250 + 500));
  CHECK(bench.services.restarts("it") == 3);
  CHECK(bench.services.last_words("it") == "last words");
  CHECK(bench.log("it.log").starts_with("first\nlast words\n"));
}

TEST_CASE("a service that may end is no news when it ends well, and is when it does not") {
  Bench bench;
  bench.start("exit 0", true);
  REQUIRE(bench.until([&] { return bench.services.restarts("it") == 2; }));
  CHECK(bench.told.empty());
  Bench other;
  other.start("exit 1", true);
  REQUIRE(other.until([&] { return !other.told.empty(); }));
  CHECK(other.told[0] == "it ended: exit status 1; it is started again");
}

TEST_CASE("a program that cannot be started is told and tried again") {
  Bench bench;
  bench.services.start({.name = "it", .command = [] { return Command{.argv = {"/nonexistent"}}; }});
  REQUIRE(bench.until([&] { return bench.told.size() == 2; }));
  CHECK(bench.told[0] ==
        "it ended: starting /nonexistent: executing it: No such file or directory; it is started again");
}

TEST_CASE("a service that was stopped stays stopped, and one that runs is not started twice") {
  Bench bench;
  bench.start("echo run; exec sleep 600");
  bench.start("echo twice; exec sleep 600");
  REQUIRE(bench.until([&] { return bench.services.last_words("it") == "run"; }));
  CHECK(bench.services.is_running("it"));
  bench.services.stop("it");
  REQUIRE(bench.until([&] { return !bench.services.is_running("it"); }));
  CHECK_FALSE(bench.loop->run_until([&] { return bench.services.is_running("it"); }, Milliseconds(400)));
  CHECK(bench.told.empty());
  CHECK(bench.log("it.log") == "run\n");
}

TEST_CASE("a signal reaches the service it is for; one for a service that there is not is nothing") {
  Bench bench;
  bench.start("trap 'echo got it; exec sleep 600' USR1; echo run; while :; do sleep 0.05; done");
  REQUIRE(bench.until([&] { return bench.services.last_words("it") == "run"; }));
  bench.services.signal("another", SIGUSR1);
  bench.services.signal("it", SIGUSR1);
  REQUIRE(bench.until([&] { return bench.services.last_words("it") == "got it"; }));
  bench.services.stop("it");
  REQUIRE(bench.until([&] { return !bench.services.is_running("it"); }));
  bench.services.signal("it", SIGUSR1);
  CHECK(bench.told.empty());
}

TEST_CASE("a service that prints without end fills its two logs and no more") {
  Bench bench;
  bench.start("head -c 2000000 /dev/zero | tr '\\0' x; exec sleep 600");
  const auto size = [&](const char* name) { return bench.log(name).size(); };
  REQUIRE(bench.until([&] { return size("it.log.1") > 0 && !bench.services.last_words("it").empty(); }));
  static_cast<void>(bench.loop->run_until([] { return false; }, Milliseconds(300)));
  CHECK(size("it.log") <= (256 << 10) + 8192);
  CHECK(size("it.log.1") <= (256 << 10) + 8192);
  bench.services.stop("it");
}

TEST_CASE("a service that is given up after so many useless runs is told once and started no more") {
  const TempDir folder("/tmp", "service");
  auto loop = std::move(*Loop::create());
  std::vector<std::string> told;
  Services services(*loop, folder.path().string(), [&](const std::string& line) { told.push_back(line); },
                    {.first = Milliseconds(2), .longest = Milliseconds(4)});
  const auto failing = [](std::string name, bool useless) {
    return Service{.name = std::move(name),
                   .command =
                       [] {
                         return Command{.argv = {"/bin/sh", "-c", "exit 1"}};
                       },
                   .may_end = true,
                   .give_up_after = 5,
                   .was_useless = [useless](std::chrono::seconds) { return useless; }};
  };
  services.start(failing("getty-ttyS7", true));
  services.start(failing("getty-tty1", false));  // somebody types wrong passwords there
  REQUIRE(loop->run_until([&] { return services.restarts("getty-tty1") >= 20; }, Milliseconds(10'000)));
  CHECK(services.restarts("getty-ttyS7") == 5);
  CHECK(std::ranges::count(told, "getty-ttyS7 is given up: it ended 5 times at once: exit status 1") == 1);
}
