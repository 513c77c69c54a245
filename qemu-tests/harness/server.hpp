#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "qemu-tests/harness/namespace.hpp"

namespace lifeboat::qemu {

/// A server's process in a network namespace, killed with its owner, with all that it says in one file.
class Server {
 public:
  /// Waits until it has said `ready`. A Failure with its words when it ends before, or takes longer than 20 s.
  Server(const Namespace& network, const std::filesystem::path& log, const std::vector<std::string>& argv,
         const std::string& ready, const std::map<std::string, std::string>& environment);

  /// Waits until it has said `text`, before or now.
  void wait_for(const std::string& text, seconds timeout) const;
  std::string log() const { return read_file(log_); }
  const std::filesystem::path& log_file() const noexcept { return log_; }
  /// Ends it as its administrator would, and waits for that.
  void stop();

 private:
  std::filesystem::path log_;
  Fd changes_;
  Process process_;
};

}  // namespace lifeboat::qemu
