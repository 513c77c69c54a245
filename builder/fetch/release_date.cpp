#include "builder/fetch/release_date.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <vector>

#include "builder/base/text.hpp"

namespace lifeboat {
namespace {

namespace chrono = std::chrono;

constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::int64_t last_second = 253402300799;  // of the year 9999

std::optional<unsigned> month_of(std::string_view name) {
  const auto* found = std::find(months.begin(), months.end(), name);
  if (found == months.end()) return std::nullopt;
  return static_cast<unsigned>(found - months.begin()) + 1;
}

/// "09:57:01" as seconds of the day.
std::optional<std::int64_t> seconds_of(std::string_view text) {
  const std::vector<std::string_view> pieces = split(text, ':');
  if (pieces.size() != 3) return std::nullopt;
  const auto hour = parse_number<unsigned>(pieces[0]), minute = parse_number<unsigned>(pieces[1]),
             second = parse_number<unsigned>(pieces[2]);
  if (!hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return *hour * 3600 + *minute * 60 + *second;
}

/// A moment in the pieces that people write.
struct Moment {
  chrono::sys_days date;
  chrono::year_month_day day;
  chrono::hh_mm_ss<chrono::seconds> time;

  explicit Moment(std::int64_t unix_time)
      : Moment(chrono::sys_seconds(chrono::seconds(std::clamp<std::int64_t>(unix_time, 0, last_second)))) {}
  explicit Moment(chrono::sys_seconds moment)
      : date(chrono::floor<chrono::days>(moment)), day(date), time(moment - date) {}

  int year() const { return static_cast<int>(day.year()); }
  unsigned month() const { return static_cast<unsigned>(day.month()); }
  unsigned day_of_month() const { return static_cast<unsigned>(day.day()); }
  int hour() const { return static_cast<int>(time.hours().count()); }
  int minute() const { return static_cast<int>(time.minutes().count()); }
  int second() const { return static_cast<int>(time.seconds().count()); }
};

}  // namespace

std::optional<std::int64_t> parse_release_date(std::string_view text) {
  const std::vector<std::string_view> words = split_words(text);
  if (words.size() != 6 || (words[5] != "UTC" && words[5] != "GMT" && words[5] != "+0000")) return std::nullopt;
  const auto day = parse_number<unsigned>(words[1]), month = month_of(words[2]);
  const auto year = parse_number<int>(words[3]);
  const auto seconds = seconds_of(words[4]);
  if (!day || !month || !year || !seconds || *year < 1970 || *year > 9999) return std::nullopt;
  const chrono::year_month_day date{chrono::year(*year), chrono::month(*month), chrono::day(*day)};
  if (!date.ok()) return std::nullopt;
  return std::int64_t{chrono::sys_days(date).time_since_epoch().count()} * 86400 + *seconds;
}

std::string release_date_text(std::int64_t unix_time) {
  const Moment moment(unix_time);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d UTC",
                days.at(chrono::weekday(moment.date).c_encoding()), moment.day_of_month(),
                months.at(moment.month() - 1), moment.year(), moment.hour(), moment.minute(), moment.second());
  return text.data();
}

std::string snapshot_stamp(std::int64_t unix_time) {
  const Moment moment(unix_time);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d%02u%02uT%02d%02d%02dZ", moment.year(), moment.month(),
                moment.day_of_month(), moment.hour(), moment.minute(), moment.second());
  return text.data();
}

}  // namespace lifeboat
