#include "builder/fetch/mirrors.hpp"

#include <algorithm>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/text.hpp"
#include "builder/fetch/apt_sources.hpp"
#include "builder/fetch/url.hpp"

namespace lifeboat {
namespace {

constexpr const char* url_hint = "a mirror's URL starts with http://, https:// or file:///";

/// "NAME = URL" with or without blanks around the "=".
std::pair<std::string, std::string> parse_pair(std::string_view text, std::string_view doing) {
  const std::size_t equals = text.find('=');
  const std::string_view name = trim(text.substr(0, equals));
  if (equals == std::string_view::npos || name.empty())
    throw Error(std::string(doing) + ": \"" + printable(text) + "\" is not NAME=URL",
                "for example debian=http://mirror.example/debian");
  const std::string_view url = trim(text.substr(equals + 1));
  if (!is_mirror_url(url))
    throw Error(std::string(doing) + ": \"" + url_without_secret(printable(url)) + "\" is not a mirror's URL",
                url_hint);
  return {std::string(name), std::string(url)};
}

}  // namespace

void Mirrors::add(std::string name, std::string url) {
  std::vector<std::string>& urls = urls_[std::move(name)];
  url = normal_mirror_url(url);
  if (std::find(urls.begin(), urls.end(), url) == urls.end()) urls.push_back(std::move(url));
}

void Mirrors::add(std::string_view name_is_url) {
  auto [name, url] = parse_pair(name_is_url, "reading --mirror");
  add(std::move(name), std::move(url));
}

void Mirrors::add_file(const std::filesystem::path& file) {
  const std::string text = read_file(file);
  std::size_t number = 0;
  for (std::string_view line : split_lines(text)) {
    ++number;
    line = trim(line);
    if (line.empty() || line.starts_with('#')) continue;
    auto [name, url] = parse_pair(line, file.string() + ":" + std::to_string(number));
    add(std::move(name), std::move(url));
  }
}

void Mirrors::add_apt_sources(const std::filesystem::path& etc_apt, std::string_view name, std::string_view suite) {
  for (const AptSource& source : read_apt_sources(etc_apt)) {
    if (std::find(source.suites.begin(), source.suites.end(), suite) == source.suites.end()) continue;
    for (const std::string& uri : source.uris)
      if (is_mirror_url(uri)) add(std::string(name), uri);
  }
}

bool Mirrors::knows(std::string_view name) const { return urls_.find(name) != urls_.end(); }

const std::vector<std::string>& Mirrors::urls(std::string_view name) const {
  const auto found = urls_.find(name);
  if (found == urls_.end())
    throw Error("no mirror is known for " + std::string(name),
                "name one with --mirror " + std::string(name) + "=URL, or in a mirrors file");
  return found->second;
}

}  // namespace lifeboat
