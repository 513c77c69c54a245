#pragma once
#include <string>

#include "init/source/agent.hpp"
#include "init/source/platform.hpp"

namespace lifeboat::init {

/// Whether Ironic's conductor started the machine: its API is on the kernel command line.
Belonging belongs_to_ironic(const Platform& platform);

struct IronicPlaces {
  std::string command_line = "/proc/cmdline";
  std::string cards = "/sys/class/net";
};

/// Ironic's rescue of a bare-metal server, in the place of ironic-python-agent: looks the machine up by the MAC
/// addresses of its cards, sends heartbeats, and takes rescue.finalize_rescue on a port of its own. The user is
/// "rescue". Afterwards the server is moved to its tenant's networks, so addresses are asked for anew for a while.
///
/// The API and the callback are plain HTTP: there is no TLS, so an https:// API is refused and a conductor with
/// [agent]require_tls does not call back. The API's address must be numeric.
[[noreturn]] void run_ironic_agent(const AgentHelp& help, const IronicPlaces& places = {});

}  // namespace lifeboat::init
