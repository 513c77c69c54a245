#pragma once
#include "builder/fetch/deb_repository.hpp"
#include "builder/tests/fetch/message_of.hpp"
#include "builder/tests/fetch/repository_fixture.hpp"
#include "testing/catch.hpp"

namespace lifeboat::testing {

inline constexpr const char* altered_hint =
    "\nhint: the file was altered or damaged, or the recipe's keyring and fingerprints are not this repository's; "
    "gpg --show-keys KEYRING lists them";
inline constexpr const char* clock_hint =
    "\nhint: look at this machine's clock (date -u), or name a mirror that is up to date: --mirror NAME=URL";
inline constexpr const char* replay_hint =
    "\nhint: the mirror is behind, or somebody sends an old state: name another one: --mirror debian=URL";
inline constexpr const char* mirror_hint_text =
    "\nhint: check the network, or name another mirror: --mirror debian=URL";

/// What a mirror, or somebody on the way to it, sends instead of the repository. Each attack is refused with the whole
/// error compared, and nothing of it is in the cache.
struct Attack : RepositoryFixture {
  explicit Attack(const Publication& publication = {}) : RepositoryFixture(publication) {
    mirrors.add("debian", archive.url());
  }

  std::string message() {
    return message_of([&] { fetch(); });
  }
  /// The error of an InRelease that is refused for `reason`.
  void refuses_release(const std::string& reason) {
    CHECK(message() == "fetching test InRelease: no mirror has a good copy:\n  " + archive.url() +
                           "/dists/teststable/InRelease: " + reason);
    CHECK(cached().empty());
  }
  /// The error of an index that is refused; `reason` is the plain name's, and before it comes that by digest.
  void refuses_index(const std::string& reason, const std::string& reason_by_hash = "there is no such file") {
    const std::string indexes = archive.url() + "/dists/teststable/main/binary-amd64/";
    CHECK(message() == "fetching test/main/binary-amd64/Packages.xz: no mirror has a good copy:\n  " + indexes +
                           "by-hash/SHA256/" + signed_digest + ": " + reason_by_hash + "\n  " + indexes +
                           "Packages.xz: " + reason + mirror_hint_text);
    CHECK(cached().empty());
  }
  void drop_by_hash() { std::filesystem::remove_all(archive.dist() / "main/binary-amd64/by-hash"); }
  std::string in_release() const { return read_file(archive.dist() / "InRelease"); }

  Sha256 signed_digest = sha256_of_file(archive.index(".xz"));
};

/// `in` with the first `from` replaced, which must be there.
inline std::string replaced(std::string in, const std::string& from, const std::string& to) {
  const std::size_t at = in.find(from);
  REQUIRE(at != std::string::npos);
  return in.replace(at, from.size(), to);
}

}  // namespace lifeboat::testing
