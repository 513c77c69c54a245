#include "builder/build/diff.hpp"

#include <algorithm>
#include <optional>
#include <ostream>
#include <set>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"
#include "builder/build/changes.hpp"
#include "builder/build/lock.hpp"
#include "builder/build/manifest.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t most_grown = 10;

/// One side: an output with its manifest, or a lock alone.
struct Side {
  Inventory inventory;
  std::optional<Manifest> manifest;
};

Side read_side(const fs::path& path) {
  if (!fs::exists(path))
    throw Error("comparing " + path.string() + ": there is no such file or folder",
                "name two folders that `lifeboat build` wrote, or two locks");
  if (!fs::is_directory(path)) return {inventory_of(read_lock(path)), std::nullopt};
  Manifest manifest = read_manifest(path);
  return {inventory_of(manifest), std::move(manifest)};
}

std::string size_change(std::uint64_t before, std::uint64_t after) {
  if (before == after) return format_size(after);
  return format_size(before) + " -> " + format_size(after) + " (" +
         signed_size(static_cast<std::int64_t>(after) - static_cast<std::int64_t>(before)) + ")";
}

const Manifest::Output* find_output(const Manifest& manifest, const std::string& name) {
  const auto found = std::find_if(manifest.outputs.begin(), manifest.outputs.end(),
                                  [&](const Manifest::Output& output) { return output.name == name; });
  return found == manifest.outputs.end() ? nullptr : &*found;
}

void print_files(std::ostream& out, const Manifest& before, const Manifest& after) {
  std::set<std::string> names;
  for (const Manifest* manifest : {&before, &after})
    for (const Manifest::Output& output : manifest->outputs) names.insert(output.name);
  for (const std::string& name : names) {
    const Manifest::Output* old = find_output(before, name);
    const Manifest::Output* now = find_output(after, name);
    if (old == nullptr)
      out << "  + " << name << ", " << format_size(now->size) << "\n";
    else if (now == nullptr)
      out << "  - " << name << ", " << format_size(old->size) << "\n";
    else if (old->sha256 != now->sha256)
      out << "  ~ " << name << ", " << size_change(old->size, now->size) << "\n";
  }
}

void print_builds(std::ostream& out, const Manifest& before, const Manifest& after) {
  if (before.build_id == after.build_id) {
    out << "build " << after.build_id << ", the same in both\n";
  } else {
    out << "build " << before.build_id << " -> " << after.build_id << "\n";
  }
  print_files(out, before, after);
  out << "image: " << size_change(image_size(before.media), image_size(after.media)) << "\n"
      << "memory needed: " << size_change(minimum_memory(before.media) << 20, minimum_memory(after.media) << 20)
      << "\n";
}

void print_growth(std::ostream& out, const std::vector<Change>& changes) {
  const std::vector<Change> grown = growth_of(changes, most_grown);
  if (grown.empty()) return;
  out << "what grew most, unpacked:\n";
  for (const Change& change : grown) out << "  " << signed_size(change.bytes) << " " << change.name << "\n";
}

}  // namespace

void print_difference(const DiffOptions& options, std::ostream& out) {
  const Side before = read_side(options.before), after = read_side(options.after);
  const std::vector<Change> changes = changes_of(before.inventory, after.inventory);
  print_changes(out, changes);
  print_growth(out, changes);
  if (before.manifest && after.manifest) print_builds(out, *before.manifest, *after.manifest);
}

}  // namespace lifeboat
