#include "init/contract/ready_line.hpp"

#include <charconv>
#include <cstdio>
#include <map>

#include "init/contract/text.hpp"

namespace lifeboat::contract {
namespace {

constexpr std::string_view none = "none";

std::string joined(const std::vector<std::string>& values) {
  std::string text;
  for (const std::string& value : values) text += (text.empty() ? "" : ",") + value;
  return text.empty() ? std::string(none) : text;
}

std::vector<std::string> separated(std::string_view text) {
  if (text == none) return {};
  std::vector<std::string> values;
  for (std::string_view word : split_words(text, ",")) values.emplace_back(word);
  return values;
}

std::string login_text(const ReadyLine& line) {
  std::vector<std::string> ways;
  if (line.password) ways.emplace_back("password");
  if (line.keys) ways.emplace_back("keys");
  return joined(ways);
}

bool read_login(std::string_view text, ReadyLine& line) {
  for (const std::string& way : separated(text)) {
    if (way != "password" && way != "keys") return false;
    (way == "password" ? line.password : line.keys) = true;
  }
  return !text.empty();
}

std::optional<double> parse_seconds(std::string_view text) {
  double seconds = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seconds, std::chars_format::fixed);
  if (error != std::errc() || stop != end || !(seconds >= 0)) return std::nullopt;
  return seconds;
}

/// The words after LIFEBOAT-READY, without a serial console's line end.
std::optional<ReadyLine> parse_fields(std::string_view text) {
  std::map<std::string_view, std::string_view> fields;
  for (std::string_view word : split_words(text, " \t\r"))
    if (auto assignment = split_assignment(word)) fields.insert(*assignment);
  for (std::string_view key : {"build", "address", "port", "login", "host-key", "seconds"})
    if (fields[key].empty()) return std::nullopt;

  ReadyLine line;
  const auto port = parse_number(fields["port"], 65535);
  const auto seconds = parse_seconds(fields["seconds"]);
  if (!port || !seconds || !read_login(fields["login"], line)) return std::nullopt;
  line.build_id = fields["build"];
  line.addresses = separated(fields["address"]);
  line.port = static_cast<int>(*port);
  line.host_key = fields["host-key"];
  line.seconds = *seconds;
  return line;
}

}  // namespace

std::string to_text(const ReadyLine& line) {
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.1f", line.seconds);
  return std::string(ready_word) + " build=" + (line.build_id.empty() ? std::string(none) : line.build_id) +
         " address=" + joined(line.addresses) + " port=" + std::to_string(line.port) + " login=" + login_text(line) +
         " host-key=" + (line.host_key.empty() ? std::string(none) : line.host_key) + " seconds=" + seconds;
}

std::optional<ReadyLine> find_ready_line(std::string_view console) {
  while (true) {
    const std::size_t start = console.find(ready_word);
    if (start == std::string_view::npos) return std::nullopt;
    console.remove_prefix(start + ready_word.size());
    const std::size_t end = console.find('\n');
    if (end == std::string_view::npos) return std::nullopt;  // still being printed
    if (auto line = parse_fields(console.substr(0, end))) return line;
  }
}

}  // namespace lifeboat::contract
