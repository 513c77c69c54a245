#pragma once
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "qemu-tests/harness/process.hpp"

namespace lifeboat::qemu {

/// A guest's serial console. Every wait ends at its time limit, and at once when the guest's kernel panics or QEMU
/// ends; it then throws a Failure with the reason, the QEMU line, the folder and the console's last lines.
///
/// A thread reads all the time: a serial line that nobody reads fills up after a few KiB, and then the guest's kernel
/// waits 10 ms for each character that it has to say.
class Console {
 public:
  /// `pidfd` is readable once QEMU has ended; `story` is what a Failure adds: how to repeat the guest.
  Console(Fd socket, int pidfd, std::string story);
  ~Console();

  /// Waits until the console says `text`, in what no earlier wait has taken.
  void wait_for(std::string_view text, seconds timeout);
  /// The same, and returns the whole line.
  std::string wait_for_line(std::string_view text, seconds timeout);
  /// Waits until the console has said `text`, before or now: for texts that may come in any order.
  void wait_until_said(std::string_view text, seconds timeout);
  /// Everything until QEMU ends (a Failure when it has not ended in time). No panic is a failure here.
  void wait_for_end(seconds timeout);

  void type(std::string_view keys);
  /// All that it ever said.
  std::string log() const;
  /// Reason, story and last lines in one text.
  std::string explain(const std::string& reason) const;

 private:
  Fd socket_;
  int pidfd_;
  std::string story_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::string log_;     // under mutex_
  bool ended_ = false;  // under mutex_: nothing more will come
  std::size_t taken_ = 0;
  Fd stop_;  // readable: the reader shall end
  std::thread reader_;

  void read_all();
  /// Waits until there is more than `known` bytes, or will never be; false at the deadline.
  bool wait_for_more(std::size_t known, Deadline deadline);
  bool has_ended() const;
  std::size_t find(std::string_view text, std::size_t from, seconds timeout);
  [[noreturn]] void panicked();
};

}  // namespace lifeboat::qemu
