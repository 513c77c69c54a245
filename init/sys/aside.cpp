#include "init/sys/aside.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "init/sys/fd.hpp"

namespace lifeboat::init {

std::optional<int> run_aside(Clock::time_point until, const std::function<int()>& run) {
  const pid_t pid = ::fork();
  if (pid < 0) return std::nullopt;
  if (pid == 0) {
    let_go_of_terminal();
    ::_exit(run());
  }
  const Fd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  const auto left = std::chrono::ceil<Milliseconds>(until - Clock::now()).count();
  pollfd poll{process.get(), POLLIN, 0};
  int status = 0;
  if (process && ::poll(&poll, 1, static_cast<int>(std::clamp<long long>(left, 0, 600'000))) == 1 &&
      ::waitpid(pid, &status, 0) == pid && WIFEXITED(status))
    return WEXITSTATUS(status);
  ::kill(pid, SIGKILL);
  return std::nullopt;
}

void let_go_of_terminal() {
  const Fd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  for (int stream = 0; nothing && stream < 3; ++stream) ::dup2(nothing.get(), stream);
}

}  // namespace lifeboat::init
