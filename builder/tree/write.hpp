#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <string_view>

#include "builder/tree/tree.hpp"

namespace lifeboat {

using ByteSink = std::function<void(std::string_view)>;

/// The time that an image shows for a node's `time`: from 1970 to `newest`, and no more than 32 bits hold.
constexpr std::int64_t clamp_time(std::int64_t time, std::int64_t newest) {
  constexpr std::int64_t largest = 0xffffffff;
  return std::clamp<std::int64_t>(time, 0, std::clamp<std::int64_t>(newest, 0, largest));
}

/// The tree as a PAX tar in path order, the root entry ("./") first, times clamped to `newest` (seconds since 1970),
/// hard links after their first name, xattrs as SCHILY.xattr records. Same tree, same bytes.
void write_tar(const Tree& tree, std::int64_t newest, const ByteSink& sink);

/// The tree as a newc cpio for the kernel's initramfs, in path order, inode numbers counted from 1, times clamped to
/// `newest`, padded to 4 bytes after each part and ended by TRAILER!!!. Same tree, same bytes.
void write_cpio(const Tree& tree, std::int64_t newest, const ByteSink& sink);

}  // namespace lifeboat
