#include "init/source/ironic_commands.hpp"

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>

#include "init/source/json.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t most_commands = 32;

/// The form that the conductor reads errors in.
IronicCommands::Reply fault(int status, const std::string& why) {
  return {status, std::string(R"({"faultcode":")") + (status >= 500 ? "Server" : "Client") + R"(","faultstring":)" +
                      json_quoted(why) + "}"};
}

/// "/v1/commands/" -> "commands": the version may be left out.
std::string_view resource_of(std::string_view path) {
  if (path == "/v1" || path.starts_with("/v1/")) path.remove_prefix(3);
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

}  // namespace

IronicCommands::IronicCommands(AgentHelp help, std::string token) : help_(std::move(help)), token_(std::move(token)) {}

IronicCommands::Reply IronicCommands::answer(ServedRequest request) {
  try {
    const std::string_view resource = resource_of(request.path);
    // A list without a token is for conductors that send it with commands alone; it holds no secret.
    if (request.query.contains("agent_token") && !token_is_right(request)) return fault(401, "Token invalid.");
    if (request.method == "GET") return show(resource);
    if (request.method != "POST") return fault(405, "Method not allowed");
    return resource == "commands" ? run(request) : fault(404, "Not found");
  } catch (const std::exception& error) {
    return fault(500, error.what());
  }
}

/// Takes as long for a wrong token as for the right one.
bool IronicCommands::token_is_right(const ServedRequest& request) const {
  const auto given = request.query.find("agent_token");
  if (given == request.query.end() || given->second.size() != token_.size() || token_.empty()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < token_.size(); ++i)
    difference |= static_cast<unsigned char>(given->second[i]) ^ static_cast<unsigned char>(token_[i]);
  return difference == 0;
}

IronicCommands::Reply IronicCommands::show(std::string_view resource) const {
  if (resource.empty()) return {200, R"({"id":"v1","name":"lifeboat"})"};
  if (resource == "status") return {200, R"({"version":"lifeboat","started_at":null})"};
  if (resource != "commands") return fault(404, "Not found");
  std::string list;
  for (const std::string& command : done_) list += (list.empty() ? "" : ",") + command;
  return {200, "{\"commands\":[" + list + "]}"};
}

IronicCommands::Reply IronicCommands::run(const ServedRequest& request) {
  if (!token_is_right(request)) return fault(401, "Token invalid.");
  Json document = Json::parse(request.body.view(), nullptr, false);
  if (!document.is_object() || !member(document, "params").is_object() || text_of(member(document, "name")).empty())
    return fault(400, "Missing or invalid name or params");
  const std::string name = text_of(member(document, "name"));
  if (name != "rescue.finalize_rescue") return fault(404, "The rescue system knows no command " + name);
  if (done_.size() == most_commands) return fault(500, "too many commands");
  const std::string trouble = finalize_rescue(document["params"]);
  done_.push_back(R"({"id":")" + std::to_string(done_.size() + 1) +
                  R"(","command_name":"finalize_rescue","command_params":{},"command_result":null,)" +
                  (trouble.empty() ? R"("command_status":"SUCCEEDED","command_error":null})"
                                   : R"("command_status":"FAILED","command_error":{"type":"CommandExecutionError",)"
                                     R"("code":500,"message":"Command execution failed","details":)" +
                                         json_quoted(trouble) + "}}"));
  return {200, done_.back()};
}

/// Why it did not work; empty: it did.
std::string IronicCommands::finalize_rescue(Json& parameters) {
  const auto password = parameters.find("rescue_password");
  if (password == parameters.end() || !password->is_string()) return "rescue_password is missing";
  const Json& hashed = member(parameters, "hashed");
  if (!hashed.is_null() && !hashed.is_boolean()) return "hashed is neither true nor false";
  auto& text = password->get_ref<std::string&>();
  Findings findings;
  findings.user = "rescue";
  if (hashed.is_boolean() && hashed.get<bool>()) {
    take_password_hash(text, "rescue_password", findings);
    Secret::wipe(text);
  } else {
    take_password(std::move(text), "rescue_password", findings);
  }
  const Answer answer = answer_from(std::move(findings), "Ironic", help_.hash, help_.check);
  if (answer.password_hash.empty()) return answer.notes.empty() ? "no password" : answer.notes.front();
  if (Status handed = help_.answer(answer); !handed) return handed.error();
  finalized_ = true;
  return "";
}

}  // namespace lifeboat::init
