#include "builder/base/interrupt.hpp"

#include <atomic>
#include <csignal>

#include "builder/base/error.hpp"

namespace lifeboat {
namespace {

std::atomic<int> arrived{0};
static_assert(std::atomic<int>::is_always_lock_free, "a signal handler may only touch lock-free atomics");

void note_signal(int signal) { arrived.store(signal); }

}  // namespace

void catch_interrupts() {
  struct sigaction action = {};
  action.sa_handler = note_signal;  // no SA_RESTART: a blocked read() or poll() must return
  sigemptyset(&action.sa_mask);
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) sigaction(signal, &action, nullptr);
  action.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &action, nullptr);
}

int pending_interrupt() noexcept { return arrived.load(); }

void throw_if_interrupted() {
  if (int signal = arrived.load(); signal != 0) throw Interrupted(signal);
}

}  // namespace lifeboat
