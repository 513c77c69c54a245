#pragma once
#include <optional>
#include <string>

#include "init/source/agent.hpp"

namespace lifeboat::init {

/// Where virtio-serial ports are. virtio_console shows them; it is loaded as other drivers are.
struct GuestPortPlaces {
  std::string ports = "/sys/class/virtio-ports";  ///< a folder per port, its `name` in it
  std::string devices = "/dev";
};

/// The device of the port that the host calls org.qemu.guest_agent.0, if there is one.
std::optional<std::string> find_guest_port(const GuestPortPlaces& places);

/// Serves the port for ever, also when it goes and comes again.
[[noreturn]] void run_guest_agent(const AgentHelp& help, const GuestPortPlaces& places = {});

}  // namespace lifeboat::init
