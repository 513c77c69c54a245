#pragma once
#include <exception>
#include <string>

namespace lifeboat {

/// What the person reads: "lifeboat: error: ..." and "hint: ...", or a recipe's faults as they are. Ends with a
/// newline; control characters that came from outside are made visible.
std::string error_text(const std::exception& error);

/// The same as an event on standard output.
void print_error_event(const std::exception& error);

/// 2 for a wrong command line, 128 + N for a signal, else 1.
int exit_status(const std::exception& error);

}  // namespace lifeboat
