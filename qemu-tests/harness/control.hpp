#pragma once
#include <deque>
#include <nlohmann/json.hpp>
#include <string>

#include "qemu-tests/harness/process.hpp"

namespace lifeboat::qemu {

/// QEMU's control channel (QMP) over a connected socket; every call is bounded.
class Control {
 public:
  explicit Control(Fd socket) : socket_(std::move(socket)) {}
  /// Takes QEMU's greeting.
  void greet();
  /// Returns what QEMU returns; its refusal is a Failure.
  nlohmann::json execute(const std::string& command, const nlohmann::json& arguments);
  /// Waits for an event of this name about this device (its id), said since the last wait for it or now.
  void wait_for_event(const std::string& name, const std::string& device, seconds timeout);

 private:
  Fd socket_;
  std::string received_;
  std::deque<nlohmann::json> events_;  ///< that nobody has waited for yet; at most 256, the oldest go
  std::string read_line(seconds timeout);
  void keep(nlohmann::json event);
  bool take_event(const std::string& name, const std::string& device);
};

}  // namespace lifeboat::qemu
