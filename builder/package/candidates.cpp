#include "builder/package/candidates.hpp"

#include <algorithm>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"
#include "builder/package/deb_version.hpp"
#include "builder/package/relation.hpp"

namespace lifeboat {
namespace {

constexpr std::size_t most_named_providers = 5;

/// "`mawk`, `gawk`": the packages that provide a virtual name.
std::string providers_of(std::span<const Package> universe, std::string_view name) {
  std::set<std::string> names;
  for (const Package& package : universe)
    for (const Alternative& provided : package.provides)
      if (provided.name == name) names.insert("`" + package.name + "`");
  std::vector<std::string> first(names.begin(), names.end());
  if (first.size() > most_named_providers) {
    first.resize(most_named_providers);
    first.emplace_back("...");
  }
  return join(first, ", ");
}

}  // namespace

Candidates::Candidates(std::span<const Package> universe, const ResolveRequest& request)
    : universe_(universe), request_(request), provided_(request.provided.begin(), request.provided.end()) {
  by_name_.reserve(universe.size());
  for (std::size_t index = 0; index < universe.size(); ++index) {
    const Package& package = universe[index];
    if (provided_.contains(package.name)) continue;
    const auto [known, is_new] = by_name_.try_emplace(package.name, index);
    if (!is_new && std::is_gt(compare_deb_versions(package.version, universe[known->second].version)))
      known->second = index;
  }
  for (const auto& [name, index] : by_name_) indices_.push_back(index);
  std::sort(indices_.begin(), indices_.end());
}

std::optional<std::size_t> Candidates::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

bool Candidates::is_provided(const Clause& clause) const {
  if (provided_.empty()) return false;
  return std::any_of(clause.begin(), clause.end(), [&](const Alternative& alternative) {
    return provided_.contains(alternative.name) && speaks_of(alternative, request_.architecture);
  });
}

std::optional<Candidates::Hidden> Candidates::hidden(const Clause& clause) const {
  for (const Alternative& alternative : clause) {
    std::set<std::string> names;
    for (const Package& package : universe_)
      if (provided_.contains(package.name) && meets(package, alternative, request_.architecture))
        names.insert(package.name);
    if (!names.empty()) return Hidden{alternative.name, {names.begin(), names.end()}};
  }
  return std::nullopt;
}

std::size_t Candidates::find_requested(const std::string& name) const {
  if (const auto found = find(name)) return *found;
  if (provided_.contains(name))
    throw Error("the package `" + name + "` is both asked for and `provided`", "take it out of one of the two lists");
  if (const std::string providers = providers_of(universe_, name); !providers.empty())
    throw Error("`" + name + "` is a virtual package", "name a package that provides it: " + providers);
  std::vector<std::string> names;
  for (const std::size_t index : indices_) names.push_back(universe_[index].name);
  const std::string nearest = did_you_mean(name, names);
  throw Error("no package `" + name + "` in the repositories",
              nearest.empty() ? "" : "did you mean `" + nearest + "`?");
}

std::vector<std::size_t> Candidates::roots() const {
  std::vector<std::size_t> roots;
  for (const std::string& name : request_.install) roots.push_back(find_requested(name));
  for (const std::size_t index : indices_)
    if (request_.essential && universe_[index].essential) roots.push_back(index);
  return roots;
}

bool Candidates::is_requested(std::size_t index) const {
  return std::find(request_.install.begin(), request_.install.end(), universe_[index].name) != request_.install.end();
}

}  // namespace lifeboat
