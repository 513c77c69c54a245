#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "builder/base/digest.hpp"
#include "builder/base/progress.hpp"
#include "builder/fetch/cache.hpp"
#include "builder/fetch/downloader.hpp"
#include "builder/fetch/mirrors.hpp"
#include "builder/fetch/release_date.hpp"

namespace lifeboat {

/// A Debian archive as a recipe names it.
struct DebRepository {
  std::string name;                       ///< "bookworm-security": for messages and the lock
  std::string mirror;                     ///< name in Mirrors: "debian-security"
  std::string suite;                      ///< "bookworm-security"
  std::vector<std::string> components;    ///< "main"
  std::string architecture;               ///< "amd64"
  std::filesystem::path keyring;          ///< on the build host
  std::vector<std::string> fingerprints;  ///< primary keys that may sign it
  std::int64_t not_before = 0;  ///< Unix time of the Release that a lock was made from: an older one is a replay
};

/// What a verified Release says.
struct DebRelease {
  std::string suite, codename, origin, version;
  std::string date;  ///< as signed: "Sat, 06 Sep 2025 09:57:01 UTC"
  std::int64_t date_unix = 0;
  std::string valid_until;            ///< as signed; empty: does not expire
  std::int64_t valid_until_unix = 0;  ///< 0: does not expire
  bool by_hash = false;               ///< indexes can be had under their digest, too
  struct File {
    Sha256 sha256;
    std::uint64_t size = 0;
  };
  std::map<std::string, File> files;  ///< "main/binary-amd64/Packages.xz" -> digest; from the SHA256 section only
};

/// Reads the text of a Release whose signature has been checked. Throws WrongContent naming the line.
DebRelease parse_deb_release(std::string_view text, std::string_view name);

/// The text of one `Packages` file, verified from the signature down.
struct DebIndex {
  std::string component;
  std::string text;
  std::string origin;  ///< for errors: "bookworm/main/binary-amd64/Packages"
};

struct DebRepositoryContent {
  DebRelease release;
  std::vector<DebIndex> indexes;  ///< one per component
};

/// An InRelease that holds, and what it says.
struct SignedDebRelease {
  std::string signed_text;
  DebRelease release;
};

/// The first half of fetch_deb_repository: all but the indexes.
SignedDebRelease fetch_deb_release(const DebRepository& repository, const Mirrors& mirrors, const Cache& cache,
                                   Downloader& downloader, bool offline, std::int64_t now);

/// The index of each component as the Release lists it: the same digests mean the same packages. Throws Error for a
/// component that it does not list.
std::vector<DebRelease::File> deb_index_files(const DebRepository& repository, const DebRelease& release);

/// The second half: the indexes, one per component. Notes the InRelease in the cache for --offline.
std::vector<DebIndex> fetch_deb_indexes(const DebRepository& repository, const SignedDebRelease& found,
                                        const Mirrors& mirrors, Cache& cache, Downloader& downloader, bool offline);

/// InRelease -> signature -> suite and dates -> Packages.xz by size and SHA-256. A mirror whose InRelease does not hold
/// is passed over for the next. `now` is Unix time, to judge dates. With `offline` nothing is asked of the network: the
/// last InRelease that held is used (noted in the cache); its signature, suite and `not_before` are checked again, but
/// not whether it has expired since.
/// Throws Error for everything that does not verify, naming file, expected and got.
DebRepositoryContent fetch_deb_repository(const DebRepository& repository, const Mirrors& mirrors, Cache& cache,
                                          Downloader& downloader, bool offline, std::int64_t now);

/// A package file wanted from a mirror.
struct WantedFile {
  std::string mirror;  ///< name in Mirrors
  std::string path;    ///< below its URL
  Sha256 sha256;
  std::uint64_t size = 0;
  std::string name;           ///< "bash_5.2.15-2_amd64.deb"
  std::string snapshot = {};  ///< name in Mirrors of a dated archive that keeps what the mirror drops; empty: none
  std::int64_t date = 0;      ///< Unix time of the signed Release that listed the file: the date asked of the snapshot
};

/// Package files that no mirror has any more: "2 package files are gone from every mirror:" and their names.
class FilesGone : public Error {
 public:
  FilesGone(std::vector<std::string> names, const std::string& hint);
  /// WantedFile::name of each, in the order in which they were wanted.
  const std::vector<std::string>& names() const noexcept { return names_; }

 private:
  std::vector<std::string> names_;
};

/// What helps whoever wants files that are gone, where the caller knows nothing better.
inline constexpr const char* gone_hint =
    "the repository has moved on since these packages were chosen: choose anew, or name a mirror that keeps old ones: "
    "--mirror NAME=URL";

/// Brings every file into the cache, verified; the bytes of what is there already are checked again, and damaged ones
/// fetched anew. Asks the mirrors first, then the snapshot archive where Mirrors knows one. Files that are gone do not
/// stop the others: FilesGone, with `hint_if_gone`, comes after those are in the cache. With `offline`, throws Error
/// listing what the cache lacks. The caller ends `step`.
void fetch_files(const std::vector<WantedFile>& files, const Mirrors& mirrors, Cache& cache, Downloader& downloader,
                 bool offline, Progress::Step& step, const std::string& hint_if_gone = gone_hint);

}  // namespace lifeboat
