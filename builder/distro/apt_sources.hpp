#pragma once
#include <span>
#include <string>
#include <vector>

#include "builder/distro/distro.hpp"

namespace lifeboat {

/// Where apt in the rescue system finds one suite. Public addresses only: the mirrors of the build, which may be
/// private, never get into an image by themselves.
struct AptSource {
  std::string uri;
  std::string suite;
  std::vector<std::string> components;
  std::string keyring;  ///< path in the image: "/usr/share/keyrings/debian-archive-keyring.gpg"
};

/// Writes /etc/apt/sources.list.d/lifeboat.sources (deb822); without sources it writes nothing. Throws Error for a
/// field that is empty or holds blanks, a URI that is neither http nor https or that holds a user name or password, and
/// a keyring that is not in the tree.
void write_apt_sources(Tree& tree, const FinishInput& input, std::span<const AptSource> sources);

}  // namespace lifeboat
