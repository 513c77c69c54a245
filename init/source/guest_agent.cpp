#include "init/source/guest_agent.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <nlohmann/json.hpp>

#include "init/contract/base64.hpp"
#include "init/contract/text.hpp"
#include "init/source/json.hpp"

namespace lifeboat::init {
namespace {

/// Clients ask for the version to print it; the number is that of the protocol's description.
constexpr const char* version = "7.2.0-lifeboat";
constexpr const char* generic = "GenericError";

/// The commands that end the session have no reply.
constexpr const char* no_reply = "";

/// Written by hand: nlohmann's lists for it would be as large as the rest of the agent.
std::string described(const GuestInterface& interface) {
  std::string addresses;
  for (const GuestAddress& address : interface.addresses)
    addresses += std::string(addresses.empty() ? "" : ",") + R"({"ip-address":)" + json_quoted(address.text) +
                 R"(,"ip-address-type":")" + (address.ipv6 ? "ipv6" : "ipv4") + R"(","prefix":)" +
                 std::to_string(address.prefix_length) + "}";
  return R"({"name":)" + json_quoted(interface.name) +
         (interface.mac.empty() ? "" : R"(,"hardware-address":)" + json_quoted(interface.mac)) +
         R"(,"ip-addresses":[)" + addresses + "]}";
}

std::string listed(const std::vector<std::string>& values) {
  std::string list;
  for (const std::string& value : values) list += (list.empty() ? "" : ",") + value;
  return "[" + list + "]";
}

/// `id`: the request's, as it goes behind a reply.
std::string error_line(const char* error_class, std::string_view what, const std::string& id = "") {
  return std::string(R"({"error":{"class":")") + error_class + R"(","desc":)" + json_quoted(what) + "}" + id + "}\n";
}

}  // namespace

/// One command with its arguments.
class GuestAgent::Request {
 public:
  Request(GuestAgent& agent, Json& arguments) : agent_(agent), arguments_(arguments) {}

  struct Command {
    std::string_view name;
    std::string_view arguments;  ///< that it may have
    Result<std::string> (Request::*run)();
  };
  static const std::array<Command, 10> commands;
  static const Command* find(std::string_view name) {
    const auto* found = std::ranges::find(commands, name, &Command::name);
    return found == commands.end() ? nullptr : found;
  }

  Result<std::string> run(const Command& command) {
    const auto known = contract::split_words(command.arguments, " ");
    for (const auto& [name, unused] : arguments_.items())
      if (std::ranges::find(known, name) == known.end()) return Failure{"Parameter '" + name + "' is unexpected"};
    return (this->*command.run)();
  }

 private:
  Result<std::string> sync();
  Result<std::string> ping() { return std::string("{}"); }
  Result<std::string> info();
  Result<std::string> set_user_password();
  Result<std::string> network_interfaces();
  Result<std::string> shutdown();
  Result<std::string> get_keys();
  Result<std::string> add_keys();
  Result<std::string> remove_keys();

  Result<Json*> argument(const char* name, Json::value_t type);
  Result<bool> flag(const char* name, bool otherwise);
  Status check_user();
  Result<std::vector<std::string>> key_list();
  Result<std::string> hand_over(const std::string& password_hash, const std::vector<std::string>& keys);

  GuestAgent& agent_;
  Json& arguments_;
};

constexpr std::array<GuestAgent::Request::Command, 10> GuestAgent::Request::commands{{
    {"guest-sync", "id", &Request::sync},
    {"guest-sync-delimited", "id", &Request::sync},
    {"guest-ping", "", &Request::ping},
    {"guest-info", "", &Request::info},
    {"guest-set-user-password", "username password crypted", &Request::set_user_password},
    {"guest-network-get-interfaces", "", &Request::network_interfaces},
    {"guest-shutdown", "mode", &Request::shutdown},
    {"guest-ssh-get-authorized-keys", "username", &Request::get_keys},
    {"guest-ssh-add-authorized-keys", "username keys reset", &Request::add_keys},
    {"guest-ssh-remove-authorized-keys", "username keys", &Request::remove_keys},
}};

Result<Json*> GuestAgent::Request::argument(const char* name, Json::value_t type) {
  const auto entry = arguments_.find(name);
  if (entry == arguments_.end()) return Failure{"Parameter '" + std::string(name) + "' is missing"};
  if (entry->type() != type) return Failure{"Invalid parameter type for '" + std::string(name) + "'"};
  return &*entry;
}

Result<bool> GuestAgent::Request::flag(const char* name, bool otherwise) {
  if (!arguments_.contains(name)) return otherwise;
  auto value = argument(name, Json::value_t::boolean);
  if (!value) return value.failure();
  return (*value)->get<bool>();
}

/// libvirt's are milliseconds since 1970: beyond 32 bits.
Result<std::string> GuestAgent::Request::sync() {
  const auto id = arguments_.find("id");
  if (id == arguments_.end()) return Failure{"Parameter 'id' is missing"};
  if (!id->is_number_integer()) return Failure{"Invalid parameter type for 'id'"};
  return id->dump();
}

Result<std::string> GuestAgent::Request::info() {
  std::vector<std::string> supported;
  for (const Command& command : commands)
    supported.push_back(R"({"name":")" + std::string(command.name) + R"(","enabled":true,"success-response":)" +
                        (command.run != &Request::shutdown ? "true}" : "false}"));
  return R"({"version":")" + std::string(version) + R"(","supported_commands":)" + listed(supported) + "}";
}

Status GuestAgent::Request::check_user() {
  auto user = argument("username", Json::value_t::string);
  if (!user) return user.failure();
  const auto& name = (*user)->get_ref<const std::string&>();
  if (name.find_first_of(":\n") != std::string::npos) return Failure{"forbidden characters in raw username"};
  if (name != "root") return Failure{"the rescue system lets nobody in but root"};
  return Done{};
}

Result<std::string> GuestAgent::Request::set_user_password() {
  if (Status user = check_user(); !user) return user.failure();
  auto password = argument("password", Json::value_t::string);
  if (!password) return password.failure();
  auto crypted = argument("crypted", Json::value_t::boolean);
  if (!crypted) return crypted.failure();
  auto& encoded = (*password)->get_ref<std::string&>();
  auto decoded = contract::decode_base64(encoded);
  Secret::wipe(encoded);
  if (!decoded) return Failure{"the password's base64 is broken"};
  Findings findings;
  if ((*crypted)->get<bool>()) {
    take_password_hash(*decoded, "the password's hash", findings);
    Secret::wipe(*decoded);
  } else {
    take_password(std::move(*decoded), "the password", findings);
  }
  Answer answer = answer_from(std::move(findings), "", agent_.help_.hash, agent_.help_.check);
  if (answer.password_hash.empty()) return Failure{answer.notes.empty() ? "no password" : answer.notes.front()};
  return hand_over(answer.password_hash, agent_.keys_);
}

Result<std::string> GuestAgent::Request::network_interfaces() {
  std::vector<std::string> all;
  for (const GuestInterface& interface : agent_.interfaces_()) all.push_back(described(interface));
  return listed(all);
}

Result<std::string> GuestAgent::Request::shutdown() {
  std::string mode = "powerdown";
  if (arguments_.contains("mode")) {
    auto value = argument("mode", Json::value_t::string);
    if (!value) return value.failure();
    mode = (*value)->get<std::string>();
  }
  if (mode != "powerdown" && mode != "reboot" && mode != "halt")
    return Failure{"mode is invalid (valid values are: halt|powerdown|reboot)"};
  agent_.help_.session(mode == "powerdown" ? "poweroff" : mode);
  return std::string(no_reply);
}

/// Those that came this way. Keys of other sources are not the host's to see or to take away.
Result<std::string> GuestAgent::Request::get_keys() {
  if (Status user = check_user(); !user) return user.failure();
  std::vector<std::string> keys;
  for (const std::string& key : agent_.keys_) keys.push_back(json_quoted(key));
  return R"({"keys":)" + listed(keys) + "}";
}

Result<std::vector<std::string>> GuestAgent::Request::key_list() {
  if (Status user = check_user(); !user) return user.failure();
  auto list = argument("keys", Json::value_t::array);
  if (!list) return list.failure();
  std::vector<std::string> keys;
  for (const Json& key : **list) {
    if (!key.is_string()) return Failure{"Invalid parameter type for 'keys'"};
    keys.push_back(key.get<std::string>());
  }
  return keys;
}

Result<std::string> GuestAgent::Request::add_keys() {
  auto more = key_list();
  if (!more) return more.failure();
  auto reset = flag("reset", false);
  if (!reset) return reset.failure();
  std::vector<std::string> keys;
  if (!*reset) keys = agent_.keys_;
  for (const std::string& key : *more) {
    if (Status good = agent_.help_.check_key(key); !good) return Failure{"not an SSH public key: " + good.error()};
    if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
  }
  if (keys.size() > most_keys) return Failure{"more than " + std::to_string(most_keys) + " keys"};
  return hand_over(agent_.password_hash_, keys);
}

/// A host that takes a key away must not believe it gone where another source gave it too.
Result<std::string> GuestAgent::Request::remove_keys() {
  auto less = key_list();
  if (!less) return less.failure();
  std::vector<std::string> keys = agent_.keys_;
  for (const std::string& key : *less)
    if (std::erase(keys, key) == 0) return Failure{"only keys that were added by the guest agent can be removed"};
  return hand_over(agent_.password_hash_, keys);
}

Result<std::string> GuestAgent::Request::hand_over(const std::string& password_hash,
                                                   const std::vector<std::string>& keys) {
  const Answer answer{.origin = "QEMU guest agent", .password_hash = password_hash, .keys = keys};
  if (Status handed = agent_.help_.answer(answer); !handed) return handed.failure();
  agent_.password_hash_ = password_hash;
  agent_.keys_ = keys;
  return std::string("{}");
}

GuestAgent::GuestAgent(AgentHelp help, std::function<std::vector<GuestInterface>()> interfaces)
    : help_(std::move(help)), interfaces_(std::move(interfaces)) {}

std::string GuestAgent::receive(std::string_view bytes) {
  std::string replies;
  requests_.receive(
      bytes,
      [&](std::string_view text) {
        try {
          replies += reply(text);
        } catch (const std::exception& error) {
          replies += error_line(generic, error.what());
        }
      },
      [&](std::string_view why) { replies += error_line(generic, why); });
  return replies;
}

std::string GuestAgent::reply(std::string_view text) {
  Json request = Json::parse(text, nullptr, false);
  if (!request.is_object()) return error_line(generic, "JSON parse error");
  const auto given_id = request.find("id");
  const std::string id = given_id == request.end() ? "" : ",\"id\":" + given_id->dump();
  const auto name = request.find("execute");
  if (name == request.end() || !name->is_string()) return error_line(generic, "QMP input lacks member 'execute'", id);
  const auto& asked = name->get_ref<const std::string&>();
  const Request::Command* command = Request::find(asked);
  if (command == nullptr) return error_line("CommandNotFound", "The command " + asked + " has not been found", id);
  Json none = Json::object();
  const auto given = request.find("arguments");
  Json& arguments = given == request.end() ? none : *given;
  if (!arguments.is_object()) return error_line(generic, "QMP input member 'arguments' must be an object", id);
  const auto result = Request(*this, arguments).run(*command);
  if (!result) return error_line(generic, result.error(), id);
  if (*result == no_reply) return "";
  return (command->name == "guest-sync-delimited" ? "\xff" : "") + (R"({"return":)" + *result) + id + "}\n";
}

}  // namespace lifeboat::init
