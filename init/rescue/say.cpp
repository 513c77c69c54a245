#include "init/rescue/say.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>

#include "init/sys/fd.hpp"
#include "init/sys/secret.hpp"

namespace lifeboat::init {
namespace {

/// A terminal that does not show what is typed, while this lives.
class Silence {
 public:
  explicit Silence(const Fd& terminal) : terminal_(terminal), known_(::tcgetattr(terminal.get(), &before_) == 0) {
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ECHONL;
    if (known_) ::tcsetattr(terminal.get(), TCSAFLUSH, &silent);
  }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;
  ~Silence() {
    if (known_) ::tcsetattr(terminal_.get(), TCSAFLUSH, &before_);
  }
  bool works() const { return known_; }

 private:
  const Fd& terminal_;
  termios before_{};
  bool known_;
};

/// While this lives, Ctrl-C and a lost connection end wait_for_key(), and nothing else: a process that they ended would
/// leave the terminal silent, and what it had opened open.
class EndsWaiting {
 public:
  EndsWaiting() {
    struct sigaction noted {};
    noted.sa_handler = [](int) {};
    sigset_t ours;
    ::sigemptyset(&ours);
    for (std::size_t i = 0; i < signals.size(); ++i) {
      ::sigaddset(&ours, signals[i]);
      ::sigaction(signals[i], &noted, &handlers_[i]);
    }
    ::sigprocmask(SIG_BLOCK, &ours, &mask_);  // they come while it waits, and at no other time
  }
  EndsWaiting(const EndsWaiting&) = delete;
  EndsWaiting& operator=(const EndsWaiting&) = delete;
  ~EndsWaiting() {
    ::sigprocmask(SIG_SETMASK, &mask_, nullptr);
    for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &handlers_[i], nullptr);
  }

  /// False: a signal came.
  bool wait_for_key(const Fd& terminal) const {
    pollfd one{.fd = terminal.get(), .events = POLLIN, .revents = 0};
    return ::ppoll(&one, 1, nullptr, &mask_) > 0;
  }

 private:
  static constexpr std::array signals{SIGINT, SIGQUIT, SIGHUP, SIGTERM};
  std::array<struct sigaction, signals.size()> handlers_{};
  sigset_t mask_{};
};

constexpr std::size_t longest_secret = 8192;

}  // namespace

int say(std::string_view text) {
  const bool whole = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  return std::fflush(stdout) == 0 && whole ? 0 : 1;
}

int fail(std::string_view what, int status) {
  std::fflush(stdout);
  std::fprintf(stderr, "rescue: %.*s\n", static_cast<int>(what.size()), what.data());
  return status;
}

bool ask_secret(std::string_view question, Secret& answer) {
  auto terminal = open_file("/dev/tty", O_RDWR);
  if (!terminal) return false;
  const EndsWaiting ends;
  const Silence silence(*terminal);
  if (!silence.works() || ::write(terminal->get(), question.data(), question.size()) < 0) return false;
  std::string text;
  text.reserve(longest_secret);  // it must not leave copies behind while it grows
  char c = 0;
  while (text.size() < longest_secret && ends.wait_for_key(*terminal) && ::read(terminal->get(), &c, 1) == 1 &&
         c != '\n')
    text += c;
  answer = Secret(std::move(text));
  return c == '\n' && !answer.empty();
}

}  // namespace lifeboat::init
