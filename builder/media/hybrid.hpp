#pragma once
#include <filesystem>

#include "builder/media/media.hpp"

namespace lifeboat {

/// Writes the one image that boots as CD, USB stick and disk, under BIOS and EFI: ISO 9660 with El Torito boot images,
/// and a GPT over the same bytes with an EFI system partition. Every id and date in it derives from input.build_id and
/// input.time.
void write_hybrid(const MediaInput& input, const std::filesystem::path& file);

}  // namespace lifeboat
