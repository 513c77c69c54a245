#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "builder/base/file.hpp"

namespace lifeboat::testing {

/// A real package to make with dpkg-deb.
struct TestPackage {
  std::string name;
  std::string version = "1.0";
  std::string architecture = "amd64";
  std::string fields = {};                          ///< more control lines: "Depends: a, b\nEssential: yes\n"
  std::map<std::string, std::string> files = {};    ///< "usr/bin/hello" -> content (mode 0755 below bin and sbin)
  std::map<std::string, std::string> control = {};  ///< more control files: "postinst" -> content
};

/// GnuPG in a folder of its own, with the keys that a test makes. One per test program (gpg_home()), as making keys and
/// starting gpg-agent takes a while; the agent ends with it.
class GpgHome {
 public:
  GpgHome();
  GpgHome(const GpgHome&) = delete;
  GpgHome& operator=(const GpgHome&) = delete;
  ~GpgHome();

  /// Makes an ed25519 key without a passphrase; returns its fingerprint. `made` ("20200101T000000") and `life` ("1y",
  /// "never") make keys that have expired.
  std::string make_key(const std::string& name, const std::string& made = "", const std::string& life = "never");
  /// The public keys in binary form, or armoured.
  std::string public_keys(const std::vector<std::string>& fingerprints, bool armoured = false) const;
  /// The text signed in clear by the keys; `options` are more of gpg's own.
  std::string sign(const std::string& text, const std::vector<std::string>& fingerprints,
                   const std::vector<std::string>& options = {}) const;

 private:
  std::string gpg(std::vector<std::string> arguments, const std::string& input) const;
  TempDir folder_;
};

GpgHome& gpg_home();
/// A key that every test may sign with; made once.
const std::string& test_key();

/// What publish() says of the repository.
struct Publication {
  std::int64_t date = 0;         ///< Unix time; 0: now
  std::int64_t valid_until = 0;  ///< 0: no Valid-Until
  bool by_hash = true;
  std::string key = {};  ///< fingerprint; empty: test_key()
};

/// A small Debian archive made with dpkg-deb, apt-ftparchive and gpg, on disk below root(): pool/ and dists/SUITE.
class SignedRepository {
 public:
  explicit SignedRepository(std::string suite = "teststable", std::string codename = "testcode");

  const std::filesystem::path& root() const noexcept { return folder_.path(); }
  /// Of the mirror: "file:///...".
  std::string url() const { return "file://" + root().string(); }
  const std::string& suite() const noexcept { return suite_; }
  /// Binary; holds test_key().
  std::filesystem::path keyring() const { return root() / "keyring.gpg"; }
  std::filesystem::path dist() const { return root() / "dists" / suite_; }
  /// dists/SUITE/main/binary-amd64/Packages + `form`
  std::filesystem::path index(const std::string& form) const {
    return dist() / "main/binary-amd64" / ("Packages" + form);
  }

  /// Builds the package into the pool; returns its path below root().
  std::string add(const TestPackage& package);
  /// Writes the index in three forms, Release and InRelease.
  void publish(const Publication& publication = {});

  /// For tests that forge: the Release as it was signed, and signing another text in its place.
  std::string release() const;
  void write_in_release(const std::string& text) const;
  void sign(const std::string& release_text, const std::vector<std::string>& options = {}) const;

 private:
  void write_indexes() const;
  std::string make_release(const Publication& publication) const;

  TempDir folder_;
  std::string suite_, codename_;
};

/// "Sat, 06 Sep 2025 09:57:01 UTC"
std::string release_date(std::int64_t unix_time);

}  // namespace lifeboat::testing
