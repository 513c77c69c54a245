// apt in the rescue system needs an address. The build's own mirrors may be private and differ from host to host, so
// they never get into an image; Debian's apt ships the public addresses of its release as an example, and that one is
// taken.
#include <algorithm>
#include <span>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"
#include "builder/distro/debian_steps.hpp"

namespace lifeboat {
namespace {

constexpr const char* example = "usr/share/doc/apt/examples/sources.list";

/// "deb URI SUITE COMPONENT..." of the example for this suite, or "".
std::string uri_of_suite(std::string_view text, std::string_view suite) {
  for (std::string_view line : split_lines(text)) {
    const std::vector<std::string_view> words = split_words(line);
    if (words.size() >= 4 && words[0] == "deb" && words[2] == suite) return std::string(words[1]);
  }
  return "";
}

std::string stanza(const Maker& maker, const Recipe::Repository& repository, const std::string& uri) {
  const std::string keyring = "/usr/share/keyrings/" + repository.keyring.filename().string();
  if (maker.tree().find_followed(keyring) == nullptr)
    throw Error("writing apt's sources: the image has no " + keyring + " for suite " + repository.suite,
                "add the package that brings it: debian-archive-keyring");
  return "Types: deb\nURIs: " + uri + "\nSuites: " + repository.suite +
         "\nComponents: " + join(repository.components, " ") + "\nSigned-By: " + keyring + "\n";
}

}  // namespace

void write_debian_apt_sources(Maker& maker) {
  if (!maker.has_package("apt") || maker.tree().find_followed(example) == nullptr) return;
  const std::string addresses = maker.tree().read(example);
  std::string text;
  for (const Recipe::Repository& repository : maker.input().recipe.repositories) {
    const std::string uri = uri_of_suite(addresses, repository.suite);
    if (!uri.empty()) text += (text.empty() ? "" : "\n") + stanza(maker, repository, uri);
  }
  if (!text.empty()) maker.file("etc/apt/sources.list.d/lifeboat.sources", text);
}

}  // namespace lifeboat
