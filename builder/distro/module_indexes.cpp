#include <fcntl.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/interrupt.hpp"
#include "builder/base/run.hpp"
#include "builder/distro/kernel.hpp"
#include "builder/distro/maker.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

/// The kernel's own lists, which depmod reads; every other file beside them is one that it makes.
constexpr std::array<std::string_view, 3> lists{"modules.builtin", "modules.builtin.modinfo", "modules.order"};

bool is_list(std::string_view name) { return std::ranges::find(lists, name) != lists.end(); }

void copy_out(const Content& content, const fs::path& to) {
  const Fd fd = open_file(to, O_WRONLY | O_CREAT | O_EXCL, 0600);
  content.copy_to([&](std::string_view bytes) { write_all(fd, bytes, to.string()); });
}

/// The modules and the kernel's own lists as real files below `folder`, for depmod.
void copy_modules(const Tree& tree, const KernelFiles& kernel, const fs::path& folder) {
  lifeboat::create_directories(folder);
  for (auto node = tree.nodes().upper_bound(kernel.modules); node != tree.nodes().end(); ++node) {
    const auto& [path, content] = *node;
    if (!kernel.modules.contains(path)) break;
    throw_if_interrupted();
    const fs::path to = folder / path.str().substr(kernel.modules.str().size() + 1);
    if (content->type == NodeType::directory) lifeboat::create_directories(to);
    const bool index = path.parent() == kernel.modules && !is_list(path.name());
    if (content->type == NodeType::regular && !index) copy_out(content->content, to);
  }
}

}  // namespace

void write_module_indexes(Tree& tree, const KernelFiles& kernel, const FinishInput& input) {
  const TempDir scratch(input.scratch, "depmod");
  const fs::path folder = scratch.path() / "lib/modules" / kernel.release, no_settings = scratch.path() / "depmod.d";
  copy_modules(tree, kernel, folder);
  lifeboat::create_directories(no_settings);  // else the build host's /etc/depmod.d would have a say
  run_checked(
      {.argv = {"depmod", "--config", no_settings.string(), "--basedir", scratch.path().string(), kernel.release},
       .needed_for = "the index of the kernel's modules"});
  Maker maker(tree, input);
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && !is_list(name)) maker.file(kernel.modules / name, read_file(entry.path()));
  }
}

}  // namespace lifeboat
