#include "builder/package/resolve.hpp"

#include <algorithm>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"
#include "builder/package/alternatives_policy.hpp"
#include "builder/package/candidates.hpp"
#include "builder/package/problem_text.hpp"
#include "builder/package/solver_pool.hpp"

namespace lifeboat {
namespace {

/// Roots must be installed; what the policy prefers is favoured.
std::vector<std::size_t> solve(const SolverPool& pool, std::span<const std::size_t> roots) {
  IdQueue jobs;
  for (const std::size_t index : preferred_packages(pool, roots))
    queue_push2(jobs.get(), SOLVER_FAVOR | SOLVER_SOLVABLE, pool.solvable(index));
  for (const std::size_t index : roots) queue_push2(jobs.get(), SOLVER_INSTALL | SOLVER_SOLVABLE, pool.solvable(index));

  const SolverOwner solver(solver_create(pool.get()));
  if (solver_solve(solver.get(), jobs.get()) != 0) throw describe_problems(pool, *solver, roots);

  IdQueue decisions;
  solver_get_decisionqueue(solver.get(), decisions.get());
  std::vector<std::size_t> chosen;
  for (const Id decision : decisions)
    if (decision > 0 && decision != SYSTEMSOLVABLE) chosen.push_back(pool.index(decision));
  return chosen;
}

/// A second opinion on every result; a fault here is ours or libsolv's, never the recipe's.
void judge(std::span<const Package> universe, std::span<const std::size_t> chosen, const ResolveRequest& request) {
  std::vector<Package> packages;
  for (const std::size_t index : chosen) packages.push_back(universe[index]);
  const std::vector<std::string> faults = check_closure(packages, request);
  if (!faults.empty())
    throw Error("the chosen packages do not fit together: " + join(faults, "; "),
                "this is a fault in Lifeboat: please report it");
}

}  // namespace

std::vector<std::size_t> resolve(std::span<const Package> universe, const ResolveRequest& request) {
  const Candidates candidates(universe, request);
  const std::vector<std::size_t> roots = candidates.roots();
  const SolverPool pool(candidates);
  std::vector<std::size_t> chosen = solve(pool, roots);
  std::sort(chosen.begin(), chosen.end(),
            [&](std::size_t a, std::size_t b) { return universe[a].name < universe[b].name; });
  judge(universe, chosen, request);
  return chosen;
}

}  // namespace lifeboat
