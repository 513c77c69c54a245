#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "init/source/agent.hpp"
#include "init/source/guest_interfaces.hpp"
#include "init/source/guest_requests.hpp"

namespace lifeboat::init {

/// QEMU's guest agent protocol (QEMU's docs/interop/qemu-ga-ref): as much of it as sets root's password and keys, shows
/// the addresses and ends the session. It runs no commands and touches no files.
class GuestAgent {
 public:
  GuestAgent(AgentHelp help, std::function<std::vector<GuestInterface>()> interfaces);

  /// What the host sent -> what it is to get. A password or keys that are confirmed have been handed to PID 1.
  std::string receive(std::string_view bytes);
  /// The host closed its side.
  void forget() { requests_.forget(); }

 private:
  class Request;
  std::string reply(std::string_view text);

  AgentHelp help_;
  std::function<std::vector<GuestInterface>()> interfaces_;
  GuestRequests requests_;
  std::string password_hash_;      ///< as handed over last
  std::vector<std::string> keys_;  ///< the same
};

}  // namespace lifeboat::init
