#pragma once
#include <compare>
#include <string>
#include <string_view>

namespace lifeboat {

/// A path inside the tree: relative, normalised, never leading out of the root. "" is the root itself.
/// "usr/bin/bash", never "/usr/bin/bash", "./usr", "usr//bin" or "usr/../..".
class TreePath {
 public:
  TreePath() = default;
  /// Takes "/a/b", "./a/b", "a/b/" as well. Throws Error for a ".." component, a NUL byte, a component over 255 bytes
  /// or a path over 4095 bytes: what no package may hold.
  TreePath(std::string_view text);  // NOLINT(google-explicit-constructor): literals are paths
  TreePath(const char* text) : TreePath(std::string_view(text)) {}
  TreePath(const std::string& text) : TreePath(std::string_view(text)) {}

  const std::string& str() const noexcept { return text_; }
  bool is_root() const noexcept { return text_.empty(); }
  std::string_view name() const noexcept;  ///< last component; "" for the root
  TreePath parent() const;                 ///< the root's parent is the root
  TreePath operator/(std::string_view more) const;
  /// True for itself and everything below.
  bool contains(const TreePath& other) const noexcept;

  /// For messages: with the leading slash, control characters escaped.
  std::string shown() const;

  /// A folder comes right before all that it holds, siblings in byte order: the order in which squashfs keeps them
  /// (plain string order would put "a-b" between "a" and "a/c").
  std::strong_ordering operator<=>(const TreePath& other) const noexcept;
  bool operator==(const TreePath&) const = default;

 private:
  std::string text_;
};

}  // namespace lifeboat
