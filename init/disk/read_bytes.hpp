#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "init/sys/fd.hpp"

namespace lifeboat::init {

/// What partition tables, LVM and md count in, whatever the device's own sectors are.
inline constexpr std::uint64_t sector_size = 512;

/// Exactly `size` bytes at `offset`; nothing where the device ends before, or fails.
std::optional<std::string> read_bytes(const Fd& device, std::uint64_t offset, std::size_t size);

/// The number of `width` (1 to 8) bytes at `offset`; 0 where the bytes end before.
std::uint64_t little_endian(std::string_view bytes, std::size_t offset, std::size_t width);
std::uint64_t big_endian(std::string_view bytes, std::size_t offset, std::size_t width);

/// For names that are ASCII: no locale.
constexpr char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

}  // namespace lifeboat::init
