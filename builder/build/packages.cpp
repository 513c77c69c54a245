#include "builder/build/packages.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <numeric>
#include <optional>
#include <thread>

#include "builder/base/error.hpp"
#include "builder/base/interrupt.hpp"
#include "builder/base/text.hpp"
#include "builder/package/deb_index.hpp"
#include "builder/package/resolve.hpp"
#include "builder/package/without.hpp"

namespace lifeboat {
namespace {

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

/// Largest first, so that the kernel's package is not the last one that a single core still reads.
std::vector<std::size_t> by_size(const std::vector<Package>& packages) {
  std::vector<std::size_t> order(packages.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return packages[a].size > packages[b].size; });
  return order;
}

/// The lock may come from a person's editor: what the packages themselves say is what counts.
void check_complete(const Lock& lock, const std::vector<UnpackedPackage>& unpacked) {
  std::vector<Package> packages;
  for (const UnpackedPackage& package : unpacked)
    packages.push_back(parse_deb_control(package.control.at("control"), package.package));
  const std::vector<std::string> faults =
      check_closure(packages, {.architecture = lock.architecture, .install = lock.install, .provided = lock.provided});
  if (!faults.empty())
    throw Error("the locked packages do not fit together: " + join(faults, "; "),
                "renew the lock: lifeboat lock RECIPE --update");
}

}  // namespace

std::uint64_t total_size(const std::vector<Package>& packages) {
  return std::accumulate(packages.begin(), packages.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const Package& package) { return sum + package.size; });
}

std::string file_name(const Package& package) { return package.path.substr(package.path.rfind('/') + 1); }

void fetch_packages(const Lock& lock, const std::vector<Package>& packages, const FetchTools& tools,
                    const std::string& hint_if_gone, Progress& progress) {
  if (packages.empty()) return;
  Progress::Step step(progress, "fetch");
  std::vector<WantedFile> files;
  for (const Package& package : packages) {
    const Lock::Repository& repository = lock.repository_of(package);
    files.push_back({.mirror = repository.where.mirror,
                     .path = package.path,
                     .sha256 = package.sha256,
                     .size = package.size,
                     .name = file_name(package),
                     .snapshot = repository.where.snapshot,
                     .date = repository.date_unix});
  }
  fetch_files(files, tools.mirrors, tools.cache, tools.downloader, tools.offline, step, hint_if_gone);
  step.done(std::to_string(files.size()) + " files in " + tools.cache.folder().string());
}

std::vector<UnpackedPackage> read_packages(const Lock& lock, const Cache& cache, Spool& spool, Progress& progress) {
  Progress::Step step(progress, "unpack");
  const std::vector<Package>& packages = lock.packages;
  const std::vector<std::size_t> order = by_size(packages);
  const std::uint64_t total = total_size(packages);
  std::vector<std::optional<UnpackedPackage>> read(packages.size());
  std::atomic<std::uint64_t> bytes{0};
  for_each_on_all_cores(packages.size(), [&](std::size_t i) {
    const Package& package = packages[order[i]];
    read[order[i]] = read_deb(cache.path_of(package.sha256), package, spool);
    std::string& control = read[order[i]]->control.at("control");
    control = drop_dependencies(control, package.name, lock.without);
    step.update(bytes += package.size, total);
  });
  std::vector<UnpackedPackage> unpacked;
  std::size_t members = 0;
  for (auto& package : read) {
    members += package->members.size();
    unpacked.push_back(std::move(*package));
  }
  check_complete(lock, unpacked);
  step.done(std::to_string(unpacked.size()) + " packages, " + std::to_string(members) + " files and folders");
  return unpacked;
}

}  // namespace lifeboat
