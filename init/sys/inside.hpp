#pragma once
#include <sys/stat.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/sys/fd.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

// Files below a folder that holds somebody else's root ("/mnt"), whatever its symbolic links say: absolute ones too
// stay below it. Other than with read_file_inside(), what is mounted below it belongs to it. Linux 5.6 on.

/// openat2(2). A FIFO is not waited for.
Result<Fd> open_below(const Fd& root, const std::string& path, int flags);

/// A regular file of at most `limit` bytes; a FIFO, a device or a longer one is a Failure.
Result<std::string> read_below(const Fd& root, const std::string& path, std::size_t limit);

/// The names in a folder, sorted, of one that has more than `most` only some. Empty: there is none.
std::vector<std::string> list_below(const Fd& root, const std::string& path, std::size_t most = 4096);

/// With links followed. Nothing: it is not there.
std::optional<struct stat> stat_below(const Fd& root, const std::string& path);

/// A regular file with something in it.
bool has_file_below(const Fd& root, const std::string& path);
bool has_folder_below(const Fd& root, const std::string& path);

/// Where the path leads, from the root: "/usr/lib/os-release" for "etc/os-release".
Result<std::string> resolve_below(const Fd& root, const std::string& path);

/// Replaces a regular file in one step (temporary name beside it, fsync, rename): same owner, mode and extended
/// attributes (SELinux's label, ACLs) as it has. With `backup` (".rescue-20261126-091500") a copy of it as it was is
/// left beside it under that additional name, of the same owner, mode and attributes. Links stay: what they lead to is
/// replaced.
Status replace_below(const Fd& root, const std::string& path, std::string_view content, const std::string& backup = {});

/// Makes a file that is not there yet (a Failure: it is), of root, with this mode.
Status create_below(const Fd& root, const std::string& path, std::string_view content, unsigned mode = 0644);

}  // namespace lifeboat::init
