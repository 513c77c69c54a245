#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lifeboat::contract {

// How a medium with the root on it (media `iso`, `raw`, `qcow2`) says which build it is, before anything is mounted: in
// the application identifier of its ISO 9660 primary volume descriptor, the same on a CD and on a disk.

/// Where it lies: bytes from the start of the device, and its length (ECMA-119, 8.4.20).
inline constexpr std::size_t medium_mark_offset = 16 * 2048 + 574;
inline constexpr std::size_t medium_mark_size = 128;
/// The descriptor's own identifier, at the same sector: "CD001" after a byte that is 1.
inline constexpr std::size_t volume_descriptor_offset = 16 * 2048;

/// "LIFEBOAT BUILD 0123...": upper case, as the standard wants it.
std::string medium_mark(std::string_view build_id);

/// The build id in lower case from such a field, padded with blanks or not. Nothing for anybody else's medium.
std::optional<std::string> parse_medium_mark(std::string_view field);

}  // namespace lifeboat::contract
