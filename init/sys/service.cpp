#include "init/sys/service.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <utility>

namespace lifeboat::init {
namespace {

/// Half of what a log may take: a full one is kept as NAME.log.1.
constexpr off_t largest_log = off_t{256} << 10;
constexpr std::size_t longest_last_words = 400;

void append_to_log(const std::string& path, std::string_view text) {
  auto log = open_file(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
  struct stat found {};
  if (!log || ::fstat(log->get(), &found) != 0) return;
  if (found.st_size > largest_log) ::rename(path.c_str(), (path + ".1").c_str());
  const ssize_t written = ::write(log->get(), text.data(), text.size());
  static_cast<void>(written);  // a log that is full in RAM is no reason to stop
}

}  // namespace

struct Services::Running {
  Service service;
  pid_t pid = 0;  ///< 0: not running
  Fd output;
  std::string last_words;
  Milliseconds pause{};
  Clock::time_point started;
  Loop::Timer restart = 0;
  bool wanted = true;
  bool replaced = false;  ///< it was made to end so that `service` is started
  int restarts = 0;
  int useless_runs = 0;
};

Services::Services(Loop& loop, std::string log_folder, std::function<void(const std::string&)> tell,
                   ServicePauses pauses)
    : loop_(loop), log_folder_(std::move(log_folder)), tell_(std::move(tell)), pauses_(pauses) {}

Services::~Services() {
  for (auto& [name, running] : running_) {
    loop_.cancel(running->restart);
    loop_.unwatch(running->output);
    if (running->pid != 0) loop_.forget_child(running->pid);
  }
}

void Services::start(Service service) {
  auto& running = running_[service.name];
  if (running && running->wanted) return;
  if (!running) running = std::make_unique<Running>();
  running->service = std::move(service);
  running->wanted = true;
  running->pause = pauses_.first;
  running->useless_runs = 0;
  if (running->pid == 0) launch(*running);
}

void Services::restart(Service service) {
  const auto found = running_.find(service.name);
  if (found == running_.end() || found->second->pid == 0) {
    stop(service.name);
    return start(std::move(service));
  }
  Running& running = *found->second;
  running.service = std::move(service);
  running.wanted = running.replaced = true;
  ::kill(running.pid, SIGTERM);
}

void Services::launch(Running& running) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return ended(running, failure_from_errno("making a pipe", errno).what, false);
  loop_.unwatch(running.output);
  running.output = Fd(ends[0]);
  const Fd theirs(ends[1]);
  ::fcntl(running.output.get(), F_SETFL, O_NONBLOCK);
  Command command = running.service.command();
  if (command.terminal.empty()) command.output = &theirs;
  running.started = Clock::now();
  auto pid = spawn(command);
  if (!pid) return ended(running, pid.error(), false);
  running.pid = *pid;
  loop_.on_child(*pid, [this, &running](int status) {
    read_output(running);
    ended(running, describe_end(status), status == 0);
  });
  Status watched = loop_.watch(running.output, EPOLLIN, [this, &running](std::uint32_t) { read_output(running); });
  if (!watched) tell_(running.service.name + ": " + watched.error());
}

void Services::read_output(Running& running) {
  std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t count = ::read(running.output.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count == 0) loop_.unwatch(running.output);
    if (count <= 0) return;
    std::string_view text(buffer.data(), static_cast<std::size_t>(count));
    append_to_log(log_folder_ + "/" + running.service.name + ".log", text);
    text = text.substr(0, text.find_last_not_of("\r\n") + 1);
    const std::size_t line = text.find_last_of('\n');
    text = text.substr(line == std::string_view::npos ? 0 : line + 1);
    if (!text.empty()) running.last_words = text.substr(0, longest_last_words);
  }
}

void Services::ended(Running& running, const std::string& how, bool clean) {
  running.pid = 0;
  if (!running.wanted) return;
  if (std::exchange(running.replaced, false)) return launch(running);
  if (Clock::now() - running.started > pauses_.long_run) {
    running.pause = pauses_.first;
    running.restarts = 0;
  }
  ++running.restarts;
  if (give_up(running, how)) return;
  const bool news = !(running.service.may_end && clean) && running.pause < pauses_.longest;
  if (news)
    tell_(running.service.name + " ended: " + how + (running.last_words.empty() ? "" : ": " + running.last_words) +
          "; it is started again");
  running.restart = loop_.after(running.pause, [this, &running] {
    if (running.wanted && running.pid == 0) launch(running);
  });
  running.pause = std::min(running.pause * 2, pauses_.longest);
}

bool Services::give_up(Running& running, const std::string& how) {
  const auto ran = Clock::now() - running.started;
  const Service& service = running.service;
  const bool useless = ran <= pauses_.long_run &&
                       (!service.was_useless || service.was_useless(std::chrono::ceil<std::chrono::seconds>(ran)));
  running.useless_runs = useless ? running.useless_runs + 1 : 0;
  if (service.give_up_after == 0 || running.useless_runs < service.give_up_after) return false;
  running.wanted = false;
  tell_(service.name + " is given up: it ended " + std::to_string(running.useless_runs) + " times at once: " + how +
        (running.last_words.empty() ? "" : ": " + running.last_words));
  return true;
}

void Services::stop(const std::string& name) {
  const auto found = running_.find(name);
  if (found == running_.end()) return;
  found->second->wanted = false;
  loop_.cancel(found->second->restart);
  if (found->second->pid != 0) ::kill(found->second->pid, SIGTERM);
}

void Services::signal(const std::string& name, int number) const {
  const auto found = running_.find(name);
  if (found != running_.end() && found->second->pid != 0) ::kill(found->second->pid, number);
}

void Services::stop_all() {
  for (auto& [name, running] : running_) {
    running->wanted = false;
    loop_.cancel(running->restart);
  }
}

bool Services::is_running(const std::string& name) const {
  const auto found = running_.find(name);
  return found != running_.end() && found->second->pid != 0;
}

int Services::restarts(const std::string& name) const {
  const auto found = running_.find(name);
  return found == running_.end() ? 0 : found->second->restarts;
}

std::string Services::last_words(const std::string& name) const {
  const auto found = running_.find(name);
  return found == running_.end() ? "" : found->second->last_words;
}

}  // namespace lifeboat::init
