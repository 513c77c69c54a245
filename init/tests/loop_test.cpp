#include "init/sys/loop.hpp"

#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <stdexcept>

#include "builder/base/file.hpp"
#include "init/sys/folder_watch.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;

namespace {

struct Pipe {
  Pipe() {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    out = Fd(ends[0]);
    in = Fd(ends[1]);
  }
  Fd out, in;
};

std::unique_ptr<Loop> make_loop() { return std::move(*Loop::create()); }

}  // namespace

TEST_CASE("a loop ends when it is done, and says so; else at its limit") {
  const auto loop = make_loop();
  bool fired = false;
  loop->after(Milliseconds(1), [&] { fired = true; });
  CHECK(loop->run_until([&] { return fired; }, Milliseconds(5000)));
  const auto started = Clock::now();
  CHECK_FALSE(loop->run_until([] { return false; }, Milliseconds(30)));
  CHECK(Clock::now() - started >= Milliseconds(30));
}

TEST_CASE("timers fire in the order of their time, and not after they were cancelled") {
  const auto loop = make_loop();
  std::string order;
  loop->after(Milliseconds(20), [&] { order += "c"; });
  loop->after(Milliseconds(1), [&] { order += "a"; });
  const auto cancelled = loop->after(Milliseconds(2), [&] { order += "x"; });
  loop->after(Milliseconds(3), [&] { order += "b"; });
  loop->cancel(cancelled);
  CHECK(loop->run_until([&] { return order.size() == 3; }, Milliseconds(5000)));
  CHECK(order == "abc");
}

TEST_CASE("a watched file calls its handler, which may remove itself") {
  const auto loop = make_loop();
  const Pipe pipe;
  int calls = 0;
  REQUIRE(loop->watch(pipe.out, EPOLLIN, [&](std::uint32_t) {
    ++calls;
    loop->unwatch(pipe.out);
  }));
  REQUIRE(::write(pipe.in.get(), "x", 1) == 1);
  CHECK_FALSE(loop->run_until([&] { return calls > 1; }, Milliseconds(20)));
  CHECK(calls == 1);
}

TEST_CASE("a handler that throws costs its own event and is told") {
  const auto loop = make_loop();
  std::string told;
  bool after = false;
  loop->on_trouble([&](const std::string& what) { told = what; });
  loop->after(Milliseconds(1), [] { throw std::runtime_error("a bug"); });
  loop->after(Milliseconds(2), [&] { after = true; });
  CHECK(loop->run_until([&] { return after; }, Milliseconds(5000)));
  CHECK(told == "a bug");
}

TEST_CASE("a signal and the end of a child arrive in the loop, each once") {
  const auto loop = make_loop();
  int signals = 0, ended = 0, status = -1;
  REQUIRE(loop->on_signal(SIGUSR1, [&] { ++signals; }));
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::kill(::getppid(), SIGUSR1);
    ::_exit(7);
  }
  loop->on_child(pid, [&](int how) {
    ++ended;
    status = how;
  });
  CHECK(loop->run_until([&] { return signals == 1 && ended == 1; }, Milliseconds(5000)));
  CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE("a child that nobody asked for is reaped") {
  const auto loop = make_loop();
  const pid_t pid = ::fork();
  if (pid == 0) ::_exit(0);
  CHECK(loop->run_until([&] { return ::kill(pid, 0) != 0; }, Milliseconds(5000)));
}

TEST_CASE("a folder tells of files that were put in place whole or removed, not of those being written") {
  const lifeboat::TempDir folder("/tmp", "watch");
  const std::string path = folder.path().string();
  auto watch = FolderWatch::open(path);
  REQUIRE(watch);
  REQUIRE(write_file(path + "/direct", "x"));
  REQUIRE(replace_file(path + "/whole", "x"));
  REQUIRE(::unlink((path + "/direct").c_str()) == 0);
  std::string names;
  watch->receive([&](const std::string& name) { names += name + " "; });
  CHECK(names == "whole direct ");
}
