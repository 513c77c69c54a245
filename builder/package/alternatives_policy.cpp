#include "builder/package/alternatives_policy.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace lifeboat {
namespace {

/// 0 is the highest.
std::size_t priority_rank(const Package& package) {
  static constexpr std::array<std::string_view, 4> order = {"required", "important", "standard", "optional"};
  return static_cast<std::size_t>(std::find(order.begin(), order.end(), package.priority) - order.begin());
}

class Walk {
 public:
  Walk(const SolverPool& pool, std::span<const std::size_t> roots) : pool_(pool) {
    for (const std::size_t root : roots) take(root);
  }

  std::vector<std::size_t> run() {
    for (std::size_t next = 0; next < taken_.size(); ++next) {
      const Package& package = pool_.candidates().package(taken_[next]);
      for (const auto* clauses : {&package.pre_depends, &package.depends})
        for (const Clause& clause : *clauses) follow(clause);
    }
    return taken_;
  }

 private:
  void take(std::size_t index) {
    if (is_taken_.insert(index).second) taken_.push_back(index);
  }

  void follow(const Clause& clause) {
    if (pool_.candidates().is_provided(clause)) return;
    const std::size_t none = SIZE_MAX;
    std::size_t first = none;
    for (const Alternative& alternative : clause) {
      const std::vector<std::size_t> providers = pool_.providers(alternative);
      if (std::any_of(providers.begin(), providers.end(), [&](std::size_t index) { return is_taken_.contains(index); }))
        return;
      if (first == none && !providers.empty()) first = best(providers, alternative.name);
    }
    if (first != none) take(first);
  }

  /// The package of that name itself, else the one of the highest priority, else the first by name.
  std::size_t best(const std::vector<std::size_t>& providers, std::string_view name) const {
    return *std::min_element(providers.begin(), providers.end(),
                             [&](std::size_t a, std::size_t b) { return key(a, name) < key(b, name); });
  }

  std::tuple<bool, std::size_t, std::string_view> key(std::size_t index, std::string_view wanted) const {
    const Package& package = pool_.candidates().package(index);
    return {package.name != wanted, priority_rank(package), package.name};
  }

  const SolverPool& pool_;
  std::vector<std::size_t> taken_;
  std::unordered_set<std::size_t> is_taken_;
};

}  // namespace

std::vector<std::size_t> preferred_packages(const SolverPool& pool, std::span<const std::size_t> roots) {
  return Walk(pool, roots).run();
}

}  // namespace lifeboat
