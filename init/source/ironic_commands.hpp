#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "init/source/agent.hpp"
#include "init/source/served_request.hpp"

namespace lifeboat::init {

/// The agent's side of Ironic's REST API, as far as a rescue needs it: rescue.finalize_rescue with the agent token, and
/// what the conductor asks beside it.
class IronicCommands {
 public:
  struct Reply {
    int status = 200;
    std::string json;
  };

  IronicCommands(AgentHelp help, std::string token);

  Reply answer(ServedRequest request);
  /// The password has been handed to PID 1.
  bool finalized() const noexcept { return finalized_; }

 private:
  Reply run(const ServedRequest& request);
  Reply show(std::string_view path) const;
  std::string finalize_rescue(nlohmann::json& parameters);
  bool token_is_right(const ServedRequest& request) const;

  AgentHelp help_;
  std::string token_;
  std::vector<std::string> done_;  ///< commands that were run, as they were answered
  bool finalized_ = false;
};

}  // namespace lifeboat::init
