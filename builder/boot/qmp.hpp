#pragma once
#include <chrono>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "builder/base/fd.hpp"

namespace lifeboat {

/// QEMU's control channel (QMP) over a connected socket. Every call is bounded; throws Error, Interrupted.
class Qmp {
 public:
  explicit Qmp(Fd socket) : socket_(std::move(socket)) {}

  /// Takes the greeting and leaves the negotiation mode. Fails when QEMU ends before: its own words say why.
  void greet(std::chrono::milliseconds timeout);
  /// Returns what QEMU returns; its error as an Error.
  nlohmann::json execute(const std::string& command, const nlohmann::json& arguments,
                         std::chrono::milliseconds timeout);

 private:
  Fd socket_;
  std::string received_;
  std::string read_line(std::chrono::steady_clock::time_point deadline);
};

}  // namespace lifeboat
