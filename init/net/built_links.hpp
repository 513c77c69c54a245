#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "init/net/assignment.hpp"
#include "init/net/links.hpp"

namespace lifeboat::init {

/// The bonds, VLANs and bridges of a plan, made as soon as what they are made of is there; members that come later
/// join them.
class BuiltLinks {
 public:
  /// True: something was made or joined, so the kernel's list has changed. What fails is told, and tried a few times at
  /// most, since every attempt makes events that lead here again.
  bool build(Links& links, const NetworkPlan& plan, const Assignment& assignment, const std::vector<Link>& there,
             const std::function<void(const Status&)>& check);
  /// Takes away all that it made, the last one first.
  void remove(Links& links, const std::vector<Link>& there);
  bool made(const std::string& name) const;

 private:
  bool make(Links& links, const PlannedLink& link, const Assignment& assignment, const std::vector<Link>& there,
            const std::function<void(const Status&)>& check);
  bool join(Links& links, const PlannedLink& link, const Assignment& assignment, const std::vector<Link>& there,
            const std::function<void(const Status&)>& check);
  bool may_try(const std::string& what);

  std::vector<std::string> made_;
  std::map<std::string, int> tries_;
};

}  // namespace lifeboat::init
