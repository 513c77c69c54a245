#include "builder/fetch/cached_fetch.hpp"

#include <algorithm>
#include <set>

#include "builder/base/interrupt.hpp"
#include "builder/base/text.hpp"
#include "builder/fetch/deb_repository.hpp"
#include "builder/fetch/url.hpp"

namespace lifeboat {
namespace {

/// One line each, of ten at most.
std::string listing(const std::vector<std::string>& lines) {
  constexpr std::size_t shown = 10;
  std::string text;
  for (std::size_t i = 0; i < std::min(shown, lines.size()); ++i) text += "\n  " + lines[i];
  if (lines.size() > shown) text += "\n  and " + std::to_string(lines.size() - shown) + " more";
  return text;
}

[[noreturn]] void fail_offline(const std::vector<const KnownFile*>& missing, std::size_t wanted) {
  std::vector<std::string> lines;
  lines.reserve(missing.size());
  for (const KnownFile* file : missing) lines.push_back(file->name + " (SHA-256 " + file->sha256 + ")");
  throw Error("the cache lacks " + std::to_string(missing.size()) + " of " + std::to_string(wanted) +
                  " files:" + listing(lines),
              "run the same command once without --offline");
}

std::string gone_text(const std::vector<std::string>& names) {
  return std::to_string(names.size()) + (names.size() == 1 ? " package file is" : " package files are") +
         " gone from every mirror:" + listing(names);
}

/// `gone` in the order of `files`, each once.
std::vector<std::string> in_order(const std::vector<std::string>& gone, const std::vector<WantedFile>& files) {
  std::set<std::string> left(gone.begin(), gone.end());
  std::vector<std::string> names;
  for (const WantedFile& file : files)
    if (left.erase(file.name) > 0) names.push_back(file.name);
  return names;
}

/// The mirrors' URLs, then the dated archive's. A mirror may be known by its archive alone.
std::vector<std::string> urls_of(const WantedFile& file, const Mirrors& mirrors) {
  std::vector<std::string> bases;
  if (!file.snapshot.empty() && file.date != 0) bases = mirrors.snapshot_urls(file.snapshot, file.date);
  if (bases.empty() || mirrors.knows(file.mirror)) {
    const std::vector<std::string>& ordinary = mirrors.urls(file.mirror);
    bases.insert(bases.begin(), ordinary.begin(), ordinary.end());
  }
  for (std::string& base : bases) base = url_below(base, file.path);
  return bases;
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

FilesGone::FilesGone(std::vector<std::string> names, const std::string& hint)
    : Error(gone_text(names), hint), names_(std::move(names)) {}

void fetch_files(const std::vector<WantedFile>& files, const Mirrors& mirrors, Cache& cache, Downloader& downloader,
                 bool offline, Progress::Step& step, const std::string& hint_if_gone) {
  std::vector<KnownFile> known;
  known.reserve(files.size());
  for (const WantedFile& file : files) {
    KnownFile next{{}, file.sha256, file.size, file.name, mirror_hint(file.mirror)};
    if (!offline) next.urls = urls_of(file, mirrors);
    known.push_back(std::move(next));
  }
  try {
    fetch_into_cache(known, cache, downloader, offline,
                     [&](std::uint64_t done, std::uint64_t total) { step.update(done, total); });
  } catch (const NotThere& gone) {
    throw FilesGone(in_order(gone.names(), files), hint_if_gone);
  }
}

}  // namespace lifeboat
