#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "init/sys/fd.hpp"
#include "init/sys/loop.hpp"

namespace lifeboat::init {

/// All consoles in use. Everything is shown on each; one that does not take its text holds up nobody.
class Consoles {
 public:
  /// `names` as in /sys/class/tty/console/active: "ttyS0", "tty0". One that cannot be opened is left out.
  explicit Consoles(const std::vector<std::string>& names, const std::string& folder = "/dev");

  /// Those of them that are new: a driver may bring a console while the machine boots. What was said before is not
  /// shown there.
  void add(const std::vector<std::string>& names);

  const std::vector<std::string>& names() const { return names_; }

  /// Adds "\n" and shows it; what a console does not take at once follows with `flush` or from the loop.
  void write_line(std::string_view line);
  /// Waits until the consoles have shown what is left, at most so long: before somebody takes the terminal, or goes
  /// with it, as what a serial line has not sent yet is dropped then.
  void flush(Milliseconds limit);
  /// Shows nothing for so long, and then all that was written meanwhile: a getty that takes the terminal drops what is
  /// on its way when it sets the line. Only with a loop; flush() does not wait for it.
  void hold(Milliseconds time);
  /// From now on the loop sends what is left.
  void follow(Loop& loop);

 private:
  struct Screen {
    std::string path;
    Fd fd;
    std::string pending;
    bool watched = false;
  };
  void send(Screen& screen);
  bool reopen(Screen& screen);

  std::string folder_;
  std::vector<std::string> names_;
  std::vector<std::unique_ptr<Screen>> screens_;
  Loop* loop_ = nullptr;
  Clock::time_point held_until_{};
};

/// The consoles in use, those of /sys/class/tty/console/active in the file's order; just "console" where it says none.
std::vector<std::string> find_consoles(const std::string& active_file = "/sys/class/tty/console/active");

/// The kernel shows on the consoles what is more urgent than `level` (1 to 8): its lines must not run through ours.
void set_kernel_console_level(int level);

/// What dmesg shows; empty where the kernel does not give it.
std::string read_kernel_log();

}  // namespace lifeboat::init
