#pragma once
#include <vector>

#include "builder/package/candidates.hpp"
#include "builder/package/libsolv.hpp"

namespace lifeboat {

/// The candidates as a libsolv pool. What `provided` meets is left out of the dependencies, so nothing stands in for
/// it there and nothing can be dragged in by it.
class SolverPool {
 public:
  explicit SolverPool(const Candidates& candidates);

  Pool* get() const noexcept { return pool_.get(); }
  const Candidates& candidates() const noexcept { return candidates_; }

  /// Solvable of a candidate (an index into the universe), and back.
  Id solvable(std::size_t index) const { return solvables_[index]; }
  std::size_t index(Id solvable) const { return candidates_.indices()[static_cast<std::size_t>(solvable - first_)]; }

  /// libsolv's name of one alternative in a dependency.
  Id dependency(const Alternative& alternative) const;
  /// libsolv's name of `a | b`.
  Id dependency(const Clause& clause) const;
  /// The candidates that meet one alternative: indices into the universe.
  std::vector<std::size_t> providers(const Alternative& alternative) const;

 private:
  void add(Repo* repo, Id solvable, const Package& package);
  Id relation(Id name, const Alternative& alternative) const;
  Id string(std::string_view text) const;

  const Candidates& candidates_;
  PoolOwner pool_;
  Id first_ = 0;
  std::vector<Id> solvables_;  ///< by index into the universe; 0: not a candidate
};

}  // namespace lifeboat
