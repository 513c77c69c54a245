#pragma once
#include <functional>
#include <string>
#include <vector>

#include "qemu-tests/harness/process.hpp"

namespace lifeboat::qemu {

/// A network namespace without a name, its loopback device up. It goes when its owner and the processes in it have
/// gone: nothing is left behind, even by a test that is killed.
class Namespace {
 public:
  /// Whether this process may make one (root may).
  static bool is_possible();

  Namespace();

  /// For Process::Start.
  int fd() const noexcept { return fd_.get(); }
  /// A path for `ip link set ... netns PATH`, good for this process's life.
  std::string path() const;

  /// Does `work` inside, in a thread of its own: what it throws comes out here. Sockets that it makes stay inside.
  void inside(const std::function<void()>& work) const;
  /// Runs a program inside to its end, as run_checked() does.
  std::string run(const std::vector<std::string>& argv) const;
  /// A TCP connection from inside. `address` is numeric, a link-local one with its device: "fe80::1%seg0". Asks again
  /// and again until the deadline, as the other side may not be there yet.
  Fd connect(const std::string& address, int port, seconds timeout) const;

 private:
  Fd fd_;
};

}  // namespace lifeboat::qemu
