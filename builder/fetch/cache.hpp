#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "builder/base/digest.hpp"

namespace lifeboat {

/// The content-addressed store of everything fetched: FOLDER/sha256/ab/abcdef... (name = SHA-256 of the bytes). A file
/// appears there whole and verified or not at all; two builds may share it.
class Cache {
 public:
  /// Makes the folder where it is missing. Throws Error.
  explicit Cache(std::filesystem::path folder);

  /// $LIFEBOAT_CACHE, else $XDG_CACHE_HOME/lifeboat, else ~/.cache/lifeboat.
  static std::filesystem::path default_folder();

  const std::filesystem::path& folder() const noexcept { return folder_; }
  bool has(const Sha256& digest) const;
  /// Where a file of this digest is, or will be.
  std::filesystem::path path_of(const Sha256& digest) const;
  /// Where a download of this digest collects its bytes until it is complete (same file system; kept for resuming).
  std::filesystem::path part_of(const Sha256& digest) const;
  /// Checks the bytes of `part` against the digest and size, syncs and renames it into place. Throws Error with expected
  /// and got, and removes the part.
  void take(const std::filesystem::path& part, const Sha256& digest, std::uint64_t size, std::string_view name);

  /// Small named notes that are not content-addressed: the last InRelease of a repository, for --offline.
  std::optional<std::string> note(std::string_view key) const;
  void set_note(std::string_view key, std::string_view content);

 private:
  std::filesystem::path folder_;
};

}  // namespace lifeboat
