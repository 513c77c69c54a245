#include "init/sys/console.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "builder/base/file.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using lifeboat::TempDir;

namespace {

/// A console that is a FIFO: it takes 64 KiB, then no more until somebody reads.
struct Fifo {
  explicit Fifo(const std::string& path) {
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    reader = Fd(::open(path.c_str(), O_RDONLY | O_NONBLOCK));
    REQUIRE(reader);
  }
  std::string read_all() const {
    std::string text(1 << 20, '\0');
    const ssize_t count = ::read(reader.get(), text.data(), text.size());
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return text;
  }
  Fd reader;
};

}  // namespace

TEST_CASE("every console gets every line, and one that is not there is left out") {
  const TempDir folder("/tmp", "console");
  const Fifo first((folder.path() / "ttyS0").string()), second((folder.path() / "hvc0").string());
  Consoles consoles({"ttyS0", "missing", "hvc0"}, folder.path().string());
  CHECK(consoles.names() == std::vector<std::string>{"ttyS0", "hvc0"});
  consoles.write_line("a line");
  CHECK(first.read_all() == "a line\n");
  CHECK(second.read_all() == "a line\n");
}

TEST_CASE("a console that takes nothing holds up nobody, and gets the rest from the loop later") {
  const TempDir folder("/tmp", "console");
  const Fifo slow((folder.path() / "slow").string()), quick((folder.path() / "quick").string());
  const auto loop = std::move(*Loop::create());
  Consoles consoles({"slow", "quick"}, folder.path().string());
  consoles.follow(*loop);
  const std::string line(1000, 'x');
  std::string quick_text;
  for (int i = 0; i < 100; ++i) {
    consoles.write_line(line);
    quick_text += quick.read_all();
  }
  CHECK(quick_text.size() == 100 * 1001);
  std::string slow_text = slow.read_all();
  CHECK(slow_text.size() > 32768);  // what a FIFO takes, in whole lines or not
  CHECK(slow_text.size() < 100 * 1001);
  const auto all = [&] {
    slow_text += slow.read_all();
    return slow_text.size() == 100 * 1001;
  };
  CHECK(loop->run_until(all, Milliseconds(5000)));
}

TEST_CASE("a console that never takes anything collects a bounded text, and a flush ends in time") {
  const TempDir folder("/tmp", "console");
  const Fifo stuck((folder.path() / "stuck").string());
  Consoles consoles({"stuck"}, folder.path().string());
  for (int i = 0; i < 1000; ++i) consoles.write_line(std::string(1000, 'x'));
  const auto started = Clock::now();
  consoles.flush(Milliseconds(100));
  CHECK(Clock::now() - started < Milliseconds(2000));
  std::size_t total = 0;
  for (std::string text = stuck.read_all(); !text.empty(); text = stuck.read_all()) {
    total += text.size();
    consoles.flush(Milliseconds(0));
  }
  CHECK(total < (std::size_t{400} << 10));
}

TEST_CASE("while a getty takes the terminal nothing is shown, and then everything, once and in order") {
  const TempDir folder("/tmp", "console");
  const Fifo fifo((folder.path() / "ttyS0").string());
  const auto loop = std::move(*Loop::create());
  Consoles consoles({"ttyS0"}, folder.path().string());
  consoles.follow(*loop);
  consoles.write_line("before");
  CHECK(fifo.read_all() == "before\n");
  consoles.hold(Milliseconds(200));
  consoles.write_line("first");
  consoles.write_line("second");
  static_cast<void>(loop->run_until([] { return false; }, Milliseconds(50)));
  CHECK(fifo.read_all().empty());
  std::string shown;
  REQUIRE(loop->run_until([&] { return !(shown += fifo.read_all()).empty(); }, Milliseconds(5000)));
  CHECK(shown == "first\nsecond\n");
  consoles.hold(Milliseconds(60'000));
  consoles.write_line("last words");
  consoles.flush(Milliseconds(1000));
  CHECK(fifo.read_all() == "last words\n");
}

TEST_CASE("a console that came later shows what is said from then on, and one that was there is not shown twice") {
  const TempDir folder("/tmp", "console");
  const Fifo first((folder.path() / "ttyS0").string());
  Consoles consoles({"ttyS0", "hvc0"}, folder.path().string());
  consoles.write_line("one");
  const Fifo later((folder.path() / "hvc0").string());
  consoles.add({"ttyS0", "hvc0", "missing"});
  consoles.write_line("two");
  CHECK(consoles.names() == std::vector<std::string>{"ttyS0", "hvc0"});
  CHECK(first.read_all() == "one\ntwo\n");
  CHECK(later.read_all() == "two\n");
}

TEST_CASE("the consoles in use are those that the kernel names, in its order") {
  const TempDir folder("/tmp", "console");
  const std::string file = (folder.path() / "active").string();
  REQUIRE(write_file(file, "tty0 ttyS0\n"));
  CHECK(find_consoles(file) == std::vector<std::string>{"tty0", "ttyS0"});
  REQUIRE(write_file(file, "\n"));
  CHECK(find_consoles(file) == std::vector<std::string>{"console"});
  CHECK(find_consoles("/nonexistent") == std::vector<std::string>{"console"});
}

TEST_CASE("a console that was hung up, as when somebody logs out there, is opened again and shows the next line") {
  std::array<int, 2> ends{};
  std::array<char, 64> name{};
  REQUIRE(::openpty(&ends[0], &ends[1], name.data(), nullptr, nullptr) == 0);
  const std::string path = name.data();
  Consoles consoles({path.substr(path.rfind('/') + 1)}, path.substr(0, path.rfind('/')));
  const pid_t leader = ::fork();
  if (leader == 0) {
    ::setsid();
    ::signal(SIGHUP, SIG_IGN);
    ::_exit(::ioctl(ends[1], TIOCSCTTY, 1) == 0 && ::vhangup() == 0 ? 0 : 1);
  }
  int status = 1;
  REQUIRE(::waitpid(leader, &status, 0) == leader);
  if (status != 0) {
    WARN("skipped: needs root");
    return;
  }
  REQUIRE(::write(ends[1], "x", 1) < 0);
  consoles.write_line("it is said here too");
  std::array<char, 64> shown{};
  pollfd poll{ends[0], POLLIN, 0};
  REQUIRE(::poll(&poll, 1, 2'000) == 1);
  const ssize_t count = ::read(ends[0], shown.data(), shown.size());
  REQUIRE(count > 0);
  CHECK(std::string(shown.data(), static_cast<std::size_t>(count)) == "it is said here too\r\n");
  for (const int end : ends) ::close(end);
}
