#include "init/rescue/say.hpp"

#include <fcntl.h>
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

/// While this lives, Ctrl-C and a lost connection end the read() that waits for a key, and nothing else: a process that
/// they ended would leave the terminal silent, and what it had opened open.
class EndsReading {
 public:
  EndsReading() {
    struct sigaction noted {};
    noted.sa_handler = [](int) {};  // no SA_RESTART
    for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &noted, &before_[i]);
  }
  EndsReading(const EndsReading&) = delete;
  EndsReading& operator=(const EndsReading&) = delete;
  ~EndsReading() {
    for (std::size_t i = 0; i < signals.size(); ++i) ::sigaction(signals[i], &before_[i], nullptr);
  }

 private:
  static constexpr std::array signals{SIGINT, SIGQUIT, SIGHUP, SIGTERM};
  std::array<struct sigaction, signals.size()> before_{};
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
  const EndsReading ends;
  const Silence silence(*terminal);
  if (!silence.works() || ::write(terminal->get(), question.data(), question.size()) < 0) return false;
  std::string text;
  text.reserve(longest_secret);  // it must not leave copies behind while it grows
  char c = 0;
  while (text.size() < longest_secret && ::read(terminal->get(), &c, 1) == 1 && c != '\n') text += c;
  answer = Secret(std::move(text));
  return c == '\n' && !answer.empty();
}

}  // namespace lifeboat::init
