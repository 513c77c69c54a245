#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lifeboat {

// The place for extra kernel arguments in the hybrid image (media `iso`, `raw`, `qcow2`): a file of 1,024 bytes that
// GRUB reads, so that `lifeboat patch` can write it in place. Nothing in the image has a checksum over it.

constexpr std::size_t arguments_place_size = 1024;
/// In the image's ISO 9660 file system.
constexpr std::string_view arguments_place_path = "/boot/grub/arguments.cfg";
/// GRUB's variable that holds them.
constexpr std::string_view arguments_variable = "lifeboat_arguments";

/// The place's text for these arguments; "": as every image is built. Throws Error for what has no room and for
/// characters that GRUB or the kernel would take for something else: quotes, backslashes, anything but printable ASCII.
std::string make_arguments_place(std::string_view arguments);

/// The arguments in such a text. Nothing where it is not one.
std::optional<std::string> parse_arguments_place(std::string_view place);

}  // namespace lifeboat
