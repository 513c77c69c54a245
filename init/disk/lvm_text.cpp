#include "init/disk/lvm_text.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace lifeboat::init {

/// Reads the text once, with a stack of its own for what is open.
class LvmTextReader {
 public:
  explicit LvmTextReader(std::string_view text) : rest_(text) {}

  Status read(LvmText& out) {
    out.things_.emplace_back().is_section = true;
    std::vector<std::size_t> open = {LvmText::top};
    while (skip_blanks(), !rest_.empty()) {
      if (rest_.front() == '}') {
        rest_.remove_prefix(1);
        open.pop_back();
        if (open.empty()) return wrong("a '}' too many");
        continue;
      }
      const std::string_view name = take_word();
      if (name.empty()) return wrong("no name where one belongs");
      const auto thing = add(out, open.back(), name);
      if (!thing) return wrong("too many entries");
      Status read = take_rest(out, thing, open);
      if (!read) return read;
    }
    return open.size() == 1 ? Status(Done{}) : wrong("it ends in the middle");
  }

 private:
  static Failure wrong(const char* what) { return Failure{std::string("LVM's metadata text: ") + what}; }

  /// What follows a name: a section begins, or its value comes.
  Status take_rest(LvmText& out, std::size_t thing, std::vector<std::size_t>& open) {
    skip_blanks();
    if (take('{')) {
      out.things_[thing].is_section = true;
      open.push_back(thing);
      return open.size() > LvmText::deepest ? Status(wrong("nested too deep")) : Status(Done{});
    }
    if (!take('=')) return wrong("a name without a value");
    skip_blanks();
    return take('[') ? take_list(out, thing) : take_value(out, thing);
  }

  Status take_list(LvmText& out, std::size_t thing) {
    while (true) {
      skip_blanks();
      if (take(']')) return Done{};
      Status read = take_value(out, thing);
      if (!read) return read;
      skip_blanks();
      if (!take(',') && (rest_.empty() || rest_.front() != ']')) return wrong("a list without an end");
    }
  }

  Status take_value(LvmText& out, std::size_t thing) {
    if (take('"')) {
      std::string text;
      if (!take_string(text)) return wrong("a string without an end");
      return add(out, thing, text) != 0 ? Status(Done{}) : wrong("too many entries");
    }
    const std::string_view word = take_word();
    if (word.empty()) return wrong("no value where one belongs");
    return add(out, thing, word) != 0 ? Status(Done{}) : wrong("too many entries");
  }

  bool take_string(std::string& text) {
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return true;
      if (c == '\\' && !rest_.empty()) {
        text += rest_.front();
        rest_.remove_prefix(1);
      } else {
        text += c;
      }
    }
    return false;
  }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Up to a blank or a mark of the grammar.
  std::string_view take_word() {
    const std::size_t end = std::min(rest_.find_first_of(std::string_view(" \t\r\n\0{}[]=,\"#", 13)), rest_.size());
    const std::string_view word = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return word;
  }

  /// Comments go from # to the line's end; a zero byte is LVM's own end of the text.
  void skip_blanks() {
    while (!rest_.empty()) {
      if (rest_.front() == '#') rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
      const std::size_t next = std::min(rest_.find_first_not_of(std::string_view(" \t\r\n\0", 5)), rest_.size());
      rest_.remove_prefix(next);
      if (rest_.empty() || rest_.front() != '#') return;
    }
  }

  /// Its number; 0: there are too many.
  static std::size_t add(LvmText& out, std::size_t parent, std::string_view name) {
    if (out.things_.size() >= LvmText::most_things) return 0;
    const std::size_t added = out.things_.size();
    out.things_.emplace_back().name = std::string(name);
    LvmText::Thing& above = out.things_[parent];
    if (above.last == 0)
      above.first = added;
    else
      out.things_[above.last].next = added;
    above.last = added;
    return added;
  }

  std::string_view rest_;
};

Result<LvmText> LvmText::parse(std::string_view text) {
  if (text.size() > largest) return Failure{"LVM's metadata text is longer than 1 MiB"};
  LvmText out;
  Status read = LvmTextReader(text).read(out);
  if (!read) return read.failure();
  return out;
}

std::vector<LvmText::Section> LvmText::sections(Section parent) const {
  std::vector<Section> found;
  if (parent >= things_.size()) return found;
  for (std::size_t at = things_[parent].first; at != 0; at = things_[at].next)
    if (things_[at].is_section) found.push_back(at);
  return found;
}

const LvmText::Thing* LvmText::find(Section parent, std::string_view name, bool is_section) const {
  if (parent >= things_.size()) return nullptr;
  for (std::size_t at = things_[parent].first; at != 0; at = things_[at].next)
    if (things_[at].is_section == is_section && things_[at].name == name) return &things_[at];
  return nullptr;
}

LvmText::Section LvmText::section(Section parent, std::string_view name) const {
  const Thing* found = find(parent, name, true);
  return found == nullptr ? none : static_cast<Section>(found - things_.data());
}

std::vector<std::string_view> LvmText::values(Section parent, std::string_view name) const {
  std::vector<std::string_view> found;
  const Thing* thing = find(parent, name, false);
  if (thing == nullptr) return found;
  for (std::size_t at = thing->first; at != 0; at = things_[at].next) found.push_back(things_[at].name);
  return found;
}

std::string_view LvmText::value(Section parent, std::string_view name) const {
  const Thing* thing = find(parent, name, false);
  return thing == nullptr || thing->first == 0 ? std::string_view() : things_[thing->first].name;
}

std::uint64_t LvmText::number(Section parent, std::string_view name) const {
  const std::string_view text = value(parent, name);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

bool LvmText::lists(Section parent, std::string_view name, std::string_view value) const {
  const auto all = values(parent, name);
  return std::find(all.begin(), all.end(), value) != all.end();
}

}  // namespace lifeboat::init
