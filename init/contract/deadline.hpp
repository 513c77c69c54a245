#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lifeboat::contract {

/// When a session ends.
struct Deadline {
  bool absolute = false;     ///< a time of day; else so long after the kernel's start
  std::int64_t seconds = 0;  ///< since 1970 UTC; or since the start
  bool operator==(const Deadline&) const = default;
};

/// How it is written, for people.
inline constexpr std::string_view deadline_forms = "a duration (24h, 90m, 3600s) or a time (2026-11-26T03:00:00Z)";

/// A duration from the start, 1 to 999999 of h, m or s; or a time as in RFC 3339, with its offset from UTC, from 1970
/// on. Fractions of a second are dropped. Nothing for anything else.
std::optional<Deadline> parse_deadline(std::string_view text);

/// "2026-11-26T03:00:00Z" of seconds since 1970 UTC (at most the year 9999).
std::string to_rfc3339(std::int64_t seconds);

/// What happens at the deadline, when the disks are synced and unmounted.
enum class AtDeadline { stay, power_off, reboot };

/// "stay", "power-off", "reboot".
std::string_view to_text(AtDeadline what);
std::optional<AtDeadline> parse_at_deadline(std::string_view text);

}  // namespace lifeboat::contract
