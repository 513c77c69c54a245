#pragma once
#include <cstdlib>
#include <random>
#include <string>

namespace lifeboat {

/// A new seed for every run; LIFEBOAT_SEED=N repeats one.
inline unsigned random_seed() {
  const char* const wanted = std::getenv("LIFEBOAT_SEED");
  return wanted != nullptr ? static_cast<unsigned>(std::stoul(wanted)) : std::random_device{}();
}

}  // namespace lifeboat
