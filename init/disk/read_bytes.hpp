#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "init/sys/fd.hpp"

namespace lifeboat::init {

/// Exactly `size` bytes at `offset`; nothing where the device ends before, or fails.
std::optional<std::string> read_bytes(const Fd& device, std::uint64_t offset, std::size_t size);

/// The number of `width` (1 to 8) bytes at `offset`; 0 where the bytes end before.
std::uint64_t little_endian(std::string_view bytes, std::size_t offset, std::size_t width);
std::uint64_t big_endian(std::string_view bytes, std::size_t offset, std::size_t width);

}  // namespace lifeboat::init
