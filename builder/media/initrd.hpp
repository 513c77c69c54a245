#pragma once
#include <filesystem>
#include <functional>
#include <string_view>

#include "builder/media/media.hpp"

namespace lifeboat {

/// Writes the archives of the initramfs one after the other, as the kernel allows. With `root`, after them an
/// uncompressed one with the root image: that is compressed already, and so the kernel only copies it. Last, so that
/// the init is there when memory does not suffice for it, and can say so. Synced, so that what replaces the last good
/// output is really there.
void write_initrd(const MediaInput& input, bool root, const std::filesystem::path& file);

/// The same bytes, handed on in pieces: for what holds the initrd among other things.
void stream_initrd(const MediaInput& input, bool root, const std::function<void(std::string_view)>& sink);

/// Copies a file into the output, synced.
void copy_to_output(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace lifeboat
