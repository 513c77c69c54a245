#pragma once
#include <cstdint>
#include <functional>
#include <string_view>

#include "builder/tree/tree.hpp"

namespace lifeboat {

using ByteSink = std::function<void(std::string_view)>;

/// The tree as a PAX tar in path order, the root entry ("./") first, times clamped to `newest` (seconds since 1970),
/// hard links after their first name, xattrs as SCHILY.xattr records. Same tree, same bytes.
void write_tar(const Tree& tree, std::int64_t newest, const ByteSink& sink);

/// The tree as a newc cpio for the kernel's initramfs, in path order, inode numbers counted from 1, times clamped to
/// `newest`, padded to 4 bytes after each part and ended by TRAILER!!!. Same tree, same bytes.
void write_cpio(const Tree& tree, std::int64_t newest, const ByteSink& sink);

}  // namespace lifeboat
