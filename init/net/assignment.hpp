#pragma once
#include <map>
#include <string>
#include <vector>

#include "init/net/link.hpp"
#include "init/net/plan.hpp"

namespace lifeboat::init {

/// Which kernel interface each link of a plan is.
struct Assignment {
  std::map<std::string, std::string> names;  ///< plan id -> kernel name; of cards that are there, and of all to be made
  std::vector<std::string> missing;          ///< ids of cards that are not there (yet)
};

/// A card by its permanent MAC address, else by its name (of several one with a carrier); each card once. Links that
/// software makes bear the plan's name, there or not.
Assignment assign(const NetworkPlan& plan, const std::vector<Link>& cards);

/// The link of the plan that this interface is; nullptr: the plan does not speak of it.
const PlannedLink* planned(const NetworkPlan& plan, const Assignment& assignment, const std::string& kernel_name);

/// Whether the interface is a member of a bond or bridge of the plan: it has no addresses of its own then.
bool is_planned_member(const NetworkPlan& plan, const Assignment& assignment, const std::string& kernel_name);

}  // namespace lifeboat::init
