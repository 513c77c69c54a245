#include "builder/build/plan.hpp"

#include <algorithm>
#include <ostream>
#include <sstream>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/signature.hpp"
#include "builder/base/text.hpp"
#include "builder/build/boot_loaders.hpp"
#include "builder/build/build.hpp"
#include "builder/build/choose.hpp"
#include "builder/build/manifest.hpp"
#include "builder/build/packages.hpp"
#include "builder/build/verify.hpp"
#include "builder/media/authenticode.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view output_step = "output";
constexpr const char* digest_file = "manifest.sha256";

Lock lock_for(const BuildOptions& options, const Recipe& recipe, FetchSetup& fetch, const StepStore& store,
              Progress& progress) {
  if (options.lock.empty()) return choose_packages(recipe, fetch.tools(), store, progress);
  Progress::Step step(progress, "lock");
  Lock lock = read_lock(options.lock);
  check_lock_is_for(recipe, lock_request(recipe, boot_package_names(recipe)), lock, options.lock);
  step.done(options.lock.string() + ": " + std::to_string(lock.all_packages().size()) + " packages, " +
            format_size(total_size(lock.all_packages())));
  return lock;
}

/// The same inputs give the same id, on any machine: recipe, exact packages and their date, overlays and init.
std::string make_build_id(const BuildPlan& plan) {
  Sha256Stream stream;
  stream.update("lifeboat build 2\n" + canonical_text(plan.recipe) + (plan.options.fast ? "fast\n" : ""));
  stream.update(std::to_string(plan.lock.time()) + "\n");
  for (const Package& package : plan.lock.all_packages())
    stream.update(package.name + " " + package.version + " " + package.sha256 + "\n");
  stream.update(plan.overlays_digest + "\n" + sha256_of_file(plan.places.init_binary) + "\n");
  return stream.finish().substr(0, 32);
}

Sha256 make_output_key(const BuildPlan& plan) {
  std::string text = plan.root_key + plan.build_id + plan.signer + plan.secure_boot_certificate + to_text(plan.lock);
  for (const auto& [name, version] : tool_versions(plan.recipe.media)) text += name + " " + version + "\n";
  return sha256_of(text);
}

/// The folder holds what note_output() saw there for the same key, byte for byte.
bool is_current(const BuildPlan& plan, const StepStore& store) {
  const auto noted = store.find(output_step, plan.output_key);
  std::error_code ignored;
  const fs::path manifest = plan.places.output / "manifest.json";
  if (!noted || !fs::is_regular_file(manifest, ignored)) return false;
  try {
    if (read_file(*noted / digest_file) != sha256_of_file(manifest)) return false;
    std::ostringstream unread;
    return verify_output({.folder = plan.places.output, .key = {}}, unread);
  } catch (const Interrupted&) {
    throw;
  } catch (const Error&) {
    return false;  // what is not as it should be is written again
  }
}

/// Also tries the key: better a word now than after a minute of compressing.
std::string signer_of(const BuildOptions& options) {
  if (options.sign_key.empty()) return "";
  sign_bytes("", options.sign_key);
  return key_fingerprint(options.sign_key);
}

/// The same for the key that signs the medium uki.
Sha256 secure_boot_certificate(const BuildOptions& options, const Recipe& recipe) {
  if (options.secure_boot.key.empty()) return "";
  if (std::ranges::find(recipe.media, "uki") == recipe.media.end())
    throw Error("--secure-boot-key signs the medium uki, and this build has none",
                "add it to the recipe: media = [\"uki\"]");
  return check_secure_boot_key(options.secure_boot);
}

std::string of_how_many(std::size_t count, std::uint64_t bytes) {
  return std::to_string(count) + (count == 1 ? " file, " : " files, ") + format_size(bytes);
}

/// "fetch", "unpack" ... and what is done there, aligned.
void print_row(std::ostream& out, std::string_view verb, const std::string& what) {
  out << "  " << verb << std::string(verb.size() < 12 ? 12 - verb.size() : 1, ' ') << what << "\n";
}

void print_fetch(std::ostream& out, const BuildPlan& plan, const Cache& cache) {
  std::vector<const Package*> missing;
  std::uint64_t bytes = 0;
  const std::vector<Package> all = plan.lock.all_packages();
  for (const Package& package : all) {
    if (cache.has(package.sha256)) continue;
    missing.push_back(&package);
    bytes += package.size;
  }
  const std::size_t there = all.size() - missing.size();
  print_row(out, "fetch", of_how_many(missing.size(), bytes) + "; " + std::to_string(there) + " are in the cache");
  for (const Package* package : missing) print_row(out, "", file_name(*package) + "  " + format_size(package->size));
}

void print_root(std::ostream& out, const BuildPlan& plan) {
  if (plan.root) {
    print_row(out, "unpack", "nothing: an earlier build made the same root");
    print_row(out, "squashfs", "reused, " + format_size(plan.root->size));
    return;
  }
  std::uint64_t installed = 0;
  for (const Package& package : plan.lock.packages) installed += package.installed_size;
  print_row(out, "unpack",
            std::to_string(plan.lock.packages.size()) + " packages, " + format_size(installed) + " before trimming");
  const Recipe::Squashfs& settings = plan.recipe.squashfs;
  print_row(out, "squashfs",
            plan.options.fast ? "made anew, quick compression"
                              : "made anew, " + settings.compression + " level " + std::to_string(settings.level));
}

std::string last_size(const BuildPlan& plan) {
  std::error_code ignored;
  if (!fs::exists(plan.places.output / "manifest.json", ignored)) return "nothing is there yet";
  try {
    return "replaces a build of " + format_size(image_size(read_manifest(plan.places.output).media));
  } catch (const Interrupted&) {
    throw;
  } catch (const Error&) {
    return "replaces what is there";
  }
}

void print_plan(std::ostream& out, const BuildPlan& plan, const Cache& cache) {
  out << plan.recipe.title << " (" << plan.recipe.name << ", " << plan.recipe.architecture << ")\n";
  for (const Lock::Repository& repository : plan.lock.repositories)
    print_row(out, "repository", repository.where.name + " of " + repository.date);
  print_row(out, "packages", of_how_many(plan.lock.all_packages().size(), total_size(plan.lock.all_packages())));
  if (plan.current) {
    print_row(out, "write", "nothing: " + plan.places.output.string() + " is build " + plan.build_id + " already");
    return;
  }
  if (!plan.root) print_fetch(out, plan, cache);
  print_root(out, plan);
  print_row(out, "write",
            join(plan.recipe.media, ", ") + ", manifest, lock and SBOM into " + plan.places.output.string() + "; " +
                last_size(plan));
  print_row(out, "build id", plan.build_id);
}

}  // namespace

BuildPlan make_plan(const BuildOptions& options, const Recipe& recipe, FetchSetup& fetch, const StepStore& store,
                    Progress& progress) {
  const std::string signer = signer_of(options);
  const Sha256 certificate = secure_boot_certificate(options, recipe);
  BuildPlan plan{.options = options,
                 .recipe = recipe,
                 .places = find_places(options, recipe),
                 .lock = lock_for(options, recipe, fetch, store, progress)};
  plan.signer = signer;
  plan.secure_boot_certificate = certificate;
  plan.overlays_digest = overlays_digest(plan.places, recipe);
  plan.build_id = make_build_id(plan);
  plan.root_key = root_key(plan.root_input());
  plan.output_key = make_output_key(plan);
  plan.current = is_current(plan, store);
  if (!plan.current) plan.root = find_root(store, plan.root_key);
  return plan;
}

void note_output(const BuildPlan& plan, const StepStore& store) {
  store.keep(output_step, plan.output_key, [&](const fs::path& folder) {
    replace_file(folder / digest_file, sha256_of_file(plan.places.output / "manifest.json"));
  });
}

void plan_image(const PlanOptions& options, std::ostream& out) {
  const Recipe recipe = read_image_recipe(options.build.recipe, options.build.media);
  FetchSetup fetch(options.build, recipe.repositories);
  const StepStore store(fetch.cache(), options.build.reuse);
  Progress silent({.quiet = true});
  print_plan(out, make_plan(options.build, recipe, fetch, store, silent), fetch.cache());
}

}  // namespace lifeboat
