#include "builder/build/budget.hpp"

#include <algorithm>
#include <optional>
#include <vector>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"
#include "builder/build/changes.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t mebibyte = 1 << 20;
constexpr std::size_t most_shown = 10;

/// The kernel with its tables, and the programs up to a login: measured, see docs/decisions/0009.
constexpr std::uint64_t base_memory = 92 * mebibyte;
/// The same where the root stays on its medium: what of it is in use has to fit beside them.
constexpr std::uint64_t medium_memory = 116 * mebibyte;

/// "\n  image size: 102.1 MiB, and the recipe allows 100 MiB"; "" when it is within.
std::string over(std::string_view what, std::uint64_t bytes, std::uint64_t limit_mib) {
  if (limit_mib == 0 || bytes <= limit_mib * mebibyte) return "";
  return "\n  " + std::string(what) + ": " + format_size(bytes) + ", and the recipe allows " +
         std::to_string(limit_mib) + " MiB";
}

std::uint64_t in_mebibytes(std::uint64_t bytes) { return (bytes + mebibyte - 1) / mebibyte; }

std::string right_aligned(std::string text, std::size_t width = 12) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

std::string largest(const std::map<std::string, std::uint64_t>& bytes) {
  std::vector<std::pair<std::string, std::uint64_t>> sorted(bytes.begin(), bytes.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  if (sorted.size() > most_shown) sorted.resize(most_shown);
  std::string text = "\nlargest in the root, before compression:";
  for (const auto& [name, size] : sorted)
    text += "\n" + right_aligned(format_size(size)) + "  " + (name.empty() ? "(files of no package)" : name);
  return text;
}

std::optional<Manifest> last_build(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::exists(folder / "manifest.json", ignored)) return std::nullopt;
  try {
    return read_manifest(folder);
  } catch (const Interrupted&) {
    throw;
  } catch (const Error&) {
    return std::nullopt;  // whatever it is, it is no build to compare with
  }
}

Inventory inventory_of(const ManifestInput& input) {
  Inventory inventory = lifeboat::inventory_of(input.lock);
  for (auto& [name, item] : inventory.packages) {
    const auto bytes = input.image_bytes.find(name);
    item.bytes = bytes == input.image_bytes.end() ? 0 : bytes->second;
  }
  return inventory;
}

std::string grown(const ManifestInput& input, const fs::path& last_output) {
  const std::optional<Manifest> last = last_build(last_output);
  if (!last) return "";
  const auto changes = growth_of(changes_of(lifeboat::inventory_of(*last), inventory_of(input)), most_shown);
  std::string text = "\ngrown since the last build (" + format_size(image_size(last->media)) + "):";
  if (changes.empty()) text += " no package";
  for (const Change& change : changes) {
    text += "\n" + right_aligned(signed_size(change.bytes)) + "  " + change.name;
    if (change.before.empty())
      text += " (new)";
    else if (change.before != change.after)
      text += " " + change.before + " -> " + change.after;
  }
  return text;
}

}  // namespace

std::uint64_t MemoryNeeded::of(RootPlace root, std::uint64_t size) const {
  switch (root) {
    case RootPlace::medium:
      return from_medium;
    case RootPlace::initramfs:
      return from_initramfs;
    case RootPlace::efi_program:
      return from_initramfs + in_mebibytes(size);
  }
  throw Error("a root image at no known place");
}

MemoryNeeded memory_needed(const RootImage& root, std::uint64_t init_size) {
  // While the kernel unpacks the initrd, both lie in memory: the root image twice, the rest packed and unpacked.
  const std::uint64_t initramfs = fs::file_size(root.drivers) + root.drivers_unpacked + 2 * init_size;
  return {.from_medium = in_mebibytes(medium_memory + initramfs),
          .from_initramfs = in_mebibytes(base_memory + 2 * root.size + initramfs)};
}

void check_budget(const Recipe& recipe, const ManifestInput& input, const fs::path& last_output) {
  const std::string faults = over("image size", image_size(input.media), recipe.budget.image_size) +
                             over("memory needed", minimum_memory(input.media) * mebibyte, recipe.budget.memory);
  if (faults.empty()) return;
  throw Error("the image is over the budget of " + recipe.file.string() + ":" + faults + largest(input.image_bytes) +
                  grown(input, last_output),
              "take packages out, trim with `remove` and module groups, or raise [budget] in the recipe");
}

}  // namespace lifeboat
