#include "init/source/original_network.hpp"

#include <algorithm>
#include <array>
#include <iterator>

#include "init/source/network_config.hpp"

namespace lifeboat::init {
namespace {

/// How a system's network may be configured, in the order in which that is looked for.
struct Kind {
  std::string_view name;
  std::array<std::string_view, 2> paths;  ///< files or folders
  NetworkPlan (*parse)(const std::vector<NetworkFile>& files);
};

/// netplan's files add to each other. Each counts as it is here: of a link that two of them have, the first.
NetworkPlan parse_netplan(const std::vector<NetworkFile>& files) {
  NetworkPlan all;
  for (const NetworkFile& file : files) {
    if (!file.path.ends_with(".yaml")) continue;
    auto plan = parse_network_config(file.text);
    if (!plan) all.notes.push_back(file.path + ": " + plan.error());
    if (!plan) continue;
    std::ranges::move(plan->links, std::back_inserter(all.links));
    std::ranges::move(plan->notes, std::back_inserter(all.notes));
  }
  check_plan(all);
  if (all.notes.size() > most_planned_values) all.notes.resize(most_planned_values);
  return all;
}

constexpr std::array kinds{
    Kind{"netplan", {"etc/netplan"}, parse_netplan},
    Kind{"ifupdown", {"etc/network/interfaces", "etc/network/interfaces.d"}, parse_interfaces},
    Kind{"NetworkManager", {"etc/NetworkManager/system-connections"}, parse_keyfiles},
    Kind{"ifcfg files", {"etc/sysconfig/network-scripts", "etc/sysconfig/network"}, parse_ifcfg},
    Kind{"systemd-networkd", {"etc/systemd/network"}, parse_networkd},
};

bool belongs_to(const Kind& kind, std::string_view path) {
  return std::ranges::any_of(kind.paths, [&](std::string_view mine) {
    return !mine.empty() && path.starts_with(mine) && (path.size() == mine.size() || path[mine.size()] == '/');
  });
}

/// Copies that an editor or a package manager left.
bool is_leftover(std::string_view path) {
  constexpr std::array<std::string_view, 7> ends{"~", ".bak", ".old", ".orig", ".rpmnew", ".rpmsave", ".dpkg-old"};
  return base_name(path).starts_with('.') ||
         std::ranges::any_of(ends, [&](std::string_view end) { return path.ends_with(end); });
}

}  // namespace

std::vector<std::string> original_network_paths() {
  std::vector<std::string> paths;
  for (const Kind& kind : kinds)
    for (const std::string_view path : kind.paths)
      if (!path.empty()) paths.emplace_back(path);
  return paths;
}

OriginalNetwork find_original_network(const std::vector<NetworkFile>& files) {
  for (const Kind& kind : kinds) {
    std::vector<NetworkFile> mine;
    for (const NetworkFile& file : files)
      if (belongs_to(kind, file.path) && !is_leftover(file.path)) mine.push_back(file);
    NetworkPlan plan = kind.parse(mine);
    if (plan.links.empty()) continue;
    return {std::string(kind.name) + " (" + mine.front().path + (mine.size() > 1 ? " and others)" : ")"),
            std::move(plan)};
  }
  return {};
}

}  // namespace lifeboat::init
