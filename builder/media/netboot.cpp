// netboot: the kernel, and one initrd that holds everything.
#include "builder/base/text.hpp"
#include "builder/media/initrd.hpp"
#include "builder/media/media.hpp"

namespace lifeboat {
namespace fs = std::filesystem;

std::vector<std::string> write_netboot(const MediaInput& input, Progress::Step& step) {
  copy_to_output(input.kernel, input.folder / "vmlinuz");
  const fs::path initrd = input.folder / "initrd.img";
  write_initrd(input, true, initrd);
  step.done("netboot: initrd " + format_size(fs::file_size(initrd)));
  return {"vmlinuz", "initrd.img"};
}

}  // namespace lifeboat
