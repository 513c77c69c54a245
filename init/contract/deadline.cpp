#include "init/contract/deadline.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <utility>

#include "init/contract/text.hpp"

namespace lifeboat::contract {
namespace {

constexpr std::uint64_t longest_number = 999'999;
constexpr std::int64_t last_second = 253'402'300'799;  // of the year 9999

constexpr std::array<std::pair<AtDeadline, std::string_view>, 3> names{
    {{AtDeadline::stay, "stay"}, {AtDeadline::power_off, "power-off"}, {AtDeadline::reboot, "reboot"}}};

std::optional<Deadline> parse_duration(std::string_view text) {
  if (text.size() < 2 || text.size() > 7) return std::nullopt;
  const char unit = text.back();
  const auto number = parse_number(text.substr(0, text.size() - 1), longest_number);
  const std::int64_t seconds = unit == 'h' ? 3600 : unit == 'm' ? 60 : unit == 's' ? 1 : 0;
  if (!number || *number == 0 || seconds == 0) return std::nullopt;
  return Deadline{false, static_cast<std::int64_t>(*number) * seconds};
}

/// Takes exactly `digits` digits from the front; -1 where there are none, or more than `most`.
std::int64_t take_number(std::string_view& text, std::size_t digits, std::uint64_t most) {
  const auto number = parse_number(text.substr(0, digits), most);
  if (text.size() < digits || !number) return -1;
  text.remove_prefix(digits);
  return static_cast<std::int64_t>(*number);
}

bool take_letter(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// "2026-11-26": days since 1970.
std::optional<std::int64_t> take_date(std::string_view& text) {
  const auto year = take_number(text, 4, 9999);
  if (year < 1970 || !take_letter(text, "-")) return std::nullopt;
  const auto month = take_number(text, 2, 12);
  if (month < 1 || !take_letter(text, "-")) return std::nullopt;
  const auto day = take_number(text, 2, 31);
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (day < 1 || !date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch().count();
}

/// "03:00:00", a leap second too: seconds since midnight.
std::optional<std::int64_t> take_time_of_day(std::string_view& text) {
  const auto hour = take_number(text, 2, 23);
  if (hour < 0 || !take_letter(text, ":")) return std::nullopt;
  const auto minute = take_number(text, 2, 59);
  if (minute < 0 || !take_letter(text, ":")) return std::nullopt;
  const auto second = take_number(text, 2, 60);
  if (second < 0) return std::nullopt;
  return hour * 3600 + minute * 60 + second;
}

/// ".123": dropped.
bool skip_fraction(std::string_view& text) {
  if (!take_letter(text, ".")) return true;
  if (!take_letter(text, "0123456789")) return false;
  while (take_letter(text, "0123456789")) continue;
  return true;
}

/// "Z", "+01:00": seconds ahead of UTC.
std::optional<std::int64_t> take_offset(std::string_view& text) {
  if (take_letter(text, "Zz")) return 0;
  const bool behind = !text.empty() && text.front() == '-';
  if (!take_letter(text, "+-")) return std::nullopt;
  const auto hour = take_number(text, 2, 23);
  if (hour < 0 || !take_letter(text, ":")) return std::nullopt;
  const auto minute = take_number(text, 2, 59);
  if (minute < 0) return std::nullopt;
  return (hour * 3600 + minute * 60) * (behind ? -1 : 1);
}

std::optional<Deadline> parse_time(std::string_view text) {
  const auto days = take_date(text);
  if (!days || !take_letter(text, "Tt")) return std::nullopt;
  const auto time = take_time_of_day(text);
  if (!time || !skip_fraction(text)) return std::nullopt;
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return std::nullopt;
  const std::int64_t seconds = *days * 86'400 + *time - *offset;
  if (seconds < 0 || seconds > last_second) return std::nullopt;
  return Deadline{true, seconds};
}

}  // namespace

std::optional<Deadline> parse_deadline(std::string_view text) {
  if (auto duration = parse_duration(text)) return duration;
  return parse_time(text);
}

std::string to_rfc3339(std::int64_t seconds) {
  const std::chrono::sys_seconds time{std::chrono::seconds(seconds)};
  const auto midnight = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(midnight);
  const auto in_day = static_cast<int>((time - midnight).count());
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), in_day / 3600, in_day / 60 % 60,
                in_day % 60);
  return text.data();
}

std::string_view to_text(AtDeadline what) {
  for (const auto& [value, name] : names)
    if (value == what) return name;
  return "stay";
}

std::optional<AtDeadline> parse_at_deadline(std::string_view text) {
  for (const auto& [value, name] : names)
    if (name == text) return value;
  return std::nullopt;
}

}  // namespace lifeboat::contract
