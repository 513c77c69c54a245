#pragma once
#include <cstddef>
#include <random>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "builder/package/package.hpp"

namespace lifeboat {

/// Draws sets of six package names, every fourth with two packages in it that do not go together: in turns one that
/// refuses the other, and one that refuses what the other needs.
class RandomSets {
 public:
  /// `universe` must outlive it.
  RandomSets(std::span<const Package> universe, unsigned seed);

  std::vector<std::string> draw();

 private:
  std::size_t any(std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_); }
  void note_refusals(std::size_t index);
  void note_needs(std::size_t index);

  std::span<const Package> universe_;
  std::mt19937 random_;
  std::size_t drawn_ = 0;
  std::unordered_map<std::string_view, std::size_t> newest_;              ///< name -> its highest version
  std::vector<std::pair<std::size_t, std::size_t>> refusals_;             ///< who refuses, and whom
  std::unordered_map<std::size_t, std::vector<std::size_t>> dependents_;  ///< package -> those that need it by name
};

}  // namespace lifeboat
