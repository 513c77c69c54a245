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

/// Says so when this machine has less memory than the build needs to reach a login.
void compare_memory(Machine& machine);

}  // namespace lifeboat::init
