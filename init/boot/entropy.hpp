#pragma once
#include "init/boot/machine.hpp"

namespace lifeboat::init {

/// The kernel gives no random number for a key before it has gathered enough of chance. Where neither the processor nor
/// the hypervisor has any (virtio-rng; its driver is loaded here, first of all), it gathers for about a second and
/// keeps a processor busy for *each* process that waits: so one waits, from the very start, and what needs a key comes
/// after.
void gather_entropy(Machine& machine);

/// Runs `next` once the kernel has enough, or has not come to it within a bound; at once where it has.
void when_random(Machine& machine, std::function<void()> next);

}  // namespace lifeboat::init
