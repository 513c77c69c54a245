#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "builder/base/digest.hpp"
#include "builder/base/fd.hpp"
#include "builder/base/file.hpp"

namespace lifeboat {

/// The content-addressed store of everything fetched: FOLDER/sha256/ab/abcdef... (name = SHA-256 of the bytes). A file
/// appears there whole and verified or not at all; two builds may share it.
class Cache {
 public:
  /// Makes the folder where it is missing, and sweeps what killed runs left. Throws Error.
  explicit Cache(std::filesystem::path folder);

  /// $LIFEBOAT_CACHE, else $XDG_CACHE_HOME/lifeboat, else ~/.cache/lifeboat. Throws Error when none of them is set.
  static std::filesystem::path default_folder();

  const std::filesystem::path& folder() const noexcept { return folder_; }
  /// A file of that name is there. It was verified when it came; has_intact looks at its bytes again.
  bool has(const Sha256& digest) const;
  /// Reads the file's bytes: true when they still have this digest and size. A damaged file is removed.
  bool has_intact(const Sha256& digest, std::uint64_t size) const;
  /// Where a file of this digest is, or will be. Throws Error when `digest` is not one.
  std::filesystem::path path_of(const Sha256& digest) const;
  /// Where a download of this digest collects its bytes until it is complete (same file system). Kept for resuming by a
  /// later run, for a week; while another process works in this cache, parts are in a private folder that goes with us.
  std::filesystem::path part_of(const Sha256& digest) const;
  /// Checks the bytes of `part` against the digest and size, syncs and renames it into place. Throws WrongContent with
  /// expected and got, and removes the part; Error when the file system fails.
  void take(const std::filesystem::path& part, const Sha256& digest, std::uint64_t size, std::string_view name);

  /// Small named notes that are not content-addressed: the last InRelease of a repository, for --offline.
  std::optional<std::string> note(std::string_view key) const;
  void set_note(std::string_view key, std::string_view content);

 private:
  std::filesystem::path parts() const;

  std::filesystem::path folder_;
  Fd parts_lock_;                         ///< held: FOLDER/parts is ours alone
  std::optional<TempDir> private_parts_;  ///< used while it is another process's
};

}  // namespace lifeboat
