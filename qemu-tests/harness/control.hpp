#pragma once
#include <nlohmann/json_fwd.hpp>
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

 private:
  Fd socket_;
  std::string received_;
  std::string read_line();
};

}  // namespace lifeboat::qemu
