#include "builder/tree/path.hpp"

#include <algorithm>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"

namespace lifeboat {
namespace {

constexpr std::size_t longest_name = 255;   // the kernel's NAME_MAX
constexpr std::size_t longest_path = 4095;  // the kernel's PATH_MAX without its NUL

/// Why `component` cannot be a name in the tree; "" when it can.
std::string_view fault_of(std::string_view component) {
  if (component == "..") return "holds \"..\"";
  if (component.find('\0') != std::string_view::npos) return "holds a NUL byte";
  if (component.size() > longest_name) return "has a name over 255 bytes";
  return "";
}

Error bad_path(std::string_view text, std::string_view fault) {
  constexpr std::size_t enough = 200;
  const std::string start = printable(text.substr(0, enough)) + (text.size() > enough ? "..." : "");
  return Error("the path \"" + start + "\" " + std::string(fault));
}

/// '/' below every other byte, so that what a folder holds follows it at once; no path holds a NUL.
unsigned char rank(char c) { return c == '/' ? 0 : static_cast<unsigned char>(c); }

}  // namespace

TreePath::TreePath(std::string_view text) {
  for (std::string_view component : split(text, '/')) {
    if (component.empty() || component == ".") continue;
    if (const std::string_view fault = fault_of(component); !fault.empty()) throw bad_path(text, fault);
    if (!text_.empty()) text_ += '/';
    text_ += component;
  }
  if (text_.size() > longest_path) throw bad_path(text, "is over 4095 bytes");
}

std::string_view TreePath::name() const noexcept {
  const std::size_t slash = text_.rfind('/');
  return slash == std::string::npos ? std::string_view(text_) : std::string_view(text_).substr(slash + 1);
}

TreePath TreePath::parent() const {
  const std::size_t slash = text_.rfind('/');
  TreePath up;
  if (slash != std::string::npos) up.text_ = text_.substr(0, slash);
  return up;
}

TreePath TreePath::operator/(std::string_view more) const {
  std::string longer = text_;
  longer += '/';
  longer += more;
  return TreePath(longer);
}

bool TreePath::contains(const TreePath& other) const noexcept {
  if (is_root()) return true;
  if (!other.text_.starts_with(text_)) return false;
  return other.text_.size() == text_.size() || other.text_[text_.size()] == '/';
}

std::string TreePath::shown() const { return "/" + printable(text_); }

std::strong_ordering TreePath::operator<=>(const TreePath& other) const noexcept {
  return std::lexicographical_compare_three_way(text_.begin(), text_.end(), other.text_.begin(), other.text_.end(),
                                                [](char a, char b) { return rank(a) <=> rank(b); });
}

}  // namespace lifeboat
