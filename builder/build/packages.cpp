#include "builder/build/packages.hpp"

#include <algorithm>
#include <atomic>
#include <ctime>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>

#include "builder/base/error.hpp"
#include "builder/base/interrupt.hpp"
#include "builder/base/text.hpp"
#include "builder/package/deb_index.hpp"
#include "builder/package/resolve.hpp"

namespace lifeboat {
namespace {

DebRepository as_deb_repository(const Recipe& recipe, const Recipe::Repository& repository) {
  return {.name = repository.name,
          .mirror = repository.mirror,
          .suite = repository.suite,
          .components = repository.components,
          .architecture = recipe.architecture,
          .keyring = repository.keyring,
          .fingerprints = repository.fingerprints};
}

std::uint64_t total_size(const std::vector<Package>& packages) {
  std::uint64_t total = 0;
  for (const Package& package : packages) total += package.size;
  return total;
}

const Recipe::Repository& repository_of(const Recipe& recipe, const Package& package) {
  return *std::find_if(recipe.repositories.begin(), recipe.repositories.end(),
                       [&](const auto& repository) { return repository.name == package.repository; });
}

std::string file_name(const Package& package) { return package.path.substr(package.path.rfind('/') + 1); }

/// Runs `work(0)` ... `work(count - 1)` on every core; the first exception stops the rest and is thrown here.
template <class Work>
void for_each_on_all_cores(std::size_t count, const Work& work) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex failure_mutex;
  auto loop = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++) {
        throw_if_interrupted();
        work(i);
      }
    } catch (...) {
      next = count;
      std::lock_guard lock(failure_mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 1; i < std::max(1U, std::thread::hardware_concurrency()); ++i) threads.emplace_back(loop);
    loop();
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

Universe read_repositories(const Recipe& recipe, const FetchTools& tools, Progress& progress) {
  Progress::Step step(progress, "repositories");
  Universe universe;
  std::string names;
  for (const auto& repository : recipe.repositories) {
    const DebRepositoryContent content =
        fetch_deb_repository(as_deb_repository(recipe, repository), tools.mirrors, tools.cache, tools.downloader,
                             tools.offline, ::time(nullptr));
    for (const DebIndex& index : content.indexes) {
      std::vector<Package> packages = parse_deb_index(index.text, recipe.architecture, repository.name, index.origin);
      std::move(packages.begin(), packages.end(), std::back_inserter(universe.packages));
    }
    universe.repositories.push_back({repository.name, repository.suite, content.release.date});
    universe.newest = std::max(universe.newest, content.release.date_unix);
    names += (names.empty() ? "" : ", ") + repository.name;
  }
  step.done(names + ": " + std::to_string(universe.packages.size()) + " packages");
  return universe;
}

std::vector<Package> resolve_packages(const Recipe& recipe, const Universe& universe, Progress& progress) {
  Progress::Step step(progress, "resolve");
  ResolveRequest request{.architecture = recipe.architecture, .install = recipe.packages, .provided = recipe.provided};
  request.install.push_back(recipe.kernel.package);
  std::vector<Package> packages;
  with_context("choosing the packages of " + recipe.file.string(), [&] {
    for (std::size_t index : resolve(universe.packages, request)) packages.push_back(universe.packages[index]);
  });
  step.done(std::to_string(packages.size()) + " packages, " + format_size(total_size(packages)));
  return packages;
}

void fetch_packages(const Recipe& recipe, const std::vector<Package>& packages, const FetchTools& tools,
                    Progress& progress) {
  Progress::Step step(progress, "fetch");
  std::vector<WantedFile> files;
  for (const Package& package : packages)
    files.push_back({.mirror = repository_of(recipe, package).mirror,
                     .path = package.path,
                     .sha256 = package.sha256,
                     .size = package.size,
                     .name = file_name(package)});
  fetch_files(files, tools.mirrors, tools.cache, tools.downloader, tools.offline, step);
  step.done(std::to_string(files.size()) + " files in " + tools.cache.folder().string());
}

std::vector<UnpackedPackage> read_packages(const std::vector<Package>& packages, const Cache& cache, Spool& spool,
                                           Progress& progress) {
  Progress::Step step(progress, "unpack");
  std::vector<std::optional<UnpackedPackage>> read(packages.size());
  for_each_on_all_cores(packages.size(), [&](std::size_t i) {
    read[i] = read_deb(cache.path_of(packages[i].sha256), packages[i], spool);
  });
  std::vector<UnpackedPackage> unpacked;
  std::size_t members = 0;
  for (auto& package : read) {
    members += package->members.size();
    unpacked.push_back(std::move(*package));
  }
  step.done(std::to_string(unpacked.size()) + " packages, " + std::to_string(members) + " files and folders");
  return unpacked;
}

}  // namespace lifeboat
