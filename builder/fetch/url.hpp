#pragma once
#include <string>
#include <string_view>

namespace lifeboat {

/// True for the URLs that Lifeboat fetches from: http://HOST..., https://HOST... and file:/PATH, without blanks and
/// control characters.
bool is_mirror_url(std::string_view url);

/// One spelling per mirror: file:/srv becomes file:///srv, and no slash at the end.
std::string normal_mirror_url(std::string_view url);

/// BASE/PATH with everything in `path` escaped that an HTTP server could read in another way ("+", "~" of versions).
std::string url_below(std::string_view base, std::string_view path);

/// The URL as messages may show it: a password in it becomes "***".
std::string url_without_secret(std::string_view url);

/// "http://host:port": what is down when a machine is down.
std::string url_origin(std::string_view url);

}  // namespace lifeboat
