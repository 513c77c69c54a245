#include "builder/package/relation.hpp"

#include <algorithm>

#include "builder/package/deb_version.hpp"

namespace lifeboat {
namespace {

using Relation = Alternative::Relation;

std::string_view operator_text(Relation relation) {
  switch (relation) {
    case Relation::any:
      return "";
    case Relation::less:
      return "<<";
    case Relation::less_equal:
      return "<=";
    case Relation::equal:
      return "=";
    case Relation::greater_equal:
      return ">=";
    case Relation::greater:
      return ">>";
  }
  return "";
}

bool provides(const Package& package, const Alternative& wanted) {
  return std::any_of(package.provides.begin(), package.provides.end(), [&](const Alternative& provided) {
    if (provided.name != wanted.name) return false;
    if (wanted.relation == Relation::any) return true;
    return provided.relation == Relation::equal && version_fits(provided.version, wanted);
  });
}

bool is_itself(const Package& package, const Alternative& wanted) {
  return package.name == wanted.name && version_fits(package.version, wanted);
}

}  // namespace

std::string to_string(const Alternative& alternative) {
  std::string text = alternative.name;
  if (!alternative.architecture.empty()) text += ":" + alternative.architecture;
  if (alternative.relation != Relation::any)
    text += " (" + std::string(operator_text(alternative.relation)) + " " + alternative.version + ")";
  return text;
}

std::string to_string(const Clause& clause) {
  std::string text;
  for (const Alternative& alternative : clause) text += (text.empty() ? "" : " | ") + to_string(alternative);
  return text;
}

bool version_fits(std::string_view version, const Alternative& wanted) noexcept {
  if (wanted.relation == Relation::any) return true;
  const std::strong_ordering order = compare_deb_versions(version, wanted.version);
  switch (wanted.relation) {
    case Relation::any:
      return true;
    case Relation::less:
      return std::is_lt(order);
    case Relation::less_equal:
      return std::is_lteq(order);
    case Relation::equal:
      return std::is_eq(order);
    case Relation::greater_equal:
      return std::is_gteq(order);
    case Relation::greater:
      return std::is_gt(order);
  }
  return false;
}

bool speaks_of(const Alternative& relation, std::string_view architecture) noexcept {
  return relation.architecture.empty() || relation.architecture == "any" || relation.architecture == architecture;
}

bool meets(const Package& package, const Alternative& wanted, std::string_view architecture) noexcept {
  if (wanted.architecture == "any") return package.multi_arch == "allowed" && is_itself(package, wanted);
  return speaks_of(wanted, architecture) && (is_itself(package, wanted) || provides(package, wanted));
}

bool is_hit_by(const Package& package, const Alternative& refused, std::string_view architecture) noexcept {
  return speaks_of(refused, architecture) && (is_itself(package, refused) || provides(package, refused));
}

}  // namespace lifeboat
