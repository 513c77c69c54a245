// The judge knows nothing of libsolv or of how the packages were chosen: it reads their dependencies alone.
#include <algorithm>
#include <set>
#include <unordered_map>

#include "builder/package/relation.hpp"
#include "builder/package/resolve.hpp"

namespace lifeboat {
namespace {

std::string label(const Package& package) { return "`" + package.name + "` " + package.version; }

class Judge {
 public:
  Judge(std::span<const Package> chosen, const ResolveRequest& request)
      : chosen_(chosen), request_(request), provided_(request.provided.begin(), request.provided.end()) {
    for (const Package& package : chosen) {
      std::set<std::string_view> names = {package.name};
      for (const Alternative& each : package.provides) names.insert(each.name);
      for (const std::string_view name : names) by_name_.emplace(name, &package);
    }
  }

  std::vector<std::string> faults() {
    check_names();
    for (const Package& package : chosen_) {
      for (const auto* clauses : {&package.pre_depends, &package.depends})
        for (const Clause& clause : *clauses)
          if (!is_met(clause))
            faults_.push_back(label(package) + " needs `" + to_string(clause) + "`, which no chosen package meets");
      check_refused(package, package.conflicts, "conflicts with");
      check_refused(package, package.breaks, "breaks");
    }
    return std::move(faults_);
  }

 private:
  void check_names() {
    std::set<std::string_view> names;
    for (const Package& package : chosen_) {
      if (!names.insert(package.name).second) faults_.push_back("`" + package.name + "` is chosen twice");
      if (provided_.contains(package.name))
        faults_.push_back(label(package) + " is chosen, though the image provides `" + package.name + "` itself");
    }
    for (const std::string& name : request_.install)
      if (!names.contains(name)) faults_.push_back("`" + name + "` is asked for and not chosen");
  }

  bool is_met(const Clause& clause) const {
    return std::any_of(clause.begin(), clause.end(), [&](const Alternative& wanted) {
      if (provided_.contains(wanted.name) && speaks_of(wanted, request_.architecture)) return true;
      const auto [begin, end] = by_name_.equal_range(wanted.name);
      return std::any_of(begin, end,
                         [&](const auto& entry) { return meets(*entry.second, wanted, request_.architecture); });
    });
  }

  /// A package may refuse a name that it provides itself: that keeps other providers out.
  void check_refused(const Package& package, const std::vector<Alternative>& refused, std::string_view verb) {
    for (const Alternative& each : refused) {
      const auto [begin, end] = by_name_.equal_range(each.name);
      for (auto entry = begin; entry != end; ++entry)
        if (entry->second->name != package.name && is_hit_by(*entry->second, each, request_.architecture))
          faults_.push_back(label(package) + " " + std::string(verb) + " `" + to_string(each) + "`, and " +
                            label(*entry->second) + " is chosen");
    }
  }

  std::span<const Package> chosen_;
  const ResolveRequest& request_;
  std::set<std::string_view> provided_;
  std::unordered_multimap<std::string_view, const Package*> by_name_;
  std::vector<std::string> faults_;
};

}  // namespace

std::vector<std::string> check_closure(std::span<const Package> chosen, const ResolveRequest& request) {
  return Judge(chosen, request).faults();
}

}  // namespace lifeboat
