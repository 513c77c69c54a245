#include "init/boot/network_plan.hpp"

#include <algorithm>

#include "init/boot/drivers.hpp"
#include "init/boot/network_report.hpp"
#include "init/boot/original_network.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/worker.hpp"

namespace lifeboat::init {
namespace {

constexpr Milliseconds modules_limit{20'000};

std::vector<std::string> modules_for(const NetworkPlan& plan) {
  std::vector<std::string> modules;
  for (const PlannedLink& link : plan.links) {
    if (link.kind == LinkKind::bond) modules.emplace_back("bonding");
    if (link.kind == LinkKind::vlan) modules.emplace_back("8021q");
    if (link.kind == LinkKind::bridge) modules.emplace_back("bridge");
  }
  return modules;
}

/// bonding would make a bond0 of its own, of the kernel's kind, in the place of the plan's.
constexpr const char* no_bonds_of_its_own = "max_bonds=0";

/// What goes first now. A document that led to no address within the ladder's time, such as one of other cards, gives
/// way to the original system's configuration. Its origin is empty where nothing configures the network.
std::pair<NetworkPlan, std::string> choose(const Machine& machine) {
  const auto& choice = machine.network_choice;
  if (choice.by_hand) return {*choice.by_hand, "rescue network set"};
  const Merged merged = machine.sources->merged();
  const bool fruitless = choice.original && merged.network != nullptr && merged.network->origin == choice.fruitless;
  if (merged.network != nullptr && !fruitless) return {merged.network->network, merged.network->origin};
  if (choice.original) return {*choice.original, "original system"};
  return {};
}

/// A first plan with a bond may be overtaken by a second one while its modules are loaded.
void put_into_force(Machine& machine) {
  machine.network_choice.loading = false;
  machine.network->take_plan(machine.network_choice.plan, machine.network_choice.origin);
  if (machine.network_choice.dhcp) machine.network->begin_dhcp();
}

}  // namespace

void take_network_plan(Machine& machine) {
  if (!machine.network || !machine.sources) return;
  auto& choice = machine.network_choice;
  auto [plan, origin] = choose(machine);
  if (plan == choice.plan && origin == choice.origin) return;
  choice.plan = std::move(plan);
  choice.origin = std::move(origin);
  const std::vector<std::string> modules = modules_for(choice.plan);
  if (modules.empty()) return put_into_force(machine);
  choice.loading = true;
  start_work(*machine.loop, {.name = "loading what the network configuration needs",
                             .limit = modules_limit,
                             .run =
                                 [modules, kernel = machine.report.image.kernel] {
                                   for (const std::string& module : modules)
                                     load_module(kernel, module, module == "bonding" ? no_bonds_of_its_own : "");
                                   return std::string();
                                 },
                             .ended = [&machine](const Result<std::string>&) { put_into_force(machine); }});
}

void let_dhcp_begin(Machine& machine) {
  machine.network_choice.dhcp = true;
  if (!machine.network_choice.loading) machine.network->begin_dhcp();
}

void take_network_by_hand(Machine& machine, const std::string& file) {
  const auto text = read_file(file);
  machine.network_choice.by_hand = text ? parse_plan(*text) : std::nullopt;
  if (text && !machine.network_choice.by_hand) machine.note_problem("rescue network set left a plan that is broken");
  take_network_plan(machine);
}

void ask_for_original_network(Machine& machine) {
  auto& choice = machine.network_choice;
  if (!machine.report.image.original_network || !choice.original_why.empty()) return;
  choice.original_why = "it is being read";
  choice.fruitless = choice.origin;
  ask_original_network(machine, [&machine](Result<NetworkPlan> plan) {
    auto& chosen = machine.network_choice;
    chosen.original_why = plan ? "it was read" : plan.error();
    if (plan) chosen.original = std::move(*plan);
    take_network_plan(machine);
    take_network_change(machine);
  });
}

}  // namespace lifeboat::init
