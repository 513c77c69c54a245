#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "init/boot/machine.hpp"

namespace lifeboat::init {

/// Bytes of memory that the machine has, from /proc/iomem: the kernel's own part is in it (MemTotal leaves it out, and
/// would make every machine look smaller than its owner knows it). 0 where the text does not say.
std::uint64_t installed_memory(std::string_view iomem);

/// Bytes that can be had without harm: MemAvailable of /proc/meminfo; 0 where the text does not say.
std::uint64_t available_memory(std::string_view meminfo);

/// The line for a machine with less memory than `needed` MiB; empty where it has enough, or either is not known (0).
/// Firmware keeps some for itself: a thirty-second part less is no shortage.
std::string memory_words(std::uint64_t installed, std::uint64_t needed);

/// What the kernel log says of an initrd that was not unpacked whole, as a line for people; empty where it was.
std::string unpacking_words(std::string_view kernel_log);

/// Says so when this machine has less memory than the build needs to reach a login, or the initrd did not fit in.
void compare_memory(Machine& machine);

}  // namespace lifeboat::init
