#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "builder/base/digest.hpp"

namespace lifeboat {

/// The extra kernel arguments in a hybrid image (arguments_place.hpp), as they lie there.
struct ImageArguments {
  std::uint64_t offset = 0;  ///< of their place, bytes in the image file; in a qcow2 where its cluster lies
  std::string arguments;     ///< "": as built
};

/// Reads them from `rescue.iso`, `rescue.raw` or `rescue.qcow2`. Throws Error for any other file.
ImageArguments read_image_arguments(const std::filesystem::path& image);

/// Writes them in place: 1,024 bytes change, nothing else. Throws Error, and then the image is as it was.
void write_image_arguments(const std::filesystem::path& image, const std::string& arguments);

/// SHA-256 of the image as it would be without extra arguments: as it was built.
Sha256 sha256_without_arguments(const std::filesystem::path& image, const ImageArguments& found);

}  // namespace lifeboat
