#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "init/source/answer.hpp"

namespace lifeboat::init {

/// Where agents leave their answers for PID 1, one file each, named after the agent, replaced in one step (0600).
inline constexpr std::string_view answers_folder = "/run/lifeboat/answers";

/// A file of this name in it, put in place anew, asks PID 1 to renew the network.
inline constexpr std::string_view renew_network_request = "renew-network";

/// A file of this name in it holds the network plan of `rescue network set`, as to_text(NetworkPlan) writes it.
inline constexpr std::string_view network_by_hand = "network-by-hand";

/// What an agent needs of the rest of the init.
struct AgentHelp {
  HashPassword hash;
  CheckHash check;
  CheckKey check_key;
  std::function<Status(const Answer&)> answer;        ///< hands an answer to PID 1
  std::function<void(std::string_view how)> session;  ///< asks PID 1 to "poweroff", "reboot" or "halt"
  std::function<void()> renew_network = {};           ///< asks PID 1 to ask for all addresses anew
};

/// What an agent does that has nothing more to do: one that ends is started again.
[[noreturn]] void stay();

/// Runs the agent until it has nothing more to do. Returns the exit status; the reason of a failure is on standard
/// error.
int run_agent(std::string_view name, const AgentHelp& help);

}  // namespace lifeboat::init
