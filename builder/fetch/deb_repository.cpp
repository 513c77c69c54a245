#include "builder/fetch/deb_repository.hpp"

#include <array>

#include "builder/base/file.hpp"
#include "builder/base/text.hpp"
#include "builder/fetch/cached_fetch.hpp"
#include "builder/fetch/decompress.hpp"
#include "builder/fetch/openpgp.hpp"
#include "builder/fetch/url.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t largest_release = 16ULL << 20;
constexpr std::uint64_t largest_index = 1ULL << 30;
constexpr std::int64_t clock_slack = 300;  // seconds by which this machine's clock may be behind the signer's

std::string release_name(const DebRepository& repository) { return repository.name + " InRelease"; }

std::string note_key(const DebRepository& repository) {
  return "inrelease " + repository.mirror + " " + repository.suite;
}

void check_suite(const DebRelease& release, const DebRepository& repository) {
  if (release.suite == repository.suite || release.codename == repository.suite) return;
  throw WrongContent(release_name(repository) + " is of another suite: expected " + repository.suite + ", got suite " +
                     printable(release.suite) + ", codename " + printable(release.codename));
}

void check_dates(const DebRelease& release, const DebRepository& repository, std::int64_t now) {
  constexpr const char* hint =
      "look at this machine's clock (date -u), or name a mirror that is up to date: --mirror NAME=URL";
  if (release.date_unix > now + clock_slack)
    throw WrongContent(release_name(repository) + " is not valid yet: it was signed for " + release.date +
                           ", and this machine's clock says it is earlier",
                       hint);
  if (release.valid_until_unix != 0 && release.valid_until_unix < now)
    throw WrongContent(release_name(repository) + " has expired: it was signed on " + release.date +
                           " and valid until " + release.valid_until,
                       hint);
}

/// What is older than the Release that the lock was made from was valid once, and would bring back what has been mended
/// since.
void check_replay(const DebRelease& release, const DebRepository& repository, std::string_view hint) {
  if (release.date_unix >= repository.not_before) return;
  throw WrongContent(release_name(repository) + " is older than the lock: expected not older than " +
                         release_date_text(repository.not_before) + ", got " + release.date,
                     std::string(hint));
}

/// Everything but the dates.
DebRelease verify_release(const std::string& signed_text, const DebRepository& repository) {
  const std::string name = release_name(repository);
  DebRelease release =
      parse_deb_release(verify_cleartext(signed_text, repository.keyring, repository.fingerprints, name), name);
  check_suite(release, repository);
  return release;
}

std::string offline_hint(const DebRepository& repository, const Cache& cache) {
  const std::string hint = mirror_hint(repository.mirror);
  return cache.note(note_key(repository)) ? hint + "; --offline builds from what the cache has" : hint;
}

/// The first InRelease among the mirrors that holds in every way.
SignedDebRelease fetch_release(const DebRepository& repository, const Mirrors& mirrors, const Cache& cache,
                               Downloader& downloader, std::int64_t now) {
  remove_stale(cache.folder(), "release");
  const TempDir folder(cache.folder(), "release");
  SignedDebRelease found;
  Download download;
  download.to = folder.path() / "InRelease";
  download.size_limit = largest_release;
  download.name = release_name(repository);
  download.hint = offline_hint(repository, cache);
  for (const std::string& mirror : mirrors.urls(repository.mirror))
    download.urls.push_back(url_below(mirror, "dists/" + repository.suite + "/InRelease"));
  download.accept = [&](const fs::path& file) {
    found.signed_text = read_file(file);
    found.release = verify_release(found.signed_text, repository);
    check_dates(found.release, repository, now);
    check_replay(found.release, repository,
                 "the mirror is behind, or somebody sends an old state: name another one: --mirror " +
                     repository.mirror + "=URL");
  };
  downloader.fetch({&download, 1}, {});
  return found;
}

/// The last one that held. It was valid when it came, and the person asked for what the cache has: whether it has
/// expired since is not judged.
SignedDebRelease noted_release(const DebRepository& repository, const Cache& cache) {
  std::optional<std::string> noted = cache.note(note_key(repository));
  if (!noted)
    throw Error("the cache has no InRelease of " + repository.name, "run the same command once without --offline");
  DebRelease release = verify_release(*noted, repository);
  check_replay(release, repository, "run the same command once without --offline");
  return {std::move(*noted), std::move(release)};
}

struct IndexFile {
  std::string path;  ///< below dists/SUITE
  DebRelease::File file;
};

/// The smallest form of a component's Packages that the Release lists.
IndexFile choose_index(const DebRelease& release, const DebRepository& repository, const std::string& component) {
  const std::string plain = component + "/binary-" + repository.architecture + "/Packages";
  for (const char* form : {".xz", ".gz", ""})
    if (const auto found = release.files.find(plain + form); found != release.files.end())
      return {found->first, found->second};
  throw Error(release_name(repository) + " lists no " + plain + " (.xz, .gz or plain)",
              "the recipe's components and architecture must be ones that the repository has");
}

/// Per mirror the name by digest first, which stays while the mirror is being updated, then the plain one.
KnownFile known_index(const IndexFile& index, const DebRelease& release, const DebRepository& repository,
                      const Mirrors& mirrors, bool offline) {
  KnownFile known{
      {}, index.file.sha256, index.file.size, repository.name + "/" + index.path, mirror_hint(repository.mirror)};
  if (offline) return known;
  const std::string suite = "dists/" + repository.suite + "/";
  const std::string folder = index.path.substr(0, index.path.rfind('/'));
  for (const std::string& mirror : mirrors.urls(repository.mirror)) {
    if (release.by_hash)
      known.urls.push_back(url_below(mirror, suite + folder + "/by-hash/SHA256/" + index.file.sha256));
    known.urls.push_back(url_below(mirror, suite + index.path));
  }
  return known;
}

}  // namespace

SignedDebRelease fetch_deb_release(const DebRepository& repository, const Mirrors& mirrors, const Cache& cache,
                                   Downloader& downloader, bool offline, std::int64_t now) {
  return offline ? noted_release(repository, cache) : fetch_release(repository, mirrors, cache, downloader, now);
}

std::vector<DebRelease::File> deb_index_files(const DebRepository& repository, const DebRelease& release) {
  std::vector<DebRelease::File> files;
  for (const std::string& component : repository.components)
    files.push_back(choose_index(release, repository, component).file);
  return files;
}

std::vector<DebIndex> fetch_deb_indexes(const DebRepository& repository, const SignedDebRelease& found,
                                        const Mirrors& mirrors, Cache& cache, Downloader& downloader, bool offline) {
  std::vector<KnownFile> files;
  for (const std::string& component : repository.components)
    files.push_back(
        known_index(choose_index(found.release, repository, component), found.release, repository, mirrors, offline));
  fetch_into_cache(files, cache, downloader, offline, [](std::uint64_t, std::uint64_t) {});
  std::vector<DebIndex> indexes;
  for (std::size_t i = 0; i < files.size(); ++i)
    indexes.push_back(
        {repository.components[i], decompress_file(cache.path_of(files[i].sha256), largest_index, files[i].name),
         repository.name + "/" + repository.components[i] + "/binary-" + repository.architecture + "/Packages"});
  if (!offline) cache.set_note(note_key(repository), found.signed_text);
  return indexes;
}

DebRepositoryContent fetch_deb_repository(const DebRepository& repository, const Mirrors& mirrors, Cache& cache,
                                          Downloader& downloader, bool offline, std::int64_t now) {
  SignedDebRelease found = fetch_deb_release(repository, mirrors, cache, downloader, offline, now);
  std::vector<DebIndex> indexes = fetch_deb_indexes(repository, found, mirrors, cache, downloader, offline);
  return {std::move(found.release), std::move(indexes)};
}

}  // namespace lifeboat
