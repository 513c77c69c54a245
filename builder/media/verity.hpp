#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

namespace lifeboat {

/// What dm-verity needs to know of a root image, beside the image itself: format 1, SHA-256, blocks of 4096 bytes.
struct Verity {
  std::uint64_t offset = 0;  ///< bytes in the file before dm-verity's superblock
  std::string root_hash;     ///< 64 hexadecimal digits: what has to be authentic for the whole image to be
  std::string salt;          ///< 64 hexadecimal digits
};

/// Pads `file` with zeros to whole blocks and appends dm-verity's superblock and hashes (`veritysetup format`). The
/// same file gives the same bytes: the salt is its SHA-256. Throws Error.
Verity append_verity(const std::filesystem::path& file);

}  // namespace lifeboat
