#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "init/sys/clock.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// What Ironic's conductor puts on the kernel command line of a rescue ramdisk.
struct IronicParameters {
  std::string address;  ///< of the API, numeric
  std::uint16_t api_port = 80;
  std::string api_path;              ///< before "/v1/...": "" or "/baremetal"
  std::uint16_t listen_port = 9999;  ///< where we take commands
  std::string agent_token;           ///< empty: the API gives one
};

bool has_ironic_parameters(std::string_view kernel_command_line);
/// ipa-api-url (of several, parted by commas, the first that we can use), ipa-listen-port, ipa-agent-token.
Result<IronicParameters> parse_ironic_parameters(std::string_view kernel_command_line);

/// What Ironic knows us as.
struct IronicNode {
  std::string uuid;
  std::string token;  ///< what commands have to bear
  Milliseconds heartbeat_timeout{300'000};
};

/// "/v1/lookup?addresses=52:54:00:12:34:56,..."
std::string ironic_lookup_path(const std::vector<std::string>& macs);
/// The lookup's reply. The token is given once to whoever asks first: "******" is none, unless one was on the kernel
/// command line.
Result<IronicNode> parse_ironic_lookup(std::string_view json, const std::string& known_token);
/// The heartbeat's body. `callback_url`: "http://10.0.0.7:9999".
std::string make_ironic_heartbeat(const std::string& callback_url, const std::string& token);

}  // namespace lifeboat::init
