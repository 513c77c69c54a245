#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lifeboat {

/// Mirror name ("debian", "debian-security") -> base URLs in the order they are tried, no slash at the end.
/// Recipes name mirrors, never hosts.
class Mirrors {
 public:
  /// `--mirror NAME=URL` (may be repeated; earlier first). These come before all others of that name.
  void add(std::string_view name_is_url);
  void add(std::string name, std::string url);
  /// A mirrors file: TOML-free lines "NAME = URL", `#` comments. Throws Error with file:line.
  void add_file(const std::filesystem::path& file);
  /// The build host's own apt sources (deb822 *.sources and one-line *.list below `etc_apt`): an entry counts for
  /// mirror NAME when one of its suites is `suite`. Unreadable or broken files are passed over.
  void add_apt_sources(const std::filesystem::path& etc_apt, std::string_view name, std::string_view suite);

  /// Never empty: throws Error("no mirror is known for NAME") with a hint that shows --mirror.
  const std::vector<std::string>& urls(std::string_view name) const;
  bool knows(std::string_view name) const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> urls_;
};

}  // namespace lifeboat
