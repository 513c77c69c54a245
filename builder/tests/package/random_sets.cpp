#include "builder/tests/package/random_sets.hpp"

#include "builder/package/deb_version.hpp"
#include "builder/package/relation.hpp"

namespace lifeboat {
namespace {

constexpr std::size_t set_size = 6;
constexpr const char* architecture = "amd64";

}  // namespace

RandomSets::RandomSets(std::span<const Package> universe, unsigned seed) : universe_(universe), random_(seed) {
  for (std::size_t i = 0; i < universe.size(); ++i) {
    const auto [at, added] = newest_.emplace(universe[i].name, i);
    if (!added && std::is_lt(compare_deb_versions(universe[at->second].version, universe[i].version))) at->second = i;
  }
  for (std::size_t i = 0; i < universe.size(); ++i) {
    if (newest_.at(universe[i].name) != i) continue;
    note_refusals(i);
    note_needs(i);
  }
}

void RandomSets::note_refusals(std::size_t index) {
  for (const auto* relations : {&universe_[index].conflicts, &universe_[index].breaks})
    for (const Alternative& each : *relations)
      if (const auto other = newest_.find(each.name); other != newest_.end() && other->second != index &&
                                                      each.architecture.empty() &&
                                                      is_hit_by(universe_[other->second], each, architecture))
        refusals_.emplace_back(index, other->second);
}

void RandomSets::note_needs(std::size_t index) {
  for (const auto* clauses : {&universe_[index].depends, &universe_[index].pre_depends})
    for (const Clause& clause : *clauses)
      if (const auto needed = newest_.find(clause[0].name); clause.size() == 1 && needed != newest_.end())
        dependents_[needed->second].push_back(index);
}

std::vector<std::string> RandomSets::draw() {
  const std::size_t turn = drawn_++ % 8;
  std::vector<std::string> names;
  if (turn % 4 == 3) {
    const auto& [refusing, refused] = refusals_.at(any(refusals_.size()));
    const auto dependents = dependents_.find(refused);
    const bool deep = turn == 7 && dependents != dependents_.end();
    names.push_back(universe_[refusing].name);
    names.push_back(universe_[deep ? dependents->second.at(any(dependents->second.size())) : refused].name);
  }
  while (names.size() < set_size) names.push_back(universe_[any(universe_.size())].name);
  return names;
}

}  // namespace lifeboat
