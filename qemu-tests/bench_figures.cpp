#include "qemu-tests/bench_figures.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <thread>

#include "qemu-tests/harness/process.hpp"

namespace lifeboat::qemu {
namespace fs = std::filesystem;
namespace {

constexpr seconds longest{3600};
constexpr std::chrono::milliseconds pause{10};

/// Resident bytes of the process; 0 once it has ended.
double resident(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  double all = 0, pages = 0;
  file >> all >> pages;
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

std::vector<pid_t> children_of(pid_t pid) {
  std::vector<pid_t> children;
  std::error_code error;
  const fs::path tasks = "/proc/" + std::to_string(pid) + "/task";
  for (fs::directory_iterator at(tasks, error), end; !error && at != end; at.increment(error)) {
    std::ifstream file(at->path() / "children");
    std::copy(std::istream_iterator<pid_t>(file), {}, std::back_inserter(children));
  }
  return children;
}

double resident_of_tree(pid_t pid) {
  double sum = resident(pid);
  for (const pid_t child : children_of(pid)) sum += resident_of_tree(child);
  return sum;
}

/// An unnamed file for what the program says on standard error.
class Said {
 public:
  int fd() const { return ::fileno(file_.get()); }
  std::string text() const {
    std::string all(4096, '\0');
    const off_t size = ::lseek(fd(), 0, SEEK_END);
    const ssize_t n = ::pread(fd(), all.data(), all.size(), std::max<off_t>(0, size - 4096));
    return all.substr(0, static_cast<std::size_t>(std::max<ssize_t>(0, n)));
  }

 private:
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_{std::tmpfile(), std::fclose};
};

pid_t start(const std::vector<std::string>& argv, const fs::path& input, const Said& said) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, 0, input.empty() ? "/dev/null" : input.c_str(), O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, said.fd(), 2);
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, words[0], &actions, nullptr, words.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw Failure("starting " + argv[0] + ": " + std::strerror(error));
  return pid;
}

/// The kernel knows each process's own peak, and the samples what they took at one time; the truth is above both.
struct Watched {
  int status = 0;
  double peak = 0;
};

Watched watch(pid_t pid, Deadline deadline) {
  Watched watched;
  rusage usage{};
  while (::wait4(pid, &watched.status, WNOHANG, &usage) == 0) {
    watched.peak = std::max(watched.peak, resident_of_tree(pid));
    if (std::chrono::steady_clock::now() > deadline) ::kill(pid, SIGKILL);
    std::this_thread::sleep_for(pause);
  }
  watched.peak = std::max(watched.peak, static_cast<double>(usage.ru_maxrss) * 1024);
  return watched;
}

}  // namespace

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void print_row(const Row& row) {
  std::printf("  %-58s %8.2f %s", row.what.c_str(), row.value, row.unit);
  if (row.other > 0) std::printf("   %.2f x %s", row.value / row.other, row.other_name);
  if (row.limit > 0) std::printf("   limit %g %s: %s", row.limit, row.unit, row.value <= row.limit ? "ok" : "OVER");
  std::printf("\n");
  std::fflush(stdout);
}

void print_title(const std::string& title) {
  std::printf("%s\n", title.c_str());
  std::fflush(stdout);
}

Cost cost_of(const std::vector<std::string>& argv, const fs::path& input) {
  const Said said;
  const auto begin = std::chrono::steady_clock::now();
  const Watched watched = watch(start(argv, input, said), begin + longest);
  const double taken = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  if (watched.status != 0)
    throw Failure(quote_command(argv).substr(0, 300) + " failed (wait status " + std::to_string(watched.status) +
                  "):\n" + said.text());
  return {taken, watched.peak / mebibyte};
}

}  // namespace lifeboat::qemu
