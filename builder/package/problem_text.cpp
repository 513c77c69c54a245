#include "builder/package/problem_text.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <tuple>

#include "builder/base/text.hpp"
#include "builder/package/relation.hpp"

namespace lifeboat {
namespace {

constexpr std::size_t most_faults = 10;  // a person reads the first ones; the rest is counted

/// What libsolv found to contradict itself, translated: indices into the universe, and ids of dependencies.
struct Core {
  using Refusal = std::pair<std::size_t, std::size_t>;      ///< who refuses, and whom
  std::set<std::pair<std::size_t, Id>> missing;             ///< package, its dependency that nothing meets
  std::set<Refusal> refusals;                               ///< a Conflicts or Breaks that hits
  std::map<std::size_t, std::set<std::size_t>> candidates;  ///< package -> those that could meet its dependencies
};

void note_rule(Core& core, const SolverPool& own, Id type, Id source, Id target, Id dependency) {
  if (type == SOLVER_RULE_PKG_NOTHING_PROVIDES_DEP) core.missing.emplace(own.index(source), dependency);
  if (type == SOLVER_RULE_PKG_CONFLICTS) {
    const Core::Refusal refusal = {own.index(source), own.index(target)};
    if (!core.refusals.contains({refusal.second, refusal.first})) core.refusals.insert(refusal);  // once for both ways
  }
  if (type != SOLVER_RULE_PKG_REQUIRES) return;
  Pool* const pool = own.get();  // the macro's own name for it
  Id provider, at;
  FOR_PROVIDES(provider, at, dependency) core.candidates[own.index(source)].insert(own.index(provider));
}

Core read_core(const SolverPool& pool, Solver& solver) {
  Core core;
  for (Id problem = 0; (problem = solver_next_problem(&solver, problem)) != 0;) {
    IdQueue rules;
    solver_findallproblemrules(&solver, problem, rules.get());
    for (const Id rule : rules) {
      IdQueue infos;  // {type, source, target, dependency} each
      solver_allruleinfos(&solver, rule, infos.get());
      for (int at = 0; at + 3 < infos.size(); at += 4)
        note_rule(core, pool, infos[at], infos[at + 1], infos[at + 2], infos[at + 3]);
    }
  }
  return core;
}

/// Who wants a package: the shortest way from a root along the dependencies of the core.
class Chains {
 public:
  Chains(const SolverPool& pool, const Core& core, std::span<const std::size_t> roots) : pool_(pool) {
    std::deque<std::size_t> queue;
    for (const std::size_t root : roots)
      if (wanted_by_.emplace(root, root).second) queue.push_back(root);
    for (; !queue.empty(); queue.pop_front()) {
      const auto found = core.candidates.find(queue.front());
      if (found == core.candidates.end()) continue;
      for (const std::size_t candidate : found->second)
        if (wanted_by_.emplace(candidate, queue.front()).second) queue.push_back(candidate);
    }
  }

  /// "`app` is needed by `mid`, which is needed by `top`, which is asked for"
  std::string describe(std::size_t index) const {
    std::string text = "`" + pool_.candidates().package(index).name + "`";
    std::string_view link = " is ";
    for (auto entry = wanted_by_.find(index); entry != wanted_by_.end(); entry = wanted_by_.find(entry->second)) {
      if (entry->second == entry->first)
        return text + std::string(link) + (pool_.candidates().is_requested(entry->first) ? "asked for" : "essential");
      text += std::string(link) + "needed by `" + pool_.candidates().package(entry->second).name + "`";
      link = ", which is ";
    }
    return text;
  }

  std::size_t root_of(std::size_t index) const {
    for (auto entry = wanted_by_.find(index); entry != wanted_by_.end(); entry = wanted_by_.find(index)) {
      if (entry->second == index) break;
      index = entry->second;
    }
    return index;
  }

 private:
  const SolverPool& pool_;
  std::map<std::size_t, std::size_t> wanted_by_;  ///< a root is wanted by itself
};

/// One reason, and the packages whose being wanted it rests on.
struct Fault {
  std::string sentence;
  std::vector<std::size_t> packages;
  bool is_missing = false;   ///< something is not there; else one of them refuses the other
  std::string provide = {};  ///< a name that would help in the recipe's `provided`
};

std::string listing(std::span<const std::string> names) { return "`" + join(names, "`, `") + "`"; }

class Faults {
 public:
  explicit Faults(const SolverPool& pool) : pool_(pool) {}

  std::vector<Fault> describe(const Core& core) const {
    std::vector<Fault> faults;
    for (const auto& [index, dependency] : core.missing) faults.push_back(missing(index, dependency));
    for (const Core::Refusal& each : core.refusals) faults.push_back({refusal(each), {each.first, each.second}});
    return faults;
  }

 private:
  const Package& package(std::size_t index) const { return pool_.candidates().package(index); }
  std::string label(const Package& package) const { return "`" + package.name + "` " + package.version; }

  Fault missing(std::size_t index, Id dependency) const {
    const Package& wanting = package(index);
    for (const auto* clauses : {&wanting.pre_depends, &wanting.depends})
      for (const Clause& clause : *clauses)
        if (!pool_.candidates().is_provided(clause) && pool_.dependency(clause) == dependency)
          return missing(index, clause);
    return {label(wanting) + " needs something that no package meets", {index}, true};
  }

  Fault missing(std::size_t index, const Clause& clause) const {
    const std::string needs = label(package(index)) + " needs `" + to_string(clause) + "`, ";
    const auto hidden = pool_.candidates().hidden(clause);
    if (!hidden) return {needs + why_missing(clause), {index}, true};
    return {
        needs + "which only packages in `provided` meet: " + listing(hidden->by), {index}, true, hidden->alternative};
  }

  std::string why_missing(const Clause& clause) const {
    std::vector<std::string> known;
    for (const Alternative& alternative : clause)
      if (const auto index = pool_.candidates().find(alternative.name);
          index && speaks_of(alternative, pool_.candidates().architecture()))
        known.push_back(label(package(*index)) +
                        (alternative.architecture == "any" ? " (not Multi-Arch: allowed)" : ""));
    if (known.empty()) return "which no current package in the repositories is or provides";
    return "but the newest in the repositories " + std::string(known.size() == 1 ? "is " : "are ") +
           join(known, " and ");
  }

  std::string refusal(const Core::Refusal& found) const {
    const Package &from = package(found.first), &to = package(found.second);
    for (const auto* relations : {&from.conflicts, &from.breaks})
      for (const Alternative& each : *relations)
        if (is_hit_by(to, each, pool_.candidates().architecture()))
          return label(from) + (relations == &from.breaks ? " breaks `" : " conflicts with `") + to_string(each) +
                 "`, " + how_hit(to, each);
    return label(from) + " cannot be installed together with " + label(to);
  }

  std::string how_hit(const Package& hit, const Alternative& refused) const {
    if (hit.name != refused.name) return "which " + label(hit) + " provides";
    return refused.relation == Alternative::Relation::any ? "which is wanted too"
                                                          : "and the newest in the repositories is " + label(hit);
  }

  const SolverPool& pool_;
};

std::string make_hint(const SolverPool& pool, const Chains& chains, const std::vector<Fault>& faults) {
  bool needs_repository = false;
  std::set<std::string> names, provide;
  for (const Fault& fault : faults) {
    if (!fault.provide.empty()) provide.insert(fault.provide);
    if (fault.is_missing && fault.provide.empty()) needs_repository = true;
    for (const std::size_t index : fault.packages)
      if (const std::size_t root = chains.root_of(index); pool.candidates().is_requested(root))
        names.insert("`" + pool.candidates().package(root).name + "`");
  }
  if (names.empty()) return "the repositories do not fit together: compare the recipe's suites";
  const std::vector<std::string> list(names.begin(), names.end());
  std::string out =
      "take " + std::string(list.size() > 1 ? "one or more of " : "") + join(list, ", ") + " out of the package set";
  for (const std::string& name : provide) out += ", or add `" + name + "` to `provided`";
  return needs_repository ? out + ", or add the repository that has what is missing" : out;
}

}  // namespace

Error describe_problems(const SolverPool& pool, Solver& solver, std::span<const std::size_t> roots) {
  const Core core = read_core(pool, solver);
  const Chains chains(pool, core, roots);
  const std::vector<Fault> faults = Faults(pool).describe(core);
  std::string text = "choosing the packages: they cannot be installed together:";
  for (std::size_t at = 0; at < std::min(faults.size(), most_faults); ++at) {
    text += "\n  " + faults[at].sentence;
    for (const std::size_t index : faults[at].packages) text += "\n    " + chains.describe(index);
  }
  if (faults.size() > most_faults)
    text += "\n  and " + std::to_string(faults.size() - most_faults) + " more reasons of this kind";
  return Error(text, make_hint(pool, chains, faults));
}

}  // namespace lifeboat
