#include "builder/distro/apt_sources.hpp"

#include <algorithm>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"
#include "builder/distro/maker.hpp"

namespace lifeboat {
namespace {

void check_word(const std::string& word, std::string_view what) {
  const auto is_odd = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == 0x7f; };
  if (word.empty() || std::ranges::any_of(word, is_odd))
    throw Error("writing apt's sources: the " + std::string(what) + " \"" + printable(word) + "\" is not one word");
}

/// Whoever can read the image could read a password in it, so the URI is not shown either.
void check_uri(const std::string& uri, const std::string& suite) {
  check_word(uri, "address of " + suite);
  const std::size_t scheme = uri.starts_with("https://") ? 8 : uri.starts_with("http://") ? 7 : 0;
  if (scheme == 0)
    throw Error("writing apt's sources: the address of " + suite + " must begin with http:// or https://");
  const std::string_view host = std::string_view(uri).substr(scheme, uri.find('/', scheme) - scheme);
  if (host.find('@') != std::string_view::npos)
    throw Error("writing apt's sources: the address of " + suite + " holds a user name or password",
                "name a public mirror for the image; a private one can serve the build alone: --mirror");
}

void check(const Tree& tree, const AptSource& source) {
  check_word(source.suite, "suite");
  check_uri(source.uri, source.suite);
  for (const std::string& component : source.components) check_word(component, "component");
  if (source.components.empty()) throw Error("writing apt's sources: suite " + source.suite + " names no component");
  check_word(source.keyring, "keyring of " + source.suite);
  if (tree.find_followed(source.keyring) == nullptr)
    throw Error("writing apt's sources: the image has no keyring " + source.keyring + " for suite " + source.suite,
                "add the package that brings it: debian-archive-keyring");
}

}  // namespace

void write_apt_sources(Tree& tree, const FinishInput& input, std::span<const AptSource> sources) {
  std::string text;
  for (const AptSource& source : sources) {
    check(tree, source);
    text += (text.empty() ? "" : "\n") + std::string("Types: deb\nURIs: ") + source.uri + "\nSuites: " + source.suite +
            "\nComponents: " + join(source.components, " ") + "\nSigned-By: " + source.keyring + "\n";
  }
  if (!text.empty()) Maker(tree, input).file("etc/apt/sources.list.d/lifeboat.sources", text);
}

}  // namespace lifeboat
