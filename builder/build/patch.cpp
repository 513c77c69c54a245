#include "builder/build/patch.hpp"

#include <ostream>

#include "builder/base/text.hpp"
#include "builder/media/image_arguments.hpp"

namespace lifeboat {
namespace {

std::string shown(const std::string& arguments) {
  return arguments.empty() ? "no extra kernel arguments" : "extra kernel arguments: " + printable(arguments);
}

}  // namespace

void patch_image(const PatchOptions& options, std::ostream& out) {
  const std::string before = read_image_arguments(options.image).arguments;
  if (options.kernel_arguments) write_image_arguments(options.image, *options.kernel_arguments);
  out << options.image.string() << ": " << shown(options.kernel_arguments.value_or(before)) << "\n";
  if (options.kernel_arguments && *options.kernel_arguments != before) out << "before: " << shown(before) << "\n";
}

}  // namespace lifeboat
