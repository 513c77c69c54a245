#pragma once
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace lifeboat::init {

/// Why something did not work: what we were doing, to which object, the system's reason. Becomes a line of the report.
struct Failure {
  std::string what;
  int number = 0;  ///< errno, where that was the reason
};

/// "doing: No such file or directory" from errno (or a saved copy of it).
Failure failure_from_errno(std::string doing, int error_number);

/// A value or a Failure. The init never throws: whoever calls looks first.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : held_(std::in_place_index<0>, std::move(value)) {}            // NOLINT: a value is a result
  Result(Failure failure) : held_(std::in_place_index<1>, std::move(failure)) {}  // NOLINT: so is a failure

  explicit operator bool() const noexcept { return held_.index() == 0; }
  T& operator*() & { return *std::get_if<0>(&held_); }
  const T& operator*() const& { return *std::get_if<0>(&held_); }
  T&& operator*() && { return std::move(*std::get_if<0>(&held_)); }
  T* operator->() { return std::get_if<0>(&held_); }
  const T* operator->() const { return std::get_if<0>(&held_); }
  /// Only where it failed.
  const std::string& error() const { return std::get_if<1>(&held_)->what; }
  Failure failure() const { return *std::get_if<1>(&held_); }
  T value_or(T other) const { return *this ? **this : std::move(other); }

 private:
  std::variant<T, Failure> held_;
};

/// Success or a Failure.
struct Done {};
using Status = Result<Done>;

}  // namespace lifeboat::init
