#include "builder/base/text.hpp"

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <utility>

namespace lifeboat {
namespace {

constexpr std::string_view blanks = " \t\r\n\f\v";

/// Insertions, removals, replacements, and two neighbours that changed places: the typos that hands make.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last;
  std::vector<std::size_t> last(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::vector<std::size_t> row{i};
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row.push_back(std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)}));
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = std::exchange(last, std::move(row));
  }
  return last.back();
}

/// Length of the valid UTF-8 sequence at the start of `text`, 0 when there is none. Longer forms than needed count as
/// broken: a terminal may read a control character out of them.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xc2 && lead < 0xe0   ? 2
                             : (lead >> 4) == 14           ? 3
                             : lead >= 0xf0 && lead < 0xf5 ? 4
                                                           : 0;
  if (length == 0 || length > text.size()) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) >> 6) != 2) return 0;
  const bool too_long = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
  const bool surrogate = lead == 0xed && byte(1) >= 0xa0;
  const bool beyond = lead == 0xf4 && byte(1) >= 0x90;
  return too_long || surrogate || beyond ? 0 : length;
}

/// A glob is matched at all its positions at once: no number of stars makes it slow.
using Positions = std::vector<bool>;

/// Puts the matcher at `at`, and behind the stars there, for they may stand for nothing.
void reach(Positions& positions, std::string_view pattern, std::size_t at) {
  positions[at] = true;
  if (at < pattern.size() && pattern[at] == '*') reach(positions, pattern, at + 1);
}

/// Where the matcher may go from `at` with the path's character `c`. The second of two stars is left by the first.
void step(Positions& next, std::string_view pattern, std::size_t at, char c) {
  const char wanted = pattern[at];
  const bool across = pattern.substr(at).starts_with("**");
  if (wanted == '*' && (across || c != '/')) reach(next, pattern, at);
  if (wanted != '*' && (wanted == '?' ? c != '/' : wanted == c)) reach(next, pattern, at + 1);
}

}  // namespace

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  while (true) {
    const std::size_t at = text.find(separator);
    pieces.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return pieces;
    text.remove_prefix(at + 1);
  }
}

std::vector<std::string_view> split_words(std::string_view text) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t start = text.find_first_not_of(blanks);
    if (start == std::string_view::npos) return words;
    const std::size_t end = std::min(text.find_first_of(blanks, start), text.size());
    words.push_back(text.substr(start, end - start));
    text.remove_prefix(end);
  }
}

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines = split(text, '\n');
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

std::string_view trim(std::string_view text) {
  const std::size_t start = text.find_first_not_of(blanks);
  if (start == std::string_view::npos) return {};
  return text.substr(start, text.find_last_not_of(blanks) - start + 1);
}

std::string join(std::span<const std::string> pieces, std::string_view separator) {
  std::string all;
  for (const std::string& piece : pieces) {
    if (&piece != pieces.data()) all += separator;
    all += piece;
  }
  return all;
}

std::string format_size(std::uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " B";
  constexpr const char* units[] = {"KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (value >= 1023.95 && unit + 1 < std::size(units)) {
    value /= 1024;
    ++unit;
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %s", value, units[unit]);
  return text;
}

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t longer = std::max(candidate.size(), word.size());
    if (longer - std::min(candidate.size(), word.size()) >= best_distance) continue;
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

bool glob_matches(std::string_view pattern, std::string_view path) {
  const std::size_t plain = std::min(pattern.find_first_of("*?"), pattern.size());
  if (!path.starts_with(pattern.substr(0, plain))) return false;
  pattern.remove_prefix(plain);
  path.remove_prefix(plain);
  Positions now(pattern.size() + 1), next(pattern.size() + 1);
  reach(now, pattern, 0);
  for (const char c : path) {
    next.assign(next.size(), false);
    for (std::size_t at = 0; at < pattern.size(); ++at)
      if (now[at]) step(next, pattern, at, c);
    now.swap(next);
  }
  return now[pattern.size()];
}

std::string printable(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const auto first = static_cast<unsigned char>(text[0]);
    const bool control =
        first < 0x20 || first == 0x7f || (length == 2 && first == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0);
    if (length == 0 || control) {
      char escaped[5];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", first);
      clean += escaped;
      text.remove_prefix(1);
      continue;
    }
    clean += text.substr(0, length);
    text.remove_prefix(length);
  }
  return clean;
}

}  // namespace lifeboat
