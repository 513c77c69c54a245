#pragma once
#include <concepts>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace lifeboat {

/// The builder's one exception. `what` says what we were doing, to which object, and the reason; `hint` what to do
/// about it (may be empty). Layers add context with `with_context`; only main prints.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& what, std::string hint = {});
  const std::string& hint() const noexcept { return hint_; }

 private:
  std::string hint_;
};

/// The person pressed Ctrl-C, or the pipeline sent SIGTERM or SIGHUP. Passes every layer so that owners clean up.
class Interrupted : public Error {
 public:
  explicit Interrupted(int signal);
  int signal() const noexcept { return signal_; }

 private:
  int signal_;
};

inline constexpr std::string_view full_disk_hint = "the file system is full; df -h shows which one";

/// An Error that carries errno's text: "opening /a/b: No such file or directory".
Error system_error(std::string_view doing, int error_number, std::string hint = {});

/// Runs `body`; an Error that leaves it gets "context: " in front and keeps its hint. Interrupted passes unchanged.
template <std::invocable Body>
decltype(auto) with_context(std::string_view context, Body&& body) {
  try {
    return std::forward<Body>(body)();
  } catch (const Interrupted&) {
    throw;
  } catch (const Error& error) {
    throw Error(std::string(context) + ": " + error.what(), error.hint());
  }
}

}  // namespace lifeboat
