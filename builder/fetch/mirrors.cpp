#include "builder/fetch/mirrors.hpp"

#include <algorithm>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/text.hpp"
#include "builder/fetch/apt_sources.hpp"
#include "builder/fetch/release_date.hpp"
#include "builder/fetch/url.hpp"

namespace lifeboat {
namespace {

constexpr const char* url_hint = "a mirror's URL starts with http://, https:// or file:///";
constexpr std::string_view date_mark = "{date}";
constexpr std::int64_t picture_delay = 12 * 3600;  // seconds: archives are pictured up to four times a day

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

std::string with_date(std::string url, std::int64_t date) {
  const std::string stamp = snapshot_stamp(date);
  for (std::size_t at = 0; (at = url.find(date_mark, at)) != std::string::npos; at += stamp.size())
    url.replace(at, date_mark.size(), stamp);
  return url;
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
  for (const std::string& url : found->second)
    if (url.find(date_mark) != std::string::npos)
      throw Error("mirror " + std::string(name) + ": \"" + url_without_secret(printable(url)) +
                      "\" holds {date}, which only a snapshot archive's URL may",
                  "name it as the archive of that mirror: --mirror " + std::string(name) + "-snapshot=URL");
  return found->second;
}

std::vector<std::string> Mirrors::snapshot_urls(std::string_view name, std::int64_t release_date) const {
  std::vector<std::string> dated;
  const auto found = urls_.find(name);
  if (found == urls_.end()) return dated;
  for (const std::string& url : found->second)
    for (const std::int64_t delay : {std::int64_t{0}, picture_delay})
      if (std::string next = with_date(url, release_date + delay);
          std::find(dated.begin(), dated.end(), next) == dated.end())
        dated.push_back(std::move(next));
  return dated;
}

}  // namespace lifeboat
