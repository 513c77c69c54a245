#include "qemu-tests/disks/disks.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <array>
#include <string_view>

#include "qemu-tests/disks/recipes.hpp"
#include "qemu-tests/harness/folder.hpp"
#include "qemu-tests/harness/process.hpp"

namespace lifeboat::qemu {
namespace fs = std::filesystem;
namespace {

struct Row {
  std::string_view name;
  void (*make)(const fs::path& image, const fs::path& work);
};
constexpr std::array rows{Row{"ext4-debian-11", make_ext4_debian_11}};

/// Held while an image is made, for two tests that want it at once.
Fd lock_folder(const fs::path& folder) {
  Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  ::flock(fd.get(), LOCK_EX);
  return fd;
}

void make(const Row& row, const fs::path& image) {
  const Folder work("disk");
  const fs::path unfinished = image.string() + ".unfinished";
  fs::remove(unfinished);
  row.make(unfinished, work.path());
  fs::rename(unfinished, image);
}

}  // namespace

fs::path disk(const std::string& name) {
  const fs::path folder = fs::path(LIFEBOAT_BINARY_DIR) / "qemu-disks";
  fs::create_directories(folder);
  fs::path image = folder / (name + ".img");
  for (const Row& row : rows) {
    if (row.name != name) continue;
    const Fd lock = lock_folder(folder);
    if (!fs::exists(image)) make(row, image);
    return image;
  }
  throw Failure("there is no disk \"" + name + "\"; qemu-tests/disks/disks.cpp lists them");
}

std::string sha256_of_file(const fs::path& file) { return run_checked({"sha256sum", "--", file}).substr(0, 64); }

}  // namespace lifeboat::qemu
