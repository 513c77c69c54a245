#pragma once
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/source/agent.hpp"
#include "init/source/xenstore_password.hpp"

namespace lifeboat::init {

/// The commands of Nova's XenAPI driver to the agent in the guest: root's password, keys, the network anew. Files are
/// not taken but root's authorized_keys.
class XenstoreCommands {
 public:
  using PrivateKey = std::function<Result<XenstoreKey::Number>()>;
  XenstoreCommands(AgentHelp help, PrivateKey private_key = make_xenstore_private_key);

  /// The value of a key below data/host -> the value for data/guest.
  std::string answer(std::string_view request);
  /// What the host calls the machine; goes to PID 1 with the rest where it is news.
  void take_hostname(const std::string& hostname);
  /// How the host wants the network; the same.
  void take_network(NetworkPlan network);

 private:
  struct Reply {
    const char* code;
    std::string message;
  };
  struct Command;
  static const Command* find(std::string_view name);

  Reply run(std::string_view request);
  Reply version(nlohmann::json& value);
  Reply features(nlohmann::json& value);
  Reply key_init(nlohmann::json& value);
  Reply password(nlohmann::json& value);
  Reply reset_network(nlohmann::json& value);
  Reply inject_file(nlohmann::json& value);
  Reply take_file(const std::string& path, std::string_view content);
  /// A password, keys or a host name came.
  Status hand_over();

  AgentHelp help_;
  PrivateKey private_key_;
  std::optional<XenstoreKey> key_;  ///< good for one password
  Answer answer_{.origin = "xenstore"};
};

}  // namespace lifeboat::init
