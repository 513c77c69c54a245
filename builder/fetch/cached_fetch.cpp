#include "builder/fetch/cached_fetch.hpp"

#include <algorithm>
#include <set>

#include "builder/base/interrupt.hpp"
#include "builder/base/text.hpp"
#include "builder/fetch/deb_repository.hpp"
#include "builder/fetch/url.hpp"

namespace lifeboat {
namespace {

[[noreturn]] void fail_offline(const std::vector<const KnownFile*>& missing, std::size_t wanted) {
  constexpr std::size_t shown = 10;
  std::string text = "the cache lacks " + std::to_string(missing.size()) + " of " + std::to_string(wanted) + " files:";
  for (std::size_t i = 0; i < std::min(shown, missing.size()); ++i)
    text += "\n  " + missing[i]->name + " (SHA-256 " + missing[i]->sha256 + ")";
  if (missing.size() > shown) text += "\n  and " + std::to_string(missing.size() - shown) + " more";
  throw Error(text, "run the same command once without --offline");
}

Download download_of(const KnownFile& file, Cache& cache) {
  return {.urls = file.urls,
          .to = cache.part_of(file.sha256),
          .size = file.size,
          .size_limit = 0,
          .name = file.name,
          .accept = [&file, &cache](
                        const std::filesystem::path& part) { cache.take(part, file.sha256, file.size, file.name); },
          .hint = file.hint};
}

}  // namespace

void fetch_into_cache(const std::vector<KnownFile>& files, Cache& cache, Downloader& downloader, bool offline,
                      const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  std::uint64_t total = 0;
  std::uint64_t there = 0;
  std::set<Sha256> seen;
  std::vector<const KnownFile*> missing;
  for (const KnownFile& file : files) {
    throw_if_interrupted();
    if (!seen.insert(file.sha256).second) continue;
    total += file.size;
    if (!cache.has_intact(file.sha256, file.size))
      missing.push_back(&file);
    else
      there += file.size;
  }
  if (offline && !missing.empty()) fail_offline(missing, seen.size());
  std::vector<Download> downloads;
  downloads.reserve(missing.size());
  for (const KnownFile* file : missing) downloads.push_back(download_of(*file, cache));
  progress(there, total);
  if (!downloads.empty()) downloader.fetch(downloads, [&](std::uint64_t got) { progress(there + got, total); });
}

std::string mirror_hint(std::string_view mirror) {
  return "check the network, or name another mirror: --mirror " + std::string(mirror) + "=URL";
}

void fetch_files(const std::vector<WantedFile>& files, const Mirrors& mirrors, Cache& cache, Downloader& downloader,
                 bool offline, Progress::Step& step) {
  std::vector<KnownFile> known;
  known.reserve(files.size());
  for (const WantedFile& file : files) {
    KnownFile next{{}, file.sha256, file.size, file.name, mirror_hint(file.mirror)};
    if (!offline)
      for (const std::string& mirror : mirrors.urls(file.mirror)) next.urls.push_back(url_below(mirror, file.path));
    known.push_back(std::move(next));
  }
  fetch_into_cache(known, cache, downloader, offline,
                   [&](std::uint64_t done, std::uint64_t total) { step.update(done, total); });
}

}  // namespace lifeboat
