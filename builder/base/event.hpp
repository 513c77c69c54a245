#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace lifeboat {

using EventValue = std::variant<std::string, std::uint64_t, double, std::vector<std::string>>;
/// In this order: people read events, too.
using EventFields = std::vector<std::pair<std::string, EventValue>>;

/// {"event":"NAME","KEY":VALUE,...} and a newline. Whatever bytes the texts hold, it is one line of valid JSON: broken
/// UTF-8 becomes U+FFFD.
std::string event_text(std::string_view name, const EventFields& fields);

/// Writes it to standard output in one piece. A reader that has gone is no reason to stop.
void print_event(std::string_view name, const EventFields& fields);

/// {"event":"error","what":...,"hint":...}, the last event of a run that failed. No hint: "".
void print_error_event(std::string_view what, std::string_view hint);

}  // namespace lifeboat
