#pragma once
#include <filesystem>
#include <initializer_list>
#include <string>
#include <vector>

namespace lifeboat {

/// A text as the value of a QEMU option: a comma would start the next option, so QEMU wants it twice.
inline std::string option_value(const std::string& text) {
  std::string value;
  for (char c : text) value += c == ',' ? std::string(",,") : std::string(1, c);
  return value;
}

inline std::string option_value(const std::filesystem::path& path) { return option_value(path.string()); }

inline void append(std::vector<std::string>& argv, std::initializer_list<std::string> words) {
  argv.insert(argv.end(), words);
}

inline void append(std::vector<std::string>& argv, const std::vector<std::string>& words) {
  argv.insert(argv.end(), words.begin(), words.end());
}

}  // namespace lifeboat
