#include <fcntl.h>

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

void copy_out(const Content& content, const fs::path& to) {
  const Fd fd = open_file(to, O_WRONLY | O_CREAT | O_EXCL, 0600);
  content.copy_to([&](std::string_view bytes) { write_all(fd, bytes, to.string()); });
}

/// The modules and the kernel's own lists as real files below `folder`, for depmod.
void copy_modules(const Tree& tree, const KernelFiles& kernel, const fs::path& folder) {
  lifeboat::create_directories(folder);
  for (auto node = tree.nodes().lower_bound(kernel.modules); node != tree.nodes().end(); ++node) {
    if (!kernel.modules.contains(node->first)) break;
    throw_if_interrupted();
    const fs::path to =
        folder / node->first.str().substr(kernel.modules.str().size() + (node->first == kernel.modules ? 0 : 1));
    if (node->second->type == NodeType::directory) lifeboat::create_directories(to);
    if (node->second->type == NodeType::regular) copy_out(node->second->content, to);
  }
}

}  // namespace

void write_module_indexes(Tree& tree, const KernelFiles& kernel, const FinishInput& input) {
  const TempDir scratch(input.scratch, "depmod");
  const fs::path folder = scratch.path() / "lib/modules" / kernel.release;
  copy_modules(tree, kernel, folder);
  run_checked({.argv = {"depmod", "--basedir", scratch.path().string(), kernel.release},
               .needed_for = "the index of the kernel's modules"});
  Maker maker(tree, input);
  for (const auto& entry : fs::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (entry.is_regular_file() && tree.find(kernel.modules / name) == nullptr)
      maker.file(kernel.modules / name, read_file(entry.path()));
  }
}

}  // namespace lifeboat
