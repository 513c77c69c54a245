#include "builder/package/deb_syntax.hpp"

#include <algorithm>

namespace lifeboat {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_alphanumeric(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool consists_of(std::string_view text, std::string_view punctuation) {
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return is_alphanumeric(c) || punctuation.find(c) != std::string_view::npos; });
}

}  // namespace

bool is_deb_name(std::string_view text) noexcept {
  return !text.empty() && is_alphanumeric(text[0]) && consists_of(text, "-+._");
}

bool is_deb_version(std::string_view text) noexcept {
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    if (colon == 0 || !std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), is_digit))
      return false;
    text.remove_prefix(colon + 1);
  }
  if (text.empty() || text.front() == '-' || text.back() == '-') return false;
  return consists_of(text, ".+-~:");
}

bool is_deb_path(std::string_view text) noexcept {
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; })) return false;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find('/', start), text.size());
    const std::string_view component = text.substr(start, end - start);
    if (component.empty() || component == "." || component == "..") return false;
    start = end + 1;
  }
  return true;
}

}  // namespace lifeboat
