#include "init/source/ironic_api.hpp"

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>

#include "init/contract/text.hpp"
#include "init/source/http_url.hpp"
#include "init/source/json.hpp"

namespace lifeboat::init {
namespace {

constexpr std::string_view url_argument = "ipa-api-url";
/// The conductor keeps it; it compares it when it deploys and cleans, not for a rescue.
constexpr const char* agent_version = "9.0.0";

/// The last one counts, as for the kernel.
std::optional<std::string_view> argument(std::string_view command_line, std::string_view name) {
  std::optional<std::string_view> value;
  for (const std::string_view word : contract::split_words(command_line, " \t\n"))
    if (const auto assignment = contract::split_assignment(word); assignment && assignment->first == name)
      value = assignment->second;
  return value;
}

Status take_url(std::string_view text, IronicParameters& parameters) {
  auto url = parse_http_url(text);
  if (!url) return Failure{std::string(url_argument) + "=" + std::string(text) + ": " + url.error()};
  while (url->path.ends_with('/')) url->path.pop_back();
  parameters.address = std::move(url->address);
  parameters.api_port = url->port;
  parameters.api_path = std::move(url->path);
  return Done{};
}

/// It becomes part of a path.
bool is_uuid(std::string_view text) {
  return text.size() == 36 && text.find_first_not_of("0123456789abcdefABCDEF-") == std::string_view::npos;
}

Result<IronicNode> read_lookup(std::string_view json, const std::string& known_token) {
  const Json document = Json::parse(json, nullptr, false);
  const Json& config = member(document, "config");
  IronicNode node{.uuid = text_of(member(member(document, "node"), "uuid")),
                  .token = text_of(member(config, "agent_token"))};
  if (!is_uuid(node.uuid)) return Failure{"Ironic's reply to the lookup names no node"};
  if (!known_token.empty()) node.token = known_token;
  if (node.token.empty()) return Failure{"Ironic gives no agent token (it is older than its API 1.62)"};
  if (node.token.find_first_not_of('*') == std::string::npos)
    return Failure{"Ironic has given the agent token of this machine to somebody else, once and for all"};
  constexpr std::int64_t shortest = 10, longest = 3600;
  if (const Json& timeout = member(config, "heartbeat_timeout"); timeout.is_number())
    node.heartbeat_timeout = std::chrono::seconds(
        static_cast<std::int64_t>(std::clamp(timeout.get<double>(), double{shortest}, double{longest})));
  return node;
}

}  // namespace

bool has_ironic_parameters(std::string_view kernel_command_line) {
  return argument(kernel_command_line, url_argument).has_value();
}

Result<IronicParameters> parse_ironic_parameters(std::string_view kernel_command_line) {
  IronicParameters parameters;
  Status taken = Failure{std::string(url_argument) + " is empty"};
  for (const std::string_view url :
       contract::split_words(argument(kernel_command_line, url_argument).value_or(""), ",")) {
    parameters = {};
    Status one = take_url(url, parameters);
    const bool good = static_cast<bool>(one);
    if (good || taken.error().ends_with("is empty")) taken = std::move(one);
    if (good) break;
  }
  if (!taken) return taken.failure();
  if (const auto port = argument(kernel_command_line, "ipa-listen-port")) {
    const auto number = contract::parse_number(*port, 65535);
    if (!number || *number == 0) return Failure{"ipa-listen-port=" + std::string(*port) + ": not a port"};
    parameters.listen_port = static_cast<std::uint16_t>(*number);
  }
  parameters.agent_token = argument(kernel_command_line, "ipa-agent-token").value_or("");
  return parameters;
}

std::string ironic_lookup_path(const std::vector<std::string>& macs) {
  std::string path = "/v1/lookup?addresses=";
  for (const std::string& mac : macs) path += (path.ends_with('=') ? "" : ",") + mac;
  return path;
}

Result<IronicNode> parse_ironic_lookup(std::string_view json, const std::string& known_token) {
  try {
    return read_lookup(json, known_token);
  } catch (const std::exception& error) {
    return Failure{std::string("Ironic's reply to the lookup: ") + error.what()};
  }
}

std::string make_ironic_heartbeat(const std::string& callback_url, const std::string& token) {
  return R"({"callback_url":)" + json_quoted(callback_url) + R"(,"agent_token":)" + json_quoted(token) +
         R"(,"agent_version":")" + agent_version + "\"}";
}

}  // namespace lifeboat::init
