#include "init/source/agent.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "init/source/guest_port.hpp"
#include "init/source/ironic.hpp"

namespace lifeboat::init {
namespace {

using Agent = int (*)(const AgentHelp&);

/// By the name that a row of the sources' table has.
constexpr std::array<std::pair<std::string_view, Agent>, 2> agents{{
    {"ironic", [](const AgentHelp& help) -> int { run_ironic_agent(help); }},
    {"qemu-guest-agent", [](const AgentHelp& help) -> int { run_guest_agent(help); }},
}};

}  // namespace

int run_agent(std::string_view name, const AgentHelp& help) {
  for (const auto& [known, run] : agents)
    if (known == name) return run(help);
  std::fprintf(stderr, "lifeboat-agent: there is no agent \"%s\"\n", std::string(name).c_str());
  return 2;
}

}  // namespace lifeboat::init
