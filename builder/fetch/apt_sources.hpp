#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace lifeboat {

/// One enabled binary source of apt.
struct AptSource {
  std::vector<std::string> uris;
  std::vector<std::string> suites;
};

/// The one-line form: "deb [options] URI SUITE COMPONENT...". Lines that are not of it are passed over.
std::vector<AptSource> parse_apt_list(std::string_view text);
/// The deb822 form. Stanzas that are disabled, for sources only, or without URIs or Suites are passed over.
std::vector<AptSource> parse_apt_deb822(std::string_view text);

/// Everything below `etc_apt` in the order that apt reads it: sources.list, then sources.list.d by name. Files that
/// cannot be read are passed over.
std::vector<AptSource> read_apt_sources(const std::filesystem::path& etc_apt);

}  // namespace lifeboat
