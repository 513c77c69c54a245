#pragma once
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "builder/package/package.hpp"
#include "builder/package/resolve.hpp"

namespace lifeboat {

/// What may be chosen: of every name the highest version alone, as apt does it (an older one would bring back what an
/// update has mended), and nothing that the rescue image itself stands in for. Views into `universe` and the request.
class Candidates {
 public:
  Candidates(std::span<const Package> universe, const ResolveRequest& request);

  /// Indices into the universe, in its order.
  const std::vector<std::size_t>& indices() const noexcept { return indices_; }
  const Package& package(std::size_t index) const { return universe_[index]; }
  const std::string& architecture() const noexcept { return request_.architecture; }
  /// The one package of that name.
  std::optional<std::size_t> find(std::string_view name) const;
  /// One of `a | b` is a name in `provided`: met, whatever the version.
  bool is_provided(const Clause& clause) const;
  /// Why nothing meets `a | b`, where packages in `provided` would: the alternative and their names. The image stands
  /// in for the packages, not for what they provide.
  struct Hidden {
    std::string alternative;
    std::vector<std::string> by;
  };
  std::optional<Hidden> hidden(const Clause& clause) const;
  /// The names that must be there: the requested ones in their order, then the essential packages.
  /// Throws Error for a name that no repository has.
  std::vector<std::size_t> roots() const;
  bool is_requested(std::size_t index) const;

 private:
  std::size_t find_requested(const std::string& name) const;

  std::span<const Package> universe_;
  const ResolveRequest& request_;
  std::set<std::string_view> provided_;
  std::vector<std::size_t> indices_;
  std::unordered_map<std::string_view, std::size_t> by_name_;
};

}  // namespace lifeboat
