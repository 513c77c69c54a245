// What PID 1 lives through, as PID 1 of a process namespace of its own.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "init/sys/folder.hpp"
#include "init/sys/holders.hpp"
#include "init/sys/service.hpp"
#include "init/sys/worker.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;

namespace {

constexpr unsigned test_limit = 170;  // seconds; 11,000 forks may take a minute on busy processors

[[noreturn]] void become_pid_1(const std::function<std::string()>& body, int report) {
  ::alarm(test_limit);
  if (::mount("proc", "/proc", "proc", 0, nullptr) != 0 || ::mount("tmpfs", "/tmp", "tmpfs", 0, "size=64k") != 0)
    ::_exit(1);
  const std::string text = body();
  const ssize_t written = ::write(report, text.data(), text.size());
  ::_exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
}

/// Runs it as PID 1, with /proc of its own and 64 KiB of RAM disk at /tmp; what it returns comes back. Nothing where
/// this machine does not allow that.
std::optional<std::string> as_pid_1(const std::function<std::string()>& body) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const pid_t outer = ::fork();
  if (outer == 0) {
    if (::unshare(CLONE_NEWPID | CLONE_NEWNS) != 0 || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
      ::_exit(77);
    const pid_t inner = ::fork();
    if (inner == 0) become_pid_1(body, ends[1]);
    int status = 0;
    ::_exit(::waitpid(inner, &status, 0) == inner && status == 0 ? 0 : 1);
  }
  ::close(ends[1]);
  const Fd pipe(ends[0]);
  std::string text(4096, '\0');
  const ssize_t count = ::read(pipe.get(), text.data(), text.size());
  text.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
  int status = 0;
  REQUIRE(::waitpid(outer, &status, 0) == outer);
  if (WEXITSTATUS(status) == 77) {
    WARN("skipped: needs root and process namespaces");
    return std::nullopt;
  }
  CHECK(status == 0);
  return text;
}

/// KiB, as /proc/self/status says: "VmRSS", "VmData".
long memory(std::string_view field) {
  const std::string status = read_file("/proc/self/status").value_or("");
  const std::size_t at = status.find(std::string(field) + ":");
  return at == std::string::npos ? -1 : std::strtol(status.c_str() + at + field.size() + 1, nullptr, 10);
}

int zombies() {
  int count = 0;
  for (const FolderEntry& entry : list_folder("/proc"))
    if (read_file("/proc/" + entry.name + "/stat", 4096).value_or("").find(") Z ") != std::string::npos) ++count;
  return count;
}

bool alone() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0;
}

#ifdef __SANITIZE_ADDRESS__
constexpr int many = 1'000;  // fork copies the sanitizer's tables, too: ten times as slow
#else
constexpr int many = 10'000;
#endif

/// Each child leaves ten of its own behind, which end as orphans: half of the forks that one each would take.
std::string leave_orphans(int count) {
  constexpr int litter = 10;
  const auto leave_litter = [] {
    for (int i = 0; i < litter; ++i) {
      const pid_t orphan = ::fork();
      if (orphan == 0) ::_exit(0);
      if (orphan < 0) return 1;
    }
    return 0;
  };
  for (int left = 0; left < count; left += litter) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(leave_litter());
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0) return "fork failed";
  }
  return "left";
}

Service sleeper() {
  return {.name = "it", .command = [] { return Command{.argv = {"/bin/sleep", "1000"}}; }};
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace

TEST_CASE("10,000 orphans are reaped, a timer still comes in time, and the memory does not grow") {
  const auto facts = as_pid_1([] {
    auto loop = std::move(*Loop::create());
    std::string left;
    static_cast<void>(leave_orphans(10));  // what the C library allocates once
    const long before = memory("VmData");
    start_work(*loop, {.name = "orphans",
                       .limit = Milliseconds(150'000),
                       .run = [] { return leave_orphans(many); },
                       .ended = [&](const Result<std::string>& text) { left = text ? *text : text.error(); }});
    bool timer = false;
    const auto started = Clock::now();
    auto late = Milliseconds(0);
    loop->after(Milliseconds(100), [&] {
      timer = true;
      late = std::chrono::duration_cast<Milliseconds>(Clock::now() - started) - Milliseconds(100);
    });
    static_cast<void>(loop->run_until([&] { return !left.empty() && alone(); }, Milliseconds(150'000)));
    return left + " zombies=" + std::to_string(zombies()) + " grown=" + std::to_string(memory("VmData") - before) +
           (timer && late < Milliseconds(2'000) ? " in time" : " late");
  });
  if (facts) CHECK(*facts == "left zombies=0 grown=0 in time");
}

TEST_CASE("a service that is killed 20 times comes back each time, later and later up to a bound") {
  const auto facts = as_pid_1([]() -> std::string {
    auto loop = std::move(*Loop::create());
    int told = 0;
    Services services(*loop, "/tmp", [&](const std::string&) { ++told; },
                      {.first = Milliseconds(4), .longest = Milliseconds(128), .long_run = Milliseconds(10'000)});
    services.start(sleeper());
    std::vector<long> pauses;
    for (int i = 0; i < 20; ++i) {
      const auto killed = Clock::now();
      for (const Holder& process : find_processes()) ::kill(process.pid, SIGKILL);
      const int before = services.restarts("it");
      if (!loop->run_until([&] { return services.restarts("it") > before; }, Milliseconds(5'000))) return "not ended";
      if (!loop->run_until([&] { return services.is_running("it"); }, Milliseconds(5'000))) return "not back";
      pauses.push_back(static_cast<long>(std::chrono::duration_cast<Milliseconds>(Clock::now() - killed).count()));
    }
    const bool grows = pauses[0] >= 4 && pauses[1] >= 8 && pauses[4] >= 64 && pauses[5] >= 128;
    const bool bounded = std::ranges::all_of(pauses, [](long pause) { return pause < 1'000; });
    return std::string(grows ? "grows " : "does not grow ") + (bounded ? "bounded" : "unbounded") +
           " told=" + std::to_string(told) + " zombies=" + std::to_string(zombies());
  });
  if (facts) CHECK(*facts == "grows bounded told=5 zombies=0");  // 4, 8, 16, 32, 64 ms; then it is no news
}

TEST_CASE("where no process can be made, workers and services say so, and it is all there again afterwards") {
  const auto facts = as_pid_1([]() -> std::string {
    auto loop = std::move(*Loop::create());
    if (::setresuid(65'534, 65'534, 65'534) != 0) return "no other user";  // the limit does not hold for root
    const rlimit none{1, 100};
    if (::setrlimit(RLIMIT_NPROC, &none) != 0) return "no limit";
    std::vector<std::string> told;
    Services services(*loop, "/tmp", [&](const std::string& line) { told.push_back(line); },
                      {.first = Milliseconds(10), .longest = Milliseconds(40)});
    services.start(sleeper());
    start_work(*loop, {.name = "work",
                       .limit = Milliseconds(1'000),
                       .run = [] { return std::string(); },
                       .ended = [&](const Result<std::string>& text) { told.push_back(text ? "?" : text.error()); }});
    static_cast<void>(loop->run_until([&] { return services.restarts("it") == 6; }, Milliseconds(5'000)));
    told.push_back("restarts=" + std::to_string(services.restarts("it")));
    const rlimit enough{100, 100};
    if (::setrlimit(RLIMIT_NPROC, &enough) != 0) return "no larger limit";
    static_cast<void>(loop->run_until([&] { return services.is_running("it"); }, Milliseconds(5'000)));
    return joined(told) + (services.is_running("it") ? "runs" : "does not run");
  });
  if (!facts) return;
  CHECK(*facts ==
        "it ended: starting /bin/sleep: Resource temporarily unavailable; it is started again\n"
        "work: Resource temporarily unavailable\n"
        "it ended: starting /bin/sleep: Resource temporarily unavailable; it is started again\n"
        "restarts=6\nruns");
}

TEST_CASE("on a full RAM disk services go on without their logs, and a file that cannot be renewed stays as it was") {
  const auto facts = as_pid_1([]() -> std::string {
    auto loop = std::move(*Loop::create());
    if (!write_file("/tmp/report", "the old report")) return "no report";
    if (write_file("/tmp/full", std::string(1 << 20, 'x'))) return "it is not full";
    const Status renewed = replace_file("/tmp/report", std::string(20'000, 'n'));
    Services services(*loop, "/tmp", [](const std::string&) {});
    services.start({.name = "it", .command = [] {
                      return Command{.argv = {"/bin/sh", "-c", "echo a; echo 'last words'; exec sleep 1000"}};
                    }});
    static_cast<void>(loop->run_until([&] { return services.last_words("it") == "last words"; }, Milliseconds(5'000)));
    return (renewed ? "renewed" : renewed.error()) + "\n" + read_file("/tmp/report").value_or("?") + "\n" +
           (read_file("/tmp/report.new") ? "a rest" : "no rest") + "\n" + services.last_words("it") +
           (services.is_running("it") ? ", runs" : ", does not run");
  });
  if (facts)
    CHECK(*facts == "writing /tmp/report.new: No space left on device\nthe old report\nno rest\nlast words, runs");
}
