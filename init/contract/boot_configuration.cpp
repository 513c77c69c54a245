#include "init/contract/boot_configuration.hpp"

#include <map>

#include "init/contract/base64.hpp"
#include "init/contract/text.hpp"

namespace lifeboat::contract {
namespace {

constexpr std::uint64_t largest_number = std::uint64_t{1} << 40;

std::map<std::string_view, std::string_view> read_assignments(std::string_view text) {
  std::map<std::string_view, std::string_view> values;
  for (std::string_view line : split_words(text, "\n")) {
    line = trim(line);
    if (line.empty() || line.front() == '#') continue;
    if (auto assignment = split_assignment(line)) values[trim(assignment->first)] = trim(assignment->second);
  }
  return values;
}

}  // namespace

std::string to_text(const BootConfiguration& configuration) {
  return "# Written by lifeboat build; read by lifeboat-init.\n"
         "build_id=" +
         configuration.build_id + "\nname=" + configuration.name + "\ntitle=" + configuration.title +
         "\nkernel=" + configuration.kernel + "\nroot_size=" + std::to_string(configuration.root_size) +
         "\nroot_sha256=" + configuration.root_sha256 +
         "\nverity_offset=" + std::to_string(configuration.verity_offset) +
         "\nverity_root_hash=" + configuration.verity_root_hash + "\nverity_salt=" + configuration.verity_salt +
         "\nmemory_from_medium=" + std::to_string(configuration.memory_from_medium) +
         "\nmemory_from_initramfs=" + std::to_string(configuration.memory_from_initramfs) +
         "\ndeadline=" + configuration.deadline + "\nat_deadline=" + std::string(to_text(configuration.at_deadline)) +
         "\nrandom_password=" + (configuration.random_password ? "yes" : "no") +
         "\noriginal_host_keys=" + (configuration.original_host_keys ? "yes" : "no") +
         "\noriginal_network=" + (configuration.original_network ? "yes" : "no") +
         "\nnetwork_config=" + encode_base64(configuration.network_config) + "\n";
}

std::optional<BootConfiguration> parse_boot_configuration(std::string_view text) {
  auto values = read_assignments(text);
  BootConfiguration read{.build_id = std::string(values["build_id"]),
                         .name = std::string(values["name"]),
                         .title = std::string(values["title"]),
                         .kernel = std::string(values["kernel"]),
                         .root_sha256 = std::string(values["root_sha256"]),
                         .verity_root_hash = std::string(values["verity_root_hash"]),
                         .verity_salt = std::string(values["verity_salt"]),
                         .deadline = std::string(values["deadline"])};
  for (const auto& [key, number] :
       {std::pair{"root_size", &read.root_size}, std::pair{"verity_offset", &read.verity_offset},
        std::pair{"memory_from_medium", &read.memory_from_medium},
        std::pair{"memory_from_initramfs", &read.memory_from_initramfs}}) {
    const auto value = parse_number(values[key], largest_number);
    if (!value) return std::nullopt;
    *number = *value;
  }
  for (const std::string* text_value : {&read.name, &read.title, &read.kernel})
    if (text_value->empty()) return std::nullopt;
  for (const std::string* digest : {&read.root_sha256, &read.verity_root_hash, &read.verity_salt})
    if (!is_lower_hex(*digest, 64)) return std::nullopt;
  for (const auto& [key, flag] :
       {std::pair{"random_password", &read.random_password}, std::pair{"original_host_keys", &read.original_host_keys},
        std::pair{"original_network", &read.original_network}}) {
    if (values[key] != "yes" && values[key] != "no") return std::nullopt;
    *flag = values[key] == "yes";
  }
  const auto network_config = decode_base64(values["network_config"]);
  if (!network_config) return std::nullopt;
  read.network_config = *network_config;
  const auto at_deadline = parse_at_deadline(values["at_deadline"]);
  if (!at_deadline || (read.deadline != "none" && !parse_deadline(read.deadline))) return std::nullopt;
  read.at_deadline = *at_deadline;
  if (!is_lower_hex(read.build_id, 32) || read.verity_offset % verity_block != 0) return std::nullopt;
  return read;
}

}  // namespace lifeboat::contract
