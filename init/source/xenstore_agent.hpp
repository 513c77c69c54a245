#pragma once
#include <functional>
#include <optional>
#include <string>

#include "init/source/agent.hpp"
#include "init/source/platform.hpp"
#include "init/source/xenstore.hpp"
#include "init/source/xenstore_commands.hpp"

namespace lifeboat::init {

Belonging belongs_to_xenstore(const Platform& platform);

/// Whether the host speaks this agent's language: it names no provider (plain XenServer with Nova), or "rackspace", or
/// the one that `accepted` names (lifeboat.xenstore_provider). A Failure whose number is 0: the store cannot be asked.
Status check_xenstore_provider(Xenstore& store, const std::string& accepted);

/// Answers all requests that are there. A Failure: the connection is of no more use.
Status answer_xenstore_requests(Xenstore& store, XenstoreCommands& commands);

/// Xen's agent (Nova's XenAPI driver, XenServer): for ever. `open` opens the store's device.
[[noreturn]] void run_xenstore_agent(const AgentHelp& help, const std::string& accepted_provider,
                                     const std::function<Result<Fd>()>& open);

}  // namespace lifeboat::init
