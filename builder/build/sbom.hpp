#pragma once
#include <filesystem>
#include <vector>

#include "builder/build/manifest.hpp"

namespace lifeboat {

constexpr const char* sbom_file = "sbom.spdx.json";

/// Writes folder/sbom.spdx.json, an SPDX 2.3 document: the image, its files of `outputs` with
/// their digests, the packages in it and the source packages that those were built from. The same build gives the same
/// bytes.
void write_sbom(const std::filesystem::path& folder, const ManifestInput& input,
                const std::vector<OutputFile>& outputs);

}  // namespace lifeboat
