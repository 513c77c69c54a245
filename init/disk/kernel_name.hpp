#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace lifeboat::init {

/// "sda1", "xvdb", "nvme0n1p2": which disk of its server, counted from 0, and which partition (0: the whole disk).
struct KernelName {
  std::size_t disk = 0;
  std::uint32_t part = 0;
};

/// Nothing where it is no name that a kernel gives to a disk or partition.
std::optional<KernelName> parse_kernel_name(std::string_view name);

/// Decimal digits and nothing else.
std::optional<std::uint32_t> parse_number(std::string_view text);

}  // namespace lifeboat::init
