#include "init/rescue/arguments.hpp"

#include <algorithm>

namespace lifeboat::init {
namespace {

std::string hint(std::span<const Option> options) {
  std::string names;
  for (const Option& option : options) {
    names += (names.empty() ? "" : ", ") + std::string(option.name);
    if (!option.value.empty()) names += " " + std::string(option.value);
  }
  return names.empty() ? "\nhint: this command takes no options" : "\nhint: its options are " + names;
}

}  // namespace

std::string Arguments::value_or(std::string_view option, std::string_view otherwise) const {
  const auto found = options.find(option);
  return found == options.end() ? std::string(otherwise) : found->second;
}

Result<Arguments> parse_arguments(std::span<const std::string_view> words, std::span<const Option> options,
                                  bool stop_at_word) {
  Arguments arguments;
  bool ended = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (ended || !word.starts_with('-') || word == "-") {
      arguments.words.emplace_back(word);
      ended = ended || stop_at_word;
      continue;
    }
    ended = word == "--";
    if (ended) continue;
    const std::string_view name = word.substr(0, word.find('='));
    const auto option = std::ranges::find(options, name, &Option::name);
    if (option == options.end()) return Failure{"there is no option " + std::string(name) + hint(options)};
    const bool joined = name.size() < word.size();
    if (option->value.empty() && joined) return Failure{std::string(name) + " takes no value" + hint(options)};
    if (!option->value.empty() && !joined && ++i == words.size())
      return Failure{std::string(name) + " needs a value: " + std::string(option->value)};
    arguments.options[std::string(name)] = option->value.empty() ? ""
                                           : joined              ? word.substr(name.size() + 1)
                                                                 : words[i];
  }
  return arguments;
}

}  // namespace lifeboat::init
