#include "init/net/built_links.hpp"

#include <algorithm>

#include "init/sys/fd.hpp"

namespace lifeboat::init {
namespace {

constexpr int most_tries = 3;

const Link* find(const std::vector<Link>& there, const std::string& name) {
  const auto link = std::ranges::find(there, name, &Link::name);
  return link == there.end() ? nullptr : &*link;
}

const Link* find_planned(const std::vector<Link>& there, const Assignment& assignment, const std::string& id) {
  const auto name = assignment.names.find(id);
  return name == assignment.names.end() ? nullptr : find(there, name->second);
}

}  // namespace

bool BuiltLinks::may_try(const std::string& what) { return ++tries_[what] <= most_tries; }

bool BuiltLinks::made(const std::string& name) const { return std::ranges::find(made_, name) != made_.end(); }

bool BuiltLinks::make(Links& links, const PlannedLink& link, const Assignment& assignment,
                      const std::vector<Link>& there, const std::function<void(const Status&)>& check) {
  const Link* parent = link.kind == LinkKind::vlan ? find_planned(there, assignment, link.parent) : nullptr;
  if ((link.kind == LinkKind::vlan && parent == nullptr) || !may_try(link.name)) return false;
  Status made = Done{};
  if (link.kind == LinkKind::bond) made = links.make_bond(link.name, link.options);
  if (link.kind == LinkKind::vlan) made = links.make_vlan(*parent, link.vlan_id, link.name);
  if (link.kind == LinkKind::bridge) made = links.make_bridge(link.name);
  check(made);
  if (made && !this->made(link.name)) made_.push_back(link.name);
  return static_cast<bool>(made);
}

bool BuiltLinks::join(Links& links, const PlannedLink& link, const Assignment& assignment,
                      const std::vector<Link>& there, const std::function<void(const Status&)>& check) {
  const Link* master = find(there, link.name);
  bool changed = false;
  if (!link.mac.empty() && master->mac != link.mac && may_try(link.name + " mac")) {
    check(links.set_mac(*master, link.mac));
    changed = true;
  }
  for (const std::string& id : link.members) {
    const Link* member = find_planned(there, assignment, id);
    if (member == nullptr || member->master == master->index || !may_try(link.name + " " + member->name)) continue;
    if (link.kind == LinkKind::bond) check(links.set_down(*member));
    check(links.enslave(*member, *master));
    if (link.kind == LinkKind::bridge) check(links.set_up(*member));
    changed = true;
  }
  if (!master->up && may_try(link.name + " up")) {
    check(links.set_up(*master));
    changed = true;
  }
  return changed;
}

bool BuiltLinks::build(Links& links, const NetworkPlan& plan, const Assignment& assignment,
                       const std::vector<Link>& there, const std::function<void(const Status&)>& check) {
  bool changed = false;
  for (const PlannedLink& link : plan.links) {
    if (link.kind == LinkKind::card) continue;
    const bool is_there = find(there, link.name) != nullptr;
    changed = (is_there ? join(links, link, assignment, there, check) : make(links, link, assignment, there, check)) ||
              changed;
  }
  return changed;
}

void BuiltLinks::remove(Links& links, const std::vector<Link>& there) {
  for (auto name = made_.rbegin(); name != made_.rend(); ++name)
    if (const Link* link = find(there, *name)) static_cast<void>(links.remove_link(*link));  // its parent took it along
  made_.clear();
  tries_.clear();
}

}  // namespace lifeboat::init
