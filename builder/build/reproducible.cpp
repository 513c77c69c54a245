#include "builder/build/reproducible.hpp"

#include <sched.h>
#include <sys/stat.h>

#include <set>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/build/image_difference.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view second_prefix = "lifeboat-second";
constexpr std::chrono::seconds longest{4 * 3600};

/// While it lives, what we start has another umask and one core.
class OtherCircumstances {
 public:
  OtherCircumstances() : umask_(::umask(0077)) {
    CPU_ZERO(&cores_);
    if (::sched_getaffinity(0, sizeof cores_, &cores_) != 0) return;
    cpu_set_t one;
    CPU_ZERO(&one);
    for (std::size_t core = 0; core < CPU_SETSIZE; ++core)
      if (CPU_ISSET(core, &cores_)) {
        CPU_SET(core, &one);
        break;
      }
    confined_ = ::sched_setaffinity(0, sizeof one, &one) == 0;
  }
  OtherCircumstances(const OtherCircumstances&) = delete;
  OtherCircumstances& operator=(const OtherCircumstances&) = delete;
  ~OtherCircumstances() {
    ::umask(umask_);
    if (confined_) ::sched_setaffinity(0, sizeof cores_, &cores_);
  }

 private:
  mode_t umask_;
  cpu_set_t cores_;
  bool confined_ = false;
};

Command second_build(const BuildPlan& plan, const Cache& cache, const fs::path& folder, const fs::path& output) {
  const auto absolute = [](const fs::path& path) { return fs::absolute(path).string(); };
  std::vector<std::string> argv{fs::read_symlink("/proc/self/exe").string(),
                                "build",
                                absolute(plan.options.recipe),
                                "--lock",
                                (plan.places.output / "lock.toml").string(),
                                "--output",
                                output.string(),
                                "--cache",
                                absolute(cache.folder()),
                                "--init",
                                absolute(plan.places.init_binary),
                                "--overlays",
                                absolute(plan.places.overlays),
                                "--offline",
                                "--no-reuse",
                                "--quiet"};
  if (plan.options.fast) argv.emplace_back("--fast");
  if (!plan.options.sign_key.empty()) argv.insert(argv.end(), {"--sign-key", absolute(plan.options.sign_key)});
  const SecureBootKey& secure_boot = plan.options.secure_boot;
  if (!secure_boot.key.empty())
    argv.insert(argv.end(), {"--secure-boot-key", absolute(secure_boot.key), "--secure-boot-certificate",
                             absolute(secure_boot.certificate)});
  return {.argv = std::move(argv),
          .environment = {{"TZ", "Pacific/Kiritimati"},
                          {"LANG", "tr_TR.UTF-8"},
                          {"LC_ALL", "tr_TR.UTF-8"},
                          {"HOME", folder.string()}},
          .directory = folder,
          .timeout = longest};
}

std::set<std::string> files_of(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

void compare_outputs(const fs::path& first, const fs::path& second, const fs::path& scratch) {
  constexpr const char* hint = "this is a fault in Lifeboat, or an input changed between the builds: please report it";
  if (files_of(first) != files_of(second)) throw Error("the second build has other files than the first", hint);
  std::string differences;
  for (const std::string& name : files_of(first)) {
    // The manifest holds the digests of the others: it differs whenever they do, and says nothing new.
    if (name.starts_with("manifest.json") && !differences.empty()) continue;
    if (const std::string found = first_difference(first / name, second / name, scratch); !found.empty())
      differences += "\n  " + found;
  }
  if (!differences.empty()) throw Error("a second build from the same lock gave other bytes:" + differences, hint);
}

}  // namespace

void check_reproducible(const BuildPlan& plan, const Cache& cache, Progress& progress) {
  Progress::Step step(progress, "second build");
  remove_stale(plan.places.output.parent_path(), second_prefix);
  const TempDir scratch(plan.places.output.parent_path(), second_prefix);
  const fs::path folder = scratch.path() / "some/where/else", output = folder / "image";
  lifeboat::create_directories(folder);
  {
    const OtherCircumstances other;
    run_checked(second_build(plan, cache, folder, output));
  }
  compare_outputs(plan.places.output, output, scratch.path());
  step.done("the same bytes: another folder, time zone, language, umask, one core");
}

}  // namespace lifeboat
