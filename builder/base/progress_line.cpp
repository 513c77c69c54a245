#include "builder/base/progress_line.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "builder/base/text.hpp"

namespace lifeboat {
namespace {

constexpr std::size_t name_width = 14, result_width = 56, seconds_width = 8;
constexpr std::size_t narrowest_result = 8;
constexpr std::size_t widest_bar = 24, narrowest_bar = 8;

constexpr std::string_view green = "\x1b[32m", red = "\x1b[31m", yellow = "\x1b[33m", dim = "\x1b[2m", off = "\x1b[0m";

std::string coloured(std::string_view text, std::string_view colour, const LineStyle& style) {
  if (!style.colour || text.empty()) return std::string(text);
  return std::string(colour) + std::string(text) + std::string(off);
}

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

/// How wide the character is that begins with this byte of UTF-8. What three bytes and more can hold may be two columns
/// wide (Chinese, emoji), and is taken to be.
std::size_t width_of(char byte) {
  if (continues_character(byte)) return 0;
  return static_cast<unsigned char>(byte) >= 0xe0 ? 2 : 1;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  for (const char byte : text) width += width_of(byte);
  return width;
}

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  out.append(width - std::min(width, width_of(text)), ' ');
  return out;
}

/// The whole text where there is room for it, else its beginning and "...".
std::string cut(std::string_view text, std::size_t room) {
  if (width_of(text) <= room) return std::string(text);
  constexpr std::string_view more = "...";
  const std::size_t keep = room - std::min(room, more.size());
  std::size_t width = 0, end = 0;
  while (end < text.size() && width + width_of(text[end]) <= keep) width += width_of(text[end++]);
  return std::string(text.substr(0, end)) + std::string(more.substr(0, room - width));
}

/// The last column stays empty: a terminal may begin a new line as soon as it is written.
std::size_t room_of(const LineStyle& style) { return std::max<std::size_t>(style.columns.value_or(80), 2) - 1; }

std::string head_of(const StepView& step) { return "  " + padded(printable(step.name), name_width); }

std::string number_text(double number, StepUnit unit) {
  const auto whole = static_cast<std::uint64_t>(number);
  return unit == StepUnit::bytes ? format_size(whole) : std::to_string(whole);
}

std::string amount_text(const StepView& step) {
  const std::string done = number_text(static_cast<double>(step.done), step.unit);
  return step.total == 0 ? done : done + " of " + number_text(static_cast<double>(step.total), step.unit);
}

std::string rate_text(const StepView& step) {
  return step.rate ? ", " + number_text(*step.rate, step.unit) + "/s" : "";
}

std::string left_text(const StepView& step) {
  constexpr double longest = 360'000;  // seconds: what is further away than a hundred hours is no forecast
  if (step.rate.value_or(0) <= 0 || step.done >= step.total) return "";
  const double seconds = std::ceil(static_cast<double>(step.total - step.done) / *step.rate);
  return seconds < longest ? ", " + duration_text(static_cast<std::uint64_t>(seconds)) + " left" : "";
}

/// "  12.3 s", as wide as seconds_width.
std::string seconds_text(double seconds) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%6.1f s", seconds);
  return text.data();
}

std::string bar_text(const StepView& step, std::size_t width, const LineStyle& style) {
  const double part = static_cast<double>(std::min(step.done, step.total)) / static_cast<double>(step.total);
  const auto filled = static_cast<std::size_t>(part * static_cast<double>(width));
  return "[" + coloured(std::string(filled, '#'), green, style) + std::string(width - filled, '.') + "] ";
}

/// How wide the bar beside head and tail can be; 0: there is no room for one. In steps of four columns, or it would
/// twitch with each digit that comes or goes in the tail.
std::size_t bar_width(const StepView& step, std::size_t others, std::size_t room) {
  constexpr std::size_t frame = 3;
  if (step.total == 0 || room < others + frame + narrowest_bar) return 0;
  return std::min(widest_bar, (room - others - frame) / 4 * 4);
}

}  // namespace

std::string live_line(const StepView& step, const LineStyle& style) {
  const std::size_t room = room_of(style);
  const std::string head = head_of(step), amount = amount_text(step), left = left_text(step);
  if (step.done == 0 && step.total == 0) return cut("  " + printable(step.name) + " ...", room);
  for (const std::string& tail : {amount + rate_text(step) + left, amount + left, amount})
    if (const std::size_t width = bar_width(step, width_of(head) + width_of(tail), room); width > 0)
      return head + bar_text(step, width, style) + tail;
  return cut(head + amount, room);
}

std::string ended_line(const StepView& step, StepEnd how, std::string_view result, const LineStyle& style) {
  const std::string head = head_of(step), what = how == StepEnd::failed ? "failed" : printable(result);
  const std::size_t others = width_of(head) + seconds_width;
  if (style.columns && room_of(style) < others + narrowest_result)
    return cut("  " + printable(step.name) + " " + what, room_of(style));
  if (how == StepEnd::failed) return head + coloured(what, red, style);
  const std::string end = how == StepEnd::skipped ? "  " + coloured("cached", dim, style) : seconds_text(step.seconds);
  if (!style.columns) return head + padded(what, result_width) + end;
  const std::size_t room = room_of(style) - others;
  return head + padded(cut(what, room), std::min(room, result_width)) + end;
}

std::string remark_lines(Remark kind, std::string_view text, const LineStyle& style) {
  std::string lines;
  for (const std::string_view line : split_lines(text)) {
    const bool warns = kind == Remark::warning && lines.empty();
    lines += "  " + (warns ? coloured("warning:", yellow, style) + " " : "") + printable(line) + "\n";
  }
  return lines;
}

std::string duration_text(std::uint64_t seconds) {
  const std::uint64_t minutes = seconds / 60, hours = minutes / 60;
  if (hours > 0) return std::to_string(hours) + " h " + std::to_string(minutes % 60) + " min";
  if (minutes > 0) return std::to_string(minutes) + " min " + std::to_string(seconds % 60) + " s";
  return std::to_string(seconds) + " s";
}

}  // namespace lifeboat
