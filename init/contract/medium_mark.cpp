#include "init/contract/medium_mark.hpp"

#include "init/contract/text.hpp"

namespace lifeboat::contract {
namespace {

constexpr std::string_view prefix = "LIFEBOAT BUILD ";
constexpr std::size_t build_id_length = 32;

}  // namespace

std::string medium_mark(std::string_view build_id) {
  std::string mark(prefix);
  for (const char c : build_id) mark += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return mark;
}

std::optional<std::string> parse_medium_mark(std::string_view field) {
  if (!field.starts_with(prefix)) return std::nullopt;
  std::string build_id;
  for (const char c : field.substr(prefix.size(), build_id_length)) {
    if (c >= 'a' && c <= 'z') return std::nullopt;  // not as anybody of us wrote it
    build_id += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (!is_lower_hex(build_id, build_id_length)) return std::nullopt;
  if (!trim(field.substr(prefix.size() + build_id_length)).empty()) return std::nullopt;
  return build_id;
}

}  // namespace lifeboat::contract
