#include "init/source/agent.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "init/contract/kernel_arguments.hpp"
#include "init/source/guest_port.hpp"
#include "init/source/ironic.hpp"
#include "init/source/xenstore_agent.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {
namespace {

using Agent = int (*)(const AgentHelp&);

int run_xenstore(const AgentHelp& help) {
  const auto arguments = contract::parse_kernel_arguments(read_file("/proc/cmdline").value_or(""));
  run_xenstore_agent(help, arguments.xenstore_provider, [] { return open_file("/dev/xen/xenbus", O_RDWR); });
}

/// By the name that a row of the sources' table has.
constexpr std::array<std::pair<std::string_view, Agent>, 3> agents{{
    {"xenstore", run_xenstore},
    {"ironic", [](const AgentHelp& help) -> int { run_ironic_agent(help); }},
    {"qemu-guest-agent", [](const AgentHelp& help) -> int { run_guest_agent(help); }},
}};

}  // namespace

[[noreturn]] void stay() {
  while (true) ::pause();
}

int run_agent(std::string_view name, const AgentHelp& help) {
  for (const auto& [known, run] : agents)
    if (known == name) return run(help);
  std::fprintf(stderr, "lifeboat-agent: there is no agent \"%s\"\n", std::string(name).c_str());
  return 2;
}

}  // namespace lifeboat::init
