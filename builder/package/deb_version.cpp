#include "builder/package/deb_version.hpp"

#include <cstddef>

namespace lifeboat {
namespace {

struct Version {
  std::string_view epoch, upstream, revision;
};

Version split_version(std::string_view text) {
  Version version;
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    version.epoch = text.substr(0, colon);
    text.remove_prefix(colon + 1);
  }
  const std::size_t dash = text.rfind('-');
  version.upstream = text.substr(0, dash);
  if (dash != std::string_view::npos) version.revision = text.substr(dash + 1);
  return version;
}

bool is_version_digit(char c) { return c >= '0' && c <= '9'; }

/// Where a character of the non-digit part sorts: `~` before the end, the end before letters, letters before the rest.
int weight(std::string_view text) {
  if (text.empty() || is_version_digit(text[0])) return 0;
  const auto c = static_cast<unsigned char>(text[0]);
  if (c == '~') return -1;
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ? c : c + 256;
}

std::string_view take_digits(std::string_view& text) {
  std::size_t length = 0;
  while (length < text.size() && is_version_digit(text[length])) ++length;
  std::string_view digits = text.substr(0, length);
  text.remove_prefix(length);
  while (!digits.empty() && digits[0] == '0') digits.remove_prefix(1);
  return digits;
}

/// Numbers of any length, without their leading zeros.
std::strong_ordering compare_digits(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return a.size() <=> b.size();
  return a.compare(b) <=> 0;
}

std::strong_ordering compare_part(std::string_view a, std::string_view b) {
  while (!a.empty() || !b.empty()) {
    while ((!a.empty() && !is_version_digit(a[0])) || (!b.empty() && !is_version_digit(b[0]))) {
      if (const auto order = weight(a) <=> weight(b); std::is_neq(order)) return order;
      a.remove_prefix(1);  // equal weights: both have a character here
      b.remove_prefix(1);
    }
    const std::string_view digits_a = take_digits(a), digits_b = take_digits(b);
    if (const auto order = compare_digits(digits_a, digits_b); std::is_neq(order)) return order;
  }
  return std::strong_ordering::equal;
}

}  // namespace

std::strong_ordering compare_deb_versions(std::string_view a, std::string_view b) noexcept {
  const Version left = split_version(a), right = split_version(b);
  if (const auto order = compare_part(left.epoch, right.epoch); std::is_neq(order)) return order;
  if (const auto order = compare_part(left.upstream, right.upstream); std::is_neq(order)) return order;
  return compare_part(left.revision, right.revision);
}

}  // namespace lifeboat
