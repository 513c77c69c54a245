#include "init/source/xenstore_commands.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <nlohmann/json.hpp>

#include "init/contract/base64.hpp"
#include "init/contract/text.hpp"
#include "init/source/json.hpp"

namespace lifeboat::init {
namespace {

constexpr std::string_view keys_file = "/root/.ssh/authorized_keys";
constexpr const char* done = "0";
constexpr const char* failed = "500";

/// Some hosts break base64 into lines.
std::optional<std::string> decode(std::string text) {
  std::erase_if(text, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
  return contract::decode_base64(text);
}

}  // namespace

struct XenstoreCommands::Command {
  std::string_view name;
  Reply (XenstoreCommands::*run)(Json& value);
};

const XenstoreCommands::Command* XenstoreCommands::find(std::string_view name) {
  static constexpr std::array<Command, 7> commands{{{"version", &XenstoreCommands::version},
                                                    {"features", &XenstoreCommands::features},
                                                    {"keyinit", &XenstoreCommands::key_init},
                                                    {"password", &XenstoreCommands::password},
                                                    {"resetnetwork", &XenstoreCommands::reset_network},
                                                    {"injectfile", &XenstoreCommands::inject_file},
                                                    {"file_inject", &XenstoreCommands::inject_file}}};
  const auto* found = std::ranges::find(commands, name, &Command::name);
  return found == commands.end() ? nullptr : found;
}

XenstoreCommands::XenstoreCommands(AgentHelp help, PrivateKey private_key)
    : help_(std::move(help)), private_key_(std::move(private_key)) {}

std::string XenstoreCommands::answer(std::string_view request) {
  Reply reply{failed, ""};
  try {
    reply = run(request);
  } catch (const std::exception& error) {
    reply.message = error.what();
  }
  return R"({"returncode":")" + std::string(reply.code) + R"(","message":)" + json_quoted(reply.message) + "}";
}

XenstoreCommands::Reply XenstoreCommands::run(std::string_view request) {
  Json document = Json::parse(request, nullptr, false);
  if (!document.is_object() || !member(document, "name").is_string()) return {failed, "not a request"};
  const std::string name = text_of(member(document, "name"));
  const Command* command = find(name);
  if (command == nullptr) return {"404", "no such command: " + name};
  return (this->*command->run)(document["value"]);
}

/// Four numbers, as hosts compare them; high, so that none offers an update.
XenstoreCommands::Reply XenstoreCommands::version(Json&) { return {done, "99.0.0.0"}; }

XenstoreCommands::Reply XenstoreCommands::features(Json&) {
  return {done, "version,features,keyinit,password,resetnetwork,injectfile"};
}

/// The host takes "D0" alone for success.
XenstoreCommands::Reply XenstoreCommands::key_init(Json& value) {
  key_.reset();
  auto own = private_key_();
  if (!own) return {failed, own.error()};
  const std::string other = value.is_string() ? value.get<std::string>() : value.dump();
  auto key = XenstoreKey::agree(contract::trim(other), *own);
  if (!key) return {failed, key.error()};
  key_ = std::move(*key);
  return {"D0", key_->public_key()};
}

XenstoreCommands::Reply XenstoreCommands::password(Json& value) {
  if (!key_) return {failed, "Password without key exchange"};
  const auto key = std::exchange(key_, std::nullopt);
  if (!value.is_string()) return {failed, "the password is not a text"};
  auto clear = key->decrypt(value.get_ref<const std::string&>());
  if (!clear) return {failed, clear.error()};
  Findings findings;
  take_password(std::string(clear->view()), "the password", findings);
  const Answer answer = answer_from(std::move(findings), "", help_.hash, help_.check);
  if (answer.password_hash.empty()) return {failed, answer.notes.empty() ? "no password" : answer.notes.front()};
  const std::string former = std::exchange(answer_.password_hash, answer.password_hash);
  const Status handed = hand_over();
  if (!handed) answer_.password_hash = former;
  return handed ? Reply{done, ""} : Reply{failed, handed.error()};
}

/// What the store says of it has been taken already; cards of which it says nothing ask DHCP again.
XenstoreCommands::Reply XenstoreCommands::reset_network(Json&) {
  if (help_.renew_network) help_.renew_network();
  return {done, ""};
}

/// Base64 of "path,content", or an object with both.
XenstoreCommands::Reply XenstoreCommands::inject_file(Json& value) {
  const bool apart = value.is_object();
  const auto first = decode(apart ? text_of(member(value, "b64_path")) : value.is_string() ? text_of(value) : "?");
  const auto second = decode(text_of(member(value, "b64_file")));
  if (!first || !second) return {failed, "the file's base64 is broken"};
  if (apart) return take_file(*first, *second);
  const std::size_t comma = first->find(',');
  if (comma == std::string::npos) return {failed, "no comma between path and content"};
  return take_file(first->substr(0, comma), std::string_view(*first).substr(comma + 1));
}

XenstoreCommands::Reply XenstoreCommands::take_file(const std::string& path, std::string_view content) {
  if (path != keys_file) {
    const std::string why = "the file " + path + " was not taken: only " + std::string(keys_file) + " is";
    if (answer_.notes.size() < 10) answer_.notes.push_back("of what the host sent, " + why);
    static_cast<void>(hand_over());
    return {failed, why};
  }
  Findings findings;
  for (const std::string_view line : contract::split_words(content, "\r\n"))
    if (!contract::trim(line).starts_with('#')) add_key_lines(line, findings);
  std::erase_if(findings.keys, [this](const std::string& key) { return !help_.check_key(key); });
  if (findings.keys.empty()) return {failed, "no SSH public key in it"};
  const auto former = std::exchange(answer_.keys, findings.keys);
  const Status handed = hand_over();
  if (!handed) answer_.keys = former;
  return handed ? Reply{done, ""} : Reply{failed, handed.error()};
}

void XenstoreCommands::take_hostname(const std::string& hostname) {
  if (hostname.empty() || hostname == answer_.hostname) return;
  answer_.hostname = hostname;
  static_cast<void>(hand_over());
}

void XenstoreCommands::take_network(NetworkPlan network) {
  if (network == answer_.network) return;
  answer_.network = std::move(network);
  static_cast<void>(hand_over());
}

Status XenstoreCommands::hand_over() { return help_.answer(answer_); }

}  // namespace lifeboat::init
