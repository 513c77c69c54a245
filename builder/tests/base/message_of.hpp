#pragma once
#include <string>

#include "builder/base/error.hpp"

namespace lifeboat {

/// The whole text of the Error that `body` ends with; "no error" when it ends well.
template <typename Body>
std::string message_of(Body&& body) {
  try {
    body();
    return "no error";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace lifeboat
