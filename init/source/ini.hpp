#pragma once
#include <string_view>
#include <utility>
#include <vector>

namespace lifeboat::init {

/// A section of an INI file, as systemd and NetworkManager write them. One name may come more than once.
struct IniSection {
  std::string_view name;
  std::vector<std::pair<std::string_view, std::string_view>> entries;  ///< trimmed; without those of no value

  /// The last of a key; empty where there is none.
  std::string_view value(std::string_view key) const;
};

/// The pieces point into the text. Comments begin a line with '#' or ';'; a line that is none of it is passed over.
std::vector<IniSection> parse_ini(std::string_view text);

}  // namespace lifeboat::init
