#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "builder/tree/spool.hpp"
#include "builder/tree/tree.hpp"

namespace lifeboat {

/// What one archive may cost at most; a bomb stops the build instead of filling the disk or running for hours.
struct ArchiveLimits {
  std::uint64_t member_size = std::uint64_t{1} << 32;  ///< bytes of one file
  std::uint64_t total_size = std::uint64_t{1} << 33;   ///< bytes of all files
  std::uint64_t members = 1'000'000;
};

/// One member of a package's file archive, already judged: its path cannot leave the root.
struct ArchiveMember {
  TreePath path;
  Node node;
  TreePath hard_link_to = {};  ///< set (not the root) for a hard link; node is then unused
};

/// Reads a tar (optionally compressed with gzip, xz, zstd, bzip2 or lzma; only these are registered with libarchive)
/// that arrives through `read` (returns "" at the end; the view stays valid until the next call). Contents go to
/// `spool`. `name` is for errors. Throws Error for: truncated or garbage input, `..` or NUL in a name, an absolute or
/// empty link target of a hard link that leads out, sockets, limits exceeded. Any path, mode and owner is kept as it
/// is.
std::vector<ArchiveMember> read_tar(const std::function<std::string_view()>& read, Spool& spool, std::string_view name,
                                    const ArchiveLimits& limits = {});

/// Adds all members to the tree in their order.
void unpack_into(Tree& tree, const std::vector<ArchiveMember>& members, std::string_view name);

}  // namespace lifeboat
