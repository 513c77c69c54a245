#pragma once
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "init/sys/result.hpp"

namespace lifeboat::init {

/// An option of a command of `rescue`.
struct Option {
  std::string_view name;   ///< "--at"
  std::string_view value;  ///< what the help calls its value: "FOLDER"; empty: it takes none
};

/// A command's words, sorted: options by name ("--at" -> "/mnt"; "" for those that take no value), and the rest.
struct Arguments {
  std::map<std::string, std::string, std::less<>> options;
  std::vector<std::string> words;

  bool has(std::string_view option) const { return options.contains(option); }
  std::string value_or(std::string_view option, std::string_view otherwise) const;
};

/// "--at /mnt" and "--at=/mnt" are the same; "--" ends the options. With `stop_at_word` what follows the first word
/// belongs to another program. A Failure names the word that is wrong, and has a hint.
Result<Arguments> parse_arguments(std::span<const std::string_view> words, std::span<const Option> options,
                                  bool stop_at_word = false);

}  // namespace lifeboat::init
