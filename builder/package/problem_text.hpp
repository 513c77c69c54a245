#pragma once
#include <span>

#include "builder/base/error.hpp"
#include "builder/package/solver_pool.hpp"

namespace lifeboat {

/// Why the solver found no way, in sentences that name packages, versions and who wants them.
Error describe_problems(const SolverPool& pool, Solver& solver, std::span<const std::size_t> roots);

}  // namespace lifeboat
