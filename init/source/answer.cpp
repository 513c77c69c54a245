#include "init/source/answer.hpp"

#include "init/contract/text.hpp"

namespace lifeboat::init {
namespace {

std::string line(std::string_view key, std::string value) {
  for (char& c : value)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  return std::string(key) + "=" + value + "\n";
}

}  // namespace

std::string to_text(const Answer& answer) {
  std::string text = line("origin", answer.origin) + line("hostname", answer.hostname);
  if (!answer.password_hash.empty()) text += line("password_hash", answer.password_hash);
  for (const std::string& key : answer.keys) text += line("key", key);
  for (const std::string& note : answer.notes) text += line("note", note);
  return text;
}

std::optional<Answer> parse_answer(std::string_view text) {
  Answer answer;
  for (std::string_view entry : contract::split_words(text, "\n")) {
    const auto assignment = contract::split_assignment(entry);
    if (!assignment) return std::nullopt;
    const std::string value(assignment->second);
    if (assignment->first == "origin") answer.origin = value;
    if (assignment->first == "hostname") answer.hostname = value;
    if (assignment->first == "password_hash") answer.password_hash = value;
    if (assignment->first == "key") answer.keys.push_back(value);
    if (assignment->first == "note") answer.notes.push_back(value);
  }
  return answer;
}

}  // namespace lifeboat::init
