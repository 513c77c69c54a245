#include "builder/fetch/url.hpp"

#include <algorithm>
#include <cctype>

namespace lifeboat {
namespace {

constexpr std::string_view unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._/";

/// Where the path begins: after "scheme://host:port", or at the end.
std::size_t path_start(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return url.size();
  return std::min(url.find('/', scheme + 3), url.size());
}

}  // namespace

bool is_mirror_url(std::string_view url) {
  const bool clean = std::none_of(url.begin(), url.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7f;
  });
  if (!clean) return false;
  if (url.starts_with("file:/")) return true;
  for (const std::string_view scheme : {"http://", "https://"})
    if (url.starts_with(scheme) && url.size() > scheme.size() && url[scheme.size()] != '/') return true;
  return false;
}

std::string normal_mirror_url(std::string_view url) {
  std::string normal(url);
  if (url.starts_with("file:/") && !url.starts_with("file://")) normal.insert(5, "//");
  while (normal.ends_with('/') && !normal.ends_with("://")) normal.pop_back();
  return normal;
}

std::string url_below(std::string_view base, std::string_view path) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string url(base);
  url += '/';
  for (const char c : path) {
    if (unreserved.find(c) != std::string_view::npos) {
      url += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    url += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return url;
}

std::string url_without_secret(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::string(url);
  const std::string_view authority = url.substr(scheme + 3, path_start(url) - scheme - 3);
  const std::size_t at = authority.rfind('@');
  const std::size_t colon = authority.find(':');
  if (at == std::string_view::npos || colon > at) return std::string(url);
  std::string shown(url.substr(0, scheme + 3 + colon + 1));
  shown += "***";
  shown += url.substr(scheme + 3 + at);
  return shown;
}

std::string url_origin(std::string_view url) { return std::string(url.substr(0, path_start(url))); }

}  // namespace lifeboat
