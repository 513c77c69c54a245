// netboot: the kernel, and one initrd that holds everything. The initrd is several archives one after the other, as the
// kernel allows: an uncompressed one with the squashfs (which is compressed already, so that the kernel only copies
// it), then the compressed ones with drivers, init and boot configuration.
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "builder/base/error.hpp"
#include "builder/base/fd.hpp"
#include "builder/base/text.hpp"
#include "builder/media/media.hpp"
#include "builder/tree/spool.hpp"
#include "builder/tree/tree.hpp"
#include "builder/tree/write.hpp"
#include "init/contract/boot_configuration.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

Tree tree_with_root_image(const MediaInput& input) {
  Tree tree;
  Node image = file_node(Spool::of_file(input.squashfs), 0400);
  image.mtime = input.time;
  tree.add(contract::root_in_initramfs_path, std::move(image));
  return tree;
}

/// A new file of the output; synced by finish(), so that what replaces the last good output is really there.
class OutputFile {
 public:
  OutputFile(const fs::path& folder, std::string name)
      : name_(std::move(name)), fd_(open_file(folder / name_, O_WRONLY | O_CREAT | O_EXCL, 0644)) {}

  void write(std::string_view bytes) { write_all(fd_, bytes, name_); }
  void append_file(const fs::path& file) {
    Spool::of_file(file).copy_to([&](std::string_view bytes) { write(bytes); });
  }
  void finish() {
    if (::fsync(fd_.get()) != 0) throw system_error("syncing " + name_, errno);
  }

 private:
  std::string name_;
  Fd fd_;
};

}  // namespace

std::vector<std::string> write_netboot(const MediaInput& input, Progress::Step& step) {
  OutputFile kernel(input.folder, "vmlinuz");
  kernel.append_file(input.kernel);
  kernel.finish();

  OutputFile initrd(input.folder, "initrd.img");
  write_cpio(tree_with_root_image(input), input.time, [&](std::string_view bytes) { initrd.write(bytes); });
  for (const fs::path& archive : input.initramfs) initrd.append_file(archive);
  initrd.finish();
  step.done("netboot: initrd " + format_size(fs::file_size(input.folder / "initrd.img")));
  return {"vmlinuz", "initrd.img"};
}

}  // namespace lifeboat
