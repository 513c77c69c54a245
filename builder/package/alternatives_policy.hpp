#pragma once
#include <span>
#include <vector>

#include "builder/package/solver_pool.hpp"

namespace lifeboat {

/// Which packages a person who reads the dependencies from left to right would take: the first alternative of `a | b`
/// that exists, for a virtual name the provider of the highest priority, nothing where a package taken already will do.
/// It is only a wish, blind to conflicts; the solver follows it wherever it can. Indices into the universe.
std::vector<std::size_t> preferred_packages(const SolverPool& pool, std::span<const std::size_t> roots);

}  // namespace lifeboat
