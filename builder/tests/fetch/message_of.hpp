#pragma once
#include <concepts>
#include <string>

#include "builder/base/error.hpp"

namespace lifeboat::testing {

/// What a person would read: the Error's text, and "hint: ..." on a line of its own where it has one. "no error" when
/// none was thrown.
template <std::invocable Body>
std::string message_of(Body&& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.hint().empty() ? error.what() : std::string(error.what()) + "\nhint: " + error.hint();
  }
  return "no error";
}

}  // namespace lifeboat::testing
