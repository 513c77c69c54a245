#include "init/sys/module_loaders.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <new>

#include "init/sys/clock.hpp"
#include "init/sys/module_state.hpp"

namespace lifeboat::init {
/// Named: ModuleLoaders::Batch holds some of it.
namespace module_loading {

/// How many drivers are loaded side by side. Few take long on most machines: a disk controller's, a network card's.
constexpr std::size_t most_at_once = 4;
/// With those that take the place of one that waits.
constexpr std::size_t most_loaders = 200;

/// Then a module that is there waits for devices.
constexpr std::int64_t module_patience = 30;  // milliseconds
/// Then its devices do not answer; once that is known of one, the others have less.
constexpr std::int64_t device_patience = 1'000, next_device_patience = 100;

/// What somebody who loads modules tells whoever watches.
struct Loader {
  std::atomic<std::int64_t> since{0};  ///< milliseconds; 0: not in the kernel
  std::atomic<std::size_t> at{0};      ///< which of the names
  std::atomic<bool> over{false};
  std::array<char, 64> module{};
};

/// What this process and its children know together.
struct Board {
  std::atomic<std::size_t> next{0};
  std::array<Loader, most_loaders> loaders;
};

class SharedBoard {
 public:
  SharedBoard() : memory_(::mmap(nullptr, sizeof(Board), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
    if (memory_ != MAP_FAILED) board_ = new (memory_) Board;
  }
  ~SharedBoard() {
    if (memory_ != MAP_FAILED) ::munmap(memory_, sizeof(Board));
  }
  SharedBoard(const SharedBoard&) = delete;
  SharedBoard& operator=(const SharedBoard&) = delete;
  Board* get() const { return board_; }

 private:
  void* memory_;
  Board* board_ = nullptr;
};

/// Of a process that loads modules; nullptr in others.
inline Loader* this_loader = nullptr;

inline std::int64_t now_ms() {
  return std::chrono::duration_cast<Milliseconds>(Clock::now().time_since_epoch()).count();
}

inline bool waits_for_devices(const Loader& loader) {
  const std::int64_t since = loader.since;
  return since != 0 && now_ms() - since > module_patience && module_state(loader.module.data()) == ModuleState::live;
}

/// In one piece: several write to one pipe.
inline void write_line(const Fd& pipe, std::string_view text) {
  const ssize_t written = ::write(pipe.get(), text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
  static_cast<void>(written);  // best effort: it tells of failures
}

}  // namespace module_loading

using namespace module_loading;

InsertingModule::InsertingModule(std::string_view module) {
  if (this_loader == nullptr) return;
  std::snprintf(this_loader->module.data(), this_loader->module.size(), "%.*s", static_cast<int>(module.size()),
                module.data());
  this_loader->since = now_ms();
}

InsertingModule::~InsertingModule() {
  if (this_loader != nullptr) this_loader->since = 0;
}

/// Names that were asked for together.
struct ModuleLoaders::Batch {
  struct Child {
    pid_t pid;
    Loader* loader;
    std::int64_t waits_since = 0;      ///< 0: it does not wait for devices
    std::int64_t in_kernel_since = 0;  ///< when it began to
  };

  std::vector<std::string> names;
  SharedBoard board;
  std::size_t started = 0;
  std::vector<Child> children;
};

ModuleLoaders::ModuleLoaders(Load load) : load_(std::move(load)) {
  std::array<int, 2> ends{-1, -1};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return;
  ours_ = Fd(ends[0]);
  theirs_ = Fd(ends[1]);
  ::fcntl(ours_.get(), F_SETFL, O_NONBLOCK);
}

ModuleLoaders::~ModuleLoaders() = default;

void ModuleLoaders::start(std::vector<std::string> names) {
  if (names.empty()) return;
  batches_.push_back(std::make_unique<Batch>());
  Batch& batch = *batches_.back();
  batch.names = std::move(names);
  for (std::size_t child = 0; child < std::min(batch.names.size(), most_at_once); ++child)
    start_child(batch, batch.names.size());
  if (batch.children.empty())
    for (const std::string& name : batch.names) said_ += load_(name);
}

/// `first`: one of the names that it begins with, or their number.
void ModuleLoaders::start_child(Batch& batch, std::size_t first) {
  Board* board = batch.board.get();
  if (board == nullptr || !ours_ || batch.started == most_loaders) return;
  Loader& loader = board->loaders[batch.started++];
  const pid_t pid = ::fork();
  if (pid > 0) batch.children.push_back({pid, &loader});
  if (pid != 0) return;
  this_loader = &loader;
  const std::size_t count = batch.names.size();
  for (std::size_t i = first < count ? first : board->next++; i < count; i = board->next++) {
    loader.at = i;
    if (const std::string failed = load_(batch.names[i]); !failed.empty()) write_line(theirs_, failed);
  }
  loader.over = true;
  write_line(theirs_, "\n");  // wakes who waits
  ::_exit(0);
}

/// Reaps those that ended, and starts another one beside each that only waits for its devices.
void ModuleLoaders::look_at(Batch& batch) {
  for (std::size_t i = 0; i < batch.children.size(); ++i) {  // it grows meanwhile
    Batch::Child& child = batch.children[i];
    if (child.loader->over || ::waitpid(child.pid, nullptr, WNOHANG) != 0) {
      if (child.loader->over) ::waitpid(child.pid, nullptr, 0);
      child.pid = 0;
      ++ended_;
      continue;
    }
    if (child.waits_since != 0 && child.loader->since == child.in_kernel_since) continue;
    child.waits_since = 0;
    if (!waits_for_devices(*child.loader)) continue;
    child.waits_since = now_ms();
    child.in_kernel_since = child.loader->since;
    start_child(batch, child.loader->at);
  }
  std::erase_if(batch.children, [](const Batch::Child& child) { return child.pid == 0; });
}

/// To PID 1, which reaps them. Whether any other is left.
bool ModuleLoaders::leave_slow_ones(Batch& batch) {
  std::erase_if(batch.children, [this](const Batch::Child& child) {
    const std::int64_t patience = held_up_ ? next_device_patience : device_patience;
    const bool slow = child.waits_since != 0 && now_ms() - child.waits_since > patience;
    held_up_ = held_up_ || slow;
    return slow;
  });
  return !batch.children.empty();
}

bool ModuleLoaders::wait(int word) {
  const std::size_t ended = ended_;
  while (true) {
    bool some = false;
    for (auto& batch : batches_) {
      look_at(*batch);
      some = leave_slow_ones(*batch) || some;
    }
    if (ended_ != ended) return true;
    if (!some) return false;
    if (wait_for_word(50, word)) return true;
  }
}

/// Whether it came from `word`.
bool ModuleLoaders::wait_for_word(int milliseconds, int word) {
  std::array<pollfd, 2> polls{{{ours_.get(), POLLIN, 0}, {word, POLLIN, 0}}};  // one below 0 is passed over
  ::poll(polls.data(), polls.size(), milliseconds);
  receive();
  return polls[1].revents != 0;
}

void ModuleLoaders::receive() {
  std::array<char, PIPE_BUF> buffer{};
  while (ours_) {
    const ssize_t count = ::read(ours_.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    said_.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

std::vector<Failure> ModuleLoaders::failures() {
  receive();
  std::vector<Failure> failures;
  std::string_view rest = said_;
  while (!rest.empty()) {
    const std::string line(rest.substr(0, rest.find('\n')));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const auto same = [&](const Failure& other) { return other.what == line; };
    if (!line.empty() && std::ranges::none_of(failures, same)) failures.push_back(Failure{line});
  }
  return failures;
}

}  // namespace lifeboat::init
