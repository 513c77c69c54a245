#pragma once
#include <string>

#include "builder/base/error.hpp"

/// "what | hint" of the Error that `body` throws; empty when it throws none.
template <class Body>
std::string message_of(Body body) {
  try {
    body();
  } catch (const lifeboat::Error& error) {
    return std::string(error.what()) + " | " + error.hint();
  }
  return "";
}
