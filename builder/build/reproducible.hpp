#pragma once
#include "builder/base/progress.hpp"
#include "builder/build/plan.hpp"
#include "builder/fetch/cache.hpp"

namespace lifeboat {

/// Builds what `plan` built once more, from the same lock and the cache alone but with every step done again: in
/// another folder, time zone, language and umask, on one core. Throws Error naming the first file of the output that
/// differs, and the first file inside of the image.
void check_reproducible(const BuildPlan& plan, const Cache& cache, Progress& progress);

}  // namespace lifeboat
