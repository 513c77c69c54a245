// What every fix of a file needs, and the smallest of them.
#include <algorithm>
#include <array>

#include "init/rescue/check.hpp"
#include "init/rescue/fix.hpp"
#include "init/sys/inside.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t context = 3;  // lines around a change

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  each_line(text, [&](std::string_view line, unsigned) { lines.push_back(line); });
  return lines;
}

using Lines = std::vector<std::string_view>;

std::string hunk(const Lines& before, const Lines& after, std::size_t first, std::size_t end) {
  const std::string range = std::to_string(first + 1) + "," + std::to_string(end - first);
  std::string text = "@@ -" + range + " +" + range + " @@\n";
  for (std::size_t i = first; i < end; ++i) {
    if (before[i] == after[i])
      text += " " + std::string(before[i]) + "\n";
    else
      text += "-" + std::string(before[i]) + "\n+" + std::string(after[i]) + "\n";
  }
  return text;
}

}  // namespace

std::string unified_diff(const std::string& path, std::string_view before, std::string_view after) {
  const Lines old_lines = lines_of(before), new_lines = lines_of(after);
  const std::size_t size = std::min(old_lines.size(), new_lines.size());
  std::string text;
  for (std::size_t i = 0; i < size; ++i) {
    if (old_lines[i] == new_lines[i]) continue;
    const std::size_t first = i - std::min(i, context);
    std::size_t last = i;  // changes that are near each other are one hunk
    for (std::size_t j = i; j < size && j <= last + 2 * context; ++j)
      if (old_lines[j] != new_lines[j]) last = j;
    text += hunk(old_lines, new_lines, first, std::min(size, last + context + 1));
    i = last;
  }
  return text.empty() ? text : "--- " + path + "\n+++ " + path + "\n" + text;
}

std::string backup_suffix(std::time_t now) {
  std::tm time{};
  ::gmtime_r(&now, &time);
  std::array<char, 40> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), ".rescue-%Y%m%d-%H%M%S", &time);
  return {text.data(), size};
}

Result<FixEnd> fix_autorelabel(const FixRequest& request) {
  const Fd& root = request.original.root;
  if (stat_below(root, ".autorelabel")) return FixEnd{false, "/.autorelabel is there already\n", ""};
  if (!has_file_below(root, "etc/selinux/config")) return Failure{"the original has no SELinux (/etc/selinux/config)"};
  if (request.dry_run) return FixEnd{true, "would make /.autorelabel\n", ""};
  if (Status made = create_below(root, ".autorelabel", "", 0644); !made) return made.failure();
  return FixEnd{true, "made /.autorelabel: the next start gives every file its label, and then starts again\n", ""};
}

}  // namespace lifeboat::init
