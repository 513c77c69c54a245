#include "init/rescue/say.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

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
  const Silence silence(*terminal);
  if (!silence.works() || ::write(terminal->get(), question.data(), question.size()) < 0) return false;
  std::string text;
  text.reserve(longest_secret);  // it must not leave copies behind while it grows
  for (char c = 0; text.size() < longest_secret && ::read(terminal->get(), &c, 1) == 1 && c != '\n';) text += c;
  answer = Secret(std::move(text));
  return !answer.empty();
}

}  // namespace lifeboat::init
