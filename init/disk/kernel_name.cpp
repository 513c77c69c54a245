#include "init/disk/kernel_name.hpp"

#include <charconv>

namespace lifeboat::init {
namespace {

std::optional<KernelName> parse_lettered(std::string_view rest) {
  if (rest.empty() || rest[0] < 'a' || rest[0] > 'z') return std::nullopt;
  const auto part = rest.size() == 1 ? 0 : parse_number(rest.substr(1));
  return part ? std::optional(KernelName{static_cast<std::size_t>(rest[0] - 'a'), *part}) : std::nullopt;
}

std::optional<KernelName> parse_numbered(std::string_view rest, std::string_view unit) {
  const std::size_t end = rest.find_first_not_of("0123456789");
  const auto disk = parse_number(rest.substr(0, end));
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end);
  if (!disk || !rest.starts_with(unit)) return std::nullopt;
  rest.remove_prefix(unit.size());
  if (rest.empty()) return KernelName{*disk, 0};
  const auto part = rest[0] == 'p' ? parse_number(rest.substr(1)) : std::nullopt;
  return part ? std::optional(KernelName{*disk, *part}) : std::nullopt;
}

}  // namespace

std::optional<KernelName> parse_kernel_name(std::string_view name) {
  for (const std::string_view prefix : {"xvd", "sd", "vd", "hd"})
    if (name.starts_with(prefix)) return parse_lettered(name.substr(prefix.size()));
  if (name.starts_with("nvme")) return parse_numbered(name.substr(4), "n1");
  if (name.starts_with("mmcblk")) return parse_numbered(name.substr(6), "");
  return std::nullopt;
}

std::optional<std::uint32_t> parse_number(std::string_view text) {
  std::uint32_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

}  // namespace lifeboat::init
