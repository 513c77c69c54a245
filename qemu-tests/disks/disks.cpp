#include "qemu-tests/disks/disks.hpp"

#include <fcntl.h>
#include <sys/file.h>

#include <array>
#include <string_view>

#include "qemu-tests/disks/helper_guest.hpp"
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
constexpr std::array rows{Row{"ext4-debian-11", make_ext4_debian_11}, Row{"debian-12-broken", make_debian_12_broken},
                          Row{"empty", make_empty}};

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

fs::path disks_folder() {
  fs::path folder = fs::path(LIFEBOAT_BINARY_DIR) / "qemu-disks";
  fs::create_directories(folder);
  return folder;
}

/// The folder of the helper guest's sets. Made anew when the script is another than the one that made them.
fs::path helper_folder() {
  const fs::path folder = disks_folder() / "sets", made_by = folder / "made-by";
  const std::string script = read_file(fs::path(LIFEBOAT_SOURCE_DIR) / "qemu-tests/disks/make_disks.sh");
  const Fd lock = lock_folder(disks_folder());
  if (fs::exists(made_by) && read_file(made_by) == script) return folder;
  fs::remove_all(folder);
  fs::create_directories(folder);
  make_helper_sets(folder, script);
  write_file(made_by, script);
  return folder;
}

std::vector<fs::path> many_disks() {
  const fs::path folder = disks_folder() / "many";
  const Fd lock = lock_folder(disks_folder());
  fs::create_directories(folder);
  std::vector<fs::path> files;
  for (int i = 0; i < 64; ++i) {
    files.push_back(folder / ("many-" + std::to_string(i) + ".img"));
    if (!fs::exists(files.back())) make({"many", make_small_ext4}, files.back());
  }
  return files;
}

}  // namespace

std::vector<fs::path> disk_set(const std::string& name) {
  if (name == "many") return many_disks();
  for (const HelperSet& set : helper_sets())
    if (set.name == name) return files_of(set, helper_folder());
  return {disk(name)};
}

fs::path disk(const std::string& name) {
  const fs::path folder = disks_folder();
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
