// Network configurations of installed systems and of kernel command lines: the first byte picks the kind, the rest is
// the document; a line "@" begins another file.
#include <array>
#include <string>

#include "init/contract/kernel_arguments.hpp"
#include "init/fuzz/input.hpp"
#include "init/source/ip_arguments.hpp"
#include "init/source/original_network.hpp"

using namespace lifeboat;
using namespace lifeboat::init;

namespace {

NetworkPlan parse_command_line(const std::vector<NetworkFile>& files) {
  IpArguments read = parse_ip_arguments(contract::parse_kernel_arguments(files.front().text).network);
  fuzz::require(read.hostname.empty() || is_host_name(read.hostname));
  return std::move(read.plan);
}

struct Kind {
  NetworkPlan (*parse)(const std::vector<NetworkFile>& files);
  std::array<const char*, 3> names;  ///< of the files, in turn
};

/// A new one goes last: the corpus' first letters count from 'a'.
constexpr std::array kinds{
    Kind{parse_interfaces, {"etc/network/interfaces", "etc/network/interfaces.d/a", "etc/network/interfaces.d/b"}},
    Kind{parse_ifcfg, {"ifcfg-eth0", "route-eth0", "network"}},
    Kind{parse_keyfiles, {"a", "b", "c"}},
    Kind{parse_networkd, {"a.network", "b.netdev", "c.link"}},
    Kind{parse_command_line, {"", "", ""}},
};

std::vector<NetworkFile> files_of(const Kind& kind, std::string_view text) {
  std::vector<NetworkFile> files;
  do {
    const std::size_t end = std::min(text.find("\n@\n"), text.size());
    files.push_back({kind.names[files.size() % kind.names.size()], std::string(text.substr(0, end))});
    text.remove_prefix(std::min(end + 3, text.size()));
  } while (!text.empty() && files.size() < 64);
  return files;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Kind& kind = kinds[(data[0] - std::size_t{'a'}) % kinds.size()];
  const NetworkPlan plan = kind.parse(files_of(kind, fuzz::text_of(data + 1, size - 1)));
  fuzz::require(parse_plan(to_text(plan)) == plan);  // PID 1 reads what the worker says
  fuzz::require(plan.links.size() <= most_planned_links && plan.notes.size() <= most_planned_values);
  for (const PlannedLink& link : plan.links) {
    fuzz::require(link.addresses.size() <= most_planned_values && link.routes.size() <= most_planned_values);
    fuzz::require(link.dns.size() <= most_planned_values && link.search.size() <= most_planned_values);
    fuzz::require(link.kind == LinkKind::card ? !link.mac.empty() || !link.name.empty() : is_interface_name(link.name));
  }
  return 0;
}
