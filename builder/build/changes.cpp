#include "builder/build/changes.hpp"

#include <algorithm>
#include <ostream>
#include <set>

#include "builder/base/text.hpp"

namespace lifeboat {
namespace {

const Inventory::Item* find(const Inventory& inventory, const std::string& name) {
  const auto found = inventory.packages.find(name);
  return found == inventory.packages.end() ? nullptr : &found->second;
}

std::int64_t bytes_of(const Inventory::Item* item) {
  return item == nullptr ? 0 : static_cast<std::int64_t>(item->bytes);
}

}  // namespace

Inventory inventory_of(const Lock& lock) {
  Inventory inventory;
  for (const Package& package : lock.all_packages())
    inventory.packages[package.name] = {package.version, package.sha256, package.installed_size};
  return inventory;
}

Inventory inventory_of(const Manifest& manifest) {
  Inventory inventory;
  for (const Manifest::Package& package : manifest.packages)
    inventory.packages[package.name] = {package.version, package.sha256, package.image_bytes};
  return inventory;
}

std::vector<Change> changes_of(const Inventory& before, const Inventory& after) {
  std::set<std::string> names;
  for (const Inventory* inventory : {&before, &after})
    for (const auto& [name, item] : inventory->packages) names.insert(name);
  std::vector<Change> changes;
  for (const std::string& name : names) {
    const Inventory::Item* old = find(before, name);
    const Inventory::Item* now = find(after, name);
    if (old != nullptr && now != nullptr && old->version == now->version && old->bytes == now->bytes &&
        old->identity == now->identity)
      continue;
    changes.push_back(
        {name, old == nullptr ? "" : old->version, now == nullptr ? "" : now->version, bytes_of(now) - bytes_of(old)});
  }
  return changes;
}

std::vector<Change> growth_of(std::vector<Change> changes, std::size_t most) {
  std::erase_if(changes, [](const Change& change) { return change.bytes <= 0; });
  std::stable_sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) { return a.bytes > b.bytes; });
  if (changes.size() > most) changes.resize(most);
  return changes;
}

std::string signed_size(std::int64_t bytes) {
  return bytes < 0 ? "-" + format_size(static_cast<std::uint64_t>(-bytes))
                   : "+" + format_size(static_cast<std::uint64_t>(bytes));
}

std::string line_of(const Change& change) {
  std::string line = change.before.empty() ? "  + " : change.after.empty() ? "  - " : "  ~ ";
  line += change.name + " " + (change.before.empty() ? change.after : change.before);
  if (!change.before.empty() && !change.after.empty())
    line += change.before == change.after ? " (another build of it)" : " -> " + change.after;
  return change.bytes == 0 ? line : line + ", " + signed_size(change.bytes);
}

void print_changes(std::ostream& out, const std::vector<Change>& changes) {
  std::size_t added = 0, removed = 0;
  for (const Change& change : changes) {
    out << line_of(change) << "\n";
    added += change.before.empty() ? 1 : 0;
    removed += change.after.empty() ? 1 : 0;
  }
  if (changes.empty())
    out << "no package has changed\n";
  else
    out << "packages: " << added << " added, " << removed << " removed, " << changes.size() - added - removed
        << " changed\n";
}

}  // namespace lifeboat
