#include "qemu-tests/harness/server.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>

namespace lifeboat::qemu {
namespace {

constexpr seconds start_limit{20}, stop_limit{10};

Fd watch_file(const std::filesystem::path& file) {
  write_file(file, "");
  Fd changes(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (::inotify_add_watch(changes.get(), file.c_str(), IN_MODIFY) < 0)
    throw Failure("watching " + file.string() + " failed");
  return changes;
}

}  // namespace

Server::Server(const Namespace& network, const std::filesystem::path& log, const std::vector<std::string>& argv,
               const std::string& ready, const std::map<std::string, std::string>& environment)
    : log_(log),
      changes_(watch_file(log)),
      process_({.argv = argv,
                .out = log,
                .err = log,
                .keep = {},
                .environment = environment,
                .network_namespace = network.fd()}) {
  wait_for(ready, start_limit);
}

void Server::wait_for(const std::string& text, seconds timeout) const {
  const Deadline deadline = std::chrono::steady_clock::now() + timeout;
  std::array<pollfd, 2> waiting{{{changes_.get(), POLLIN, 0}, {process_.pidfd(), POLLIN, 0}}};
  while (true) {
    const bool ended = waiting[1].revents != 0;
    if (log().find(text) != std::string::npos) return;
    const bool over = milliseconds_left(deadline) == 0;
    if (ended || over)
      throw Failure(log_.stem().string() + (ended ? " ended" : " did not say in time") + ": \"" + text +
                    "\" (is it installed?); it said:\n" + log());
    ::poll(waiting.data(), waiting.size(), milliseconds_left(deadline));
    std::array<char, 4096> events;
    while (::read(changes_.get(), events.data(), events.size()) > 0) continue;
  }
}

void Server::stop() {
  process_.kill(SIGTERM);
  if (!process_.wait(std::chrono::steady_clock::now() + stop_limit))
    throw Failure(log_.stem().string() + " does not end; it said:\n" + log());
}

}  // namespace lifeboat::qemu
