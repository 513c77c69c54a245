#pragma once
#include <string>
#include <string_view>
#include <utility>

namespace lifeboat::init {

/// A text that is wiped from memory when it is no longer needed. It moves, it is never copied.
class Secret {
 public:
  Secret() = default;
  /// Takes the bytes and wipes the string they came in.
  explicit Secret(std::string&& text) : text_(text) { wipe(text); }
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(text_); }

  std::string_view view() const noexcept { return text_; }
  const char* c_str() const noexcept { return text_.c_str(); }
  bool empty() const noexcept { return text_.empty(); }

  /// Overwrites all a string has room for, and leaves it empty.
  static void wipe(std::string& text) noexcept;

 private:
  std::string text_;
};

}  // namespace lifeboat::init
