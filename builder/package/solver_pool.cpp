#include "builder/package/solver_pool.hpp"

#include <algorithm>

#include "builder/package/relation.hpp"

namespace lifeboat {
namespace {

int relation_flags(Alternative::Relation relation) {
  switch (relation) {
    case Alternative::Relation::any:
      return 0;
    case Alternative::Relation::less:
      return REL_LT;
    case Alternative::Relation::less_equal:
      return REL_LT | REL_EQ;
    case Alternative::Relation::equal:
      return REL_EQ;
    case Alternative::Relation::greater_equal:
      return REL_GT | REL_EQ;
    case Alternative::Relation::greater:
      return REL_GT;
  }
  return 0;
}

}  // namespace

SolverPool::SolverPool(const Candidates& candidates) : candidates_(candidates), pool_(pool_create()) {
  pool_setdisttype(pool_.get(), DISTTYPE_DEB);
  Repo* const repo = repo_create(pool_.get(), "repositories");
  const std::vector<std::size_t>& indices = candidates.indices();
  first_ = repo_add_solvable_block(repo, static_cast<int>(indices.size()));
  solvables_.resize(indices.empty() ? 0 : indices.back() + 1);
  Id solvable = first_;
  for (const std::size_t index : indices) {
    add(repo, solvable, candidates.package(index));
    solvables_[index] = solvable++;
  }
  pool_createwhatprovides(pool_.get());
}

void SolverPool::add(Repo* repo, Id id, const Package& package) {
  Solvable& solvable = *pool_id2solvable(pool_.get(), id);
  solvable.name = string(package.name);
  solvable.evr = string(package.version);
  solvable.arch = ARCH_ALL;

  Offset provides = repo_addid_dep(repo, 0, pool_rel2id(pool_.get(), solvable.name, solvable.evr, REL_EQ, 1), 0);
  if (package.multi_arch == "allowed")
    provides = repo_addid_dep(repo, provides,
                              pool_rel2id(pool_.get(), string(package.name + ":any"), solvable.evr, REL_EQ, 1), 0);
  for (const Alternative& each : package.provides)
    provides = repo_addid_dep(repo, provides, relation(string(each.name), each), 0);
  solvable.provides = provides;

  for (const auto* clauses : {&package.pre_depends, &package.depends})
    for (const Clause& clause : *clauses)
      if (!candidates_.is_provided(clause))
        solvable.dep_requires = repo_addid_dep(repo, solvable.dep_requires, dependency(clause), 0);

  for (const auto* relations : {&package.conflicts, &package.breaks})
    for (const Alternative& each : *relations)
      if (speaks_of(each, candidates_.architecture()))
        solvable.conflicts = repo_addid_dep(repo, solvable.conflicts, relation(string(each.name), each), 0);
}

Id SolverPool::string(std::string_view text) const {
  return pool_strn2id(pool_.get(), text.data(), static_cast<unsigned>(text.size()), 1);
}

Id SolverPool::relation(Id name, const Alternative& alternative) const {
  if (alternative.relation == Alternative::Relation::any) return name;
  return pool_rel2id(pool_.get(), name, string(alternative.version), relation_flags(alternative.relation), 1);
}

Id SolverPool::dependency(const Alternative& alternative) const {
  // "name:any" and "name:i386" are names of their own: the first is provided by those that allow it, the second by
  // none.
  const bool plain = alternative.architecture.empty() || alternative.architecture == candidates_.architecture();
  return relation(string(plain ? alternative.name : alternative.name + ":" + alternative.architecture), alternative);
}

Id SolverPool::dependency(const Clause& clause) const {
  Id all = dependency(clause.back());
  for (auto each = std::next(clause.rbegin()); each != clause.rend(); ++each)
    all = pool_rel2id(pool_.get(), dependency(*each), all, REL_OR, 1);
  return all;
}

std::vector<std::size_t> SolverPool::providers(const Alternative& alternative) const {
  std::vector<std::size_t> found;
  Pool* const pool = pool_.get();  // the macro's own name for it
  Id provider, at;
  FOR_PROVIDES(provider, at, dependency(alternative)) found.push_back(index(provider));
  return found;
}

}  // namespace lifeboat
