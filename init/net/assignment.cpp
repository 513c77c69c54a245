#include "init/net/assignment.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <set>

namespace lifeboat::init {
namespace {

bool fits(const PlannedLink& wanted, const Link& card) {
  if (!wanted.mac.empty()) return wanted.mac == (card.permanent_mac.empty() ? card.mac : card.permanent_mac);
  return !wanted.name.empty() && ::fnmatch(wanted.name.c_str(), card.name.c_str(), 0) == 0;
}

}  // namespace

Assignment assign(const NetworkPlan& plan, const std::vector<Link>& cards) {
  Assignment assignment;
  std::set<std::string> taken;
  for (const PlannedLink& wanted : plan.links) {
    if (wanted.kind != LinkKind::card) {
      assignment.names[wanted.id] = wanted.name;
      continue;
    }
    const auto is_free = [&](const Link& link) { return taken.count(link.name) == 0 && fits(wanted, link); };
    auto card = std::ranges::find_if(cards, [&](const Link& link) { return link.carrier && is_free(link); });
    if (card == cards.end()) card = std::ranges::find_if(cards, is_free);
    if (card == cards.end()) {
      assignment.missing.push_back(wanted.id);
    } else {
      assignment.names[wanted.id] = card->name;
      taken.insert(card->name);
    }
  }
  return assignment;
}

const PlannedLink* planned(const NetworkPlan& plan, const Assignment& assignment, const std::string& kernel_name) {
  for (const PlannedLink& link : plan.links) {
    const auto name = assignment.names.find(link.id);
    if (name != assignment.names.end() && name->second == kernel_name) return &link;
  }
  return nullptr;
}

bool is_planned_member(const NetworkPlan& plan, const Assignment& assignment, const std::string& kernel_name) {
  const PlannedLink* link = planned(plan, assignment, kernel_name);
  return link != nullptr && std::ranges::any_of(plan.links, [&](const PlannedLink& other) {
           return std::ranges::find(other.members, link->id) != other.members.end();
         });
}

}  // namespace lifeboat::init
