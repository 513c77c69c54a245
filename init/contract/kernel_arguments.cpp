#include "init/contract/kernel_arguments.hpp"

#include <algorithm>
#include <array>

#include "init/contract/text.hpp"

namespace lifeboat::contract {
namespace {

/// One word per argument, quotes removed.
std::vector<std::string> split_arguments(std::string_view line) {
  std::vector<std::string> words(1);
  bool quoted = false;
  for (char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == ' ' || c == '\t' || c == '\n')) {
      if (!words.back().empty()) words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

/// Those with a value; whether the value makes sense.
bool read_value(KernelArguments& arguments, std::string_view name, std::string_view value) {
  if (name == root_url_argument && value.starts_with("http://")) {
    arguments.root_url = value;
  } else if (name == build_id_argument && is_lower_hex(value, 32)) {
    arguments.build_id = value;
  } else if (name == password_hash_argument && !value.empty()) {
    arguments.password_hash = value;
  } else if (name == authorized_key_argument && !value.empty()) {
    arguments.authorized_keys.emplace_back(value);
  } else if (name == deadline_argument && !value.empty()) {
    arguments.deadline = value;
  } else if (name == at_deadline_argument && parse_at_deadline(value)) {
    arguments.at_deadline = parse_at_deadline(value);
  } else if (name == xenstore_provider_argument && !value.empty()) {
    arguments.xenstore_provider = value;
  } else {
    return false;
  }
  return true;
}

void read_lifeboat_argument(KernelArguments& arguments, const std::string& word) {
  const auto assignment = split_assignment(word);
  if (word == debug_argument) {
    arguments.debug = true;
  } else if (word == copy_to_ram_argument) {
    arguments.copy_to_ram = true;
  } else if (word == basic_drivers_argument) {
    arguments.basic_drivers = true;
  } else if (assignment && assignment->first == clear_password_argument) {
    arguments.has_clear_password = true;  // and its value goes nowhere
  } else if (!assignment || !read_value(arguments, assignment->first, assignment->second)) {
    arguments.unknown.push_back(word);
  }
}

bool read_credential(KernelArguments& arguments, std::string_view word) {
  for (const auto& [prefix, binary] : {std::pair<std::string_view, bool>{"systemd.set_credential=", false},
                                       {"systemd.set_credential_binary=", true}}) {
    if (!word.starts_with(prefix)) continue;
    arguments.credentials.push_back({std::string(word.substr(prefix.size())), binary});
    return true;
  }
  return false;
}

/// The kernel's ip= and what dracut has beside it.
bool is_network_argument(std::string_view word) {
  constexpr std::array<std::string_view, 7> names{"ip", "nameserver", "rd.route", "ifname", "bond", "vlan", "bridge"};
  const auto assignment = split_assignment(word);
  return assignment && std::ranges::find(names, assignment->first) != names.end();
}

void read_console(KernelArguments& arguments, std::string_view value) {
  const std::string name(value.substr(0, value.find(',')));
  if (name.empty() || std::ranges::find(arguments.consoles, name) != arguments.consoles.end()) return;
  arguments.consoles.push_back(name);
}

/// "virtio_net.napi_tx=0" and "module.flag": the kernel leaves them to whoever loads the module, with '-' for '_' at
/// will.
void read_module_option(KernelArguments& arguments, const std::string& word) {
  const std::size_t dot = word.find('.');
  if (dot == std::string::npos || dot == 0 || dot > word.find('=')) return;
  std::string module = word.substr(0, dot);
  std::ranges::replace(module, '-', '_');
  arguments.module_options.emplace_back(module, word.substr(dot + 1));
}

}  // namespace

KernelArguments parse_kernel_arguments(std::string_view command_line) {
  KernelArguments arguments;
  for (const std::string& word : split_arguments(command_line)) {
    if (word == "--") break;  // what follows is for an init that asks for it
    if (word.starts_with("lifeboat.")) {
      read_lifeboat_argument(arguments, word);
    } else if (word.starts_with("console=")) {
      read_console(arguments, std::string_view(word).substr(8));
    } else if (is_network_argument(word)) {
      arguments.network.push_back(word);
    } else if (!read_credential(arguments, word)) {
      read_module_option(arguments, word);
    }
  }
  return arguments;
}

}  // namespace lifeboat::contract
