#include "builder/boot/console.hpp"

#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "builder/base/error.hpp"

namespace lifeboat {
namespace {

constexpr char leave_key = 0x1d;  // Ctrl-], as in telnet and virsh console

/// The terminal hands every key on as it is (Ctrl-C is the guest's), until the owner ends. Does nothing elsewhere.
class RawTerminal {
 public:
  RawTerminal() {
    if (::tcgetattr(0, &saved_) != 0) return;
    termios raw = saved_;
    ::cfmakeraw(&raw);
    changed_ = ::tcsetattr(0, TCSANOW, &raw) == 0;
  }
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;
  ~RawTerminal() {
    if (changed_) ::tcsetattr(0, TCSANOW, &saved_);
  }

 private:
  termios saved_{};
  bool changed_ = false;
};

enum class Keyboard { open, closed, leave };

Keyboard pass_keys(Guest& guest) {
  std::array<char, 256> buffer;
  const ssize_t n = ::read(0, buffer.data(), buffer.size());
  if (n <= 0) return Keyboard::closed;
  const std::string_view keys(buffer.data(), static_cast<std::size_t>(n));
  const std::size_t end = keys.find(leave_key);
  guest.type(keys.substr(0, end));
  return end == std::string_view::npos ? Keyboard::open : Keyboard::leave;
}

}  // namespace

void show_on_terminal(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) != bytes.size() || std::fflush(stdout) != 0)
    throw system_error("writing the console to standard output", errno);
}

void show_console(Guest& guest) {
  const RawTerminal terminal;
  Keyboard keyboard = Keyboard::open;
  while (keyboard != Keyboard::leave) {
    const Guest::Event event = guest.wait(Deadline::max(), keyboard == Keyboard::open ? 0 : -1);
    show_on_terminal(event.console);
    if (event.ended) return;
    if (event.other) keyboard = pass_keys(guest);
  }
  show_on_terminal("\r\npowering the guest off ...\r\n");
  if (!guest.power_off(power_off_timeout, show_on_terminal))
    show_on_terminal("\r\nthe guest did not power off in time and was stopped\r\n");
}

}  // namespace lifeboat
