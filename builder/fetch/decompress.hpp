#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace lifeboat {

/// The content of an index: xz, gzip or plain, told apart by its first bytes. Throws Error for a broken or truncated
/// stream and for more than `limit` bytes of content.
std::string decompress_file(const std::filesystem::path& file, std::uint64_t limit, std::string_view name);

}  // namespace lifeboat
