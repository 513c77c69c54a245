#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace lifeboat {

/// Mirror name ("debian", "debian-security") -> base URLs in the order they are tried, no slash at the end.
/// Recipes name mirrors, never hosts. A snapshot archive ("debian-snapshot") is a mirror whose URL holds "{date}".
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

  /// Never empty: throws Error("no mirror is known for NAME") with a hint that shows --mirror; throws for a URL that
  /// holds {date}, too, as only a snapshot archive's may.
  const std::vector<std::string>& urls(std::string_view name) const;
  /// The URLs of a dated archive, {date} in each replaced by that of a Release ("20250906T095701Z") and, as an archive
  /// takes its picture of a Release after it was signed, by the same 12 hours later. Empty when `name` is not known.
  std::vector<std::string> snapshot_urls(std::string_view name, std::int64_t release_date) const;
  bool knows(std::string_view name) const;

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> urls_;
};

}  // namespace lifeboat
