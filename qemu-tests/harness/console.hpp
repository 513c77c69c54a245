#pragma once
#include <string>
#include <string_view>

#include "qemu-tests/harness/process.hpp"

namespace lifeboat::qemu {

/// A guest's serial console. Every wait ends at its time limit, and at once when the guest's kernel panics or QEMU
/// ends; it then throws a Failure with the reason, the QEMU line, the folder and the console's last lines.
class Console {
 public:
  /// `pidfd` is readable once QEMU has ended; `story` is what a Failure adds: how to repeat the guest.
  Console(Fd socket, int pidfd, std::string story);

  /// Waits until the console says `text`, in what no earlier wait has taken.
  void wait_for(std::string_view text, seconds timeout);
  /// The same, and returns the whole line.
  std::string wait_for_line(std::string_view text, seconds timeout);
  /// Everything until QEMU ends (a Failure when it has not ended in time). No panic is a failure here.
  void wait_for_end(seconds timeout);

  void type(std::string_view keys);
  /// All that it ever said.
  const std::string& log() const noexcept { return log_; }
  /// Reason, story and last lines in one text.
  std::string explain(const std::string& reason) const;

 private:
  Fd socket_;
  int pidfd_;
  std::string story_;
  std::string log_;
  std::size_t taken_ = 0;

  enum class More { read, ended, late };
  More read_more(Deadline deadline);
  std::size_t find(std::string_view text, seconds timeout);
  [[noreturn]] void panicked();
};

}  // namespace lifeboat::qemu
