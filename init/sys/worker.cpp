#include "init/sys/worker.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <exception>
#include <memory>
#include <utility>

#include "init/sys/aside.hpp"
#include "init/sys/spawn.hpp"
#include "init/sys/traceless_exit.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t largest_answer = std::size_t{4} << 20;

/// The first byte of every whole answer; its absence tells an answer that was cut off from an empty one.
constexpr char answer_begins = '=';
/// The first byte of a part; then its length in hexadecimal digits, and the part.
constexpr char part_begins = '+';
constexpr std::size_t length_digits = 8;

/// The child's end of the pipe, in the child.
int told_to = -1;

bool write_all(int pipe, std::string_view rest) {
  while (!rest.empty()) {
    const ssize_t count = ::write(pipe, rest.data(), rest.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return false;
    rest.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

/// The child's exit status. A function of its own: nothing of what it held stays in the frames above.
[[gnu::noinline]] int answer(const Work& work, const Fd& pipe) {
  try {
    return write_all(pipe.get(), answer_begins + work.run()) ? 0 : 1;
  } catch (const std::exception&) {
    return 2;
  }
}

[[noreturn]] void run_in_child(const Work& work, const Fd& pipe) {
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  ::setsid();
  let_go_of_terminal();
  if (work.holds_secrets) keep_freed_memory();
  told_to = pipe.get();
  const int status = answer(work, pipe);
  if (work.holds_secrets) exit_without_trace(status);
  ::_exit(status);
}

/// One child in flight; owned by the handlers that the loop holds for it.
class Flight : public std::enable_shared_from_this<Flight> {
 public:
  Flight(Loop& loop, Work work, pid_t pid, Fd pipe)
      : loop_(loop), work_(std::move(work)), pid_(pid), pipe_(std::move(pipe)) {}

  void begin() {
    auto self = shared_from_this();
    timer_ = loop_.after(work_.limit, [self] { self->expire(); });
    loop_.on_child(pid_, [self](int status) { self->finish(status); });
    if (Status watched = loop_.watch(pipe_, EPOLLIN, [self](std::uint32_t) { self->receive(); }); !watched) expire();
  }

 private:
  /// Takes what is there; at the end of the pipe the child's end tells the rest.
  void receive() {
    std::array<char, 16384> buffer{};
    while (true) {
      const ssize_t count = ::read(pipe_.get(), buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count == 0) loop_.unwatch(pipe_);
      if (count <= 0) return;
      answer_.append(buffer.data(), static_cast<std::size_t>(count));
      take_parts();
      if (over_) return;
      if (answer_.size() > largest_answer) return fail("an answer of more than 4 MiB");
    }
  }

  void take_parts() {
    while (!over_ && work_.part && answer_.size() > length_digits && answer_.front() == part_begins) {
      std::size_t length = largest_answer;
      std::from_chars(answer_.data() + 1, answer_.data() + 1 + length_digits, length, 16);
      if (answer_.size() - 1 - length_digits < length) return;
      std::string part = answer_.substr(1 + length_digits, length);
      answer_.erase(0, 1 + length_digits + length);
      work_.limit = work_.part(std::move(part));
      loop_.cancel(timer_);
      timer_ = loop_.after(work_.limit, [self = shared_from_this()] { self->expire(); });
    }
  }

  void finish(int status) {
    receive();
    if (over_) return;
    if (status != 0 || answer_.empty() || answer_.front() != answer_begins) return fail(describe_end(status));
    close();
    work_.ended(answer_.substr(1));
  }

  void expire() { fail(std::string(no_answer_words) + std::to_string(work_.limit.count() / 1000) + " seconds"); }

  void fail(const std::string& why) {
    if (over_) return;
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);
    loop_.forget_child(pid_);
    close();
    work_.ended(Failure{work_.name + ": " + why});
  }

  void close() {
    over_ = true;
    loop_.unwatch(pipe_);
    loop_.cancel(timer_);
    pipe_.reset();
  }

  Loop& loop_;
  Work work_;
  pid_t pid_;
  Fd pipe_;
  Loop::Timer timer_ = 0;
  std::string answer_;
  bool over_ = false;
};

}  // namespace

void start_work(Loop& loop, Work work) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return work.ended(failure_from_errno(work.name, errno));
  Fd ours(ends[0]), theirs(ends[1]);
  ::fcntl(ours.get(), F_SETFL, O_NONBLOCK);
  const pid_t pid = ::fork();
  if (pid < 0) return work.ended(failure_from_errno(work.name, errno));
  if (pid == 0) run_in_child(work, theirs);
  theirs.reset();
  std::make_shared<Flight>(loop, std::move(work), pid, std::move(ours))->begin();
}

void tell_part(std::string_view text) {
  std::array<char, length_digits + 2> head{};
  std::snprintf(head.data(), head.size(), "%c%08zx", part_begins, text.size());
  write_all(told_to, std::string(head.data()).append(text));
}

}  // namespace lifeboat::init
