#include "init/contract/boot_configuration.hpp"

#include <map>

#include "init/contract/text.hpp"

namespace lifeboat::contract {
namespace {

constexpr std::uint64_t largest_root = std::uint64_t{1} << 40;

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
         "\nroot_sha256=" + configuration.root_sha256 + "\n";
}

std::optional<BootConfiguration> parse_boot_configuration(std::string_view text) {
  auto values = read_assignments(text);
  const auto size = parse_number(values["root_size"], largest_root);
  for (std::string_view key : {"name", "title", "kernel"})
    if (values[key].empty()) return std::nullopt;
  if (!size || !is_lower_hex(values["build_id"], 32) || !is_lower_hex(values["root_sha256"], 64)) return std::nullopt;
  return BootConfiguration{std::string(values["build_id"]),
                           std::string(values["name"]),
                           std::string(values["title"]),
                           std::string(values["kernel"]),
                           *size,
                           std::string(values["root_sha256"])};
}

}  // namespace lifeboat::contract
