#include "builder/media/initrd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "builder/base/error.hpp"
#include "builder/base/fd.hpp"
#include "builder/tree/spool.hpp"
#include "builder/tree/tree.hpp"
#include "builder/tree/write.hpp"
#include "init/contract/boot_configuration.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

Tree tree_with_root_image(const MediaInput& input) {
  Tree tree;
  Node image = file_node(Spool::of_file(input.root), 0400);
  image.mtime = input.time;
  tree.add(contract::root_in_initramfs_path, std::move(image));
  return tree;
}

/// A new file, to be written once from start to end.
class NewFile {
 public:
  explicit NewFile(const fs::path& file)
      : name_(file.string()), fd_(open_file(file, O_WRONLY | O_CREAT | O_EXCL, 0644)) {}

  void write(std::string_view bytes) { write_all(fd_, bytes, name_); }
  void append(const fs::path& file) {
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

void write_initrd(const MediaInput& input, bool root, const fs::path& file) {
  NewFile initrd(file);
  stream_initrd(input, root, [&](std::string_view bytes) { initrd.write(bytes); });
  initrd.finish();
}

void stream_initrd(const MediaInput& input, bool root, const std::function<void(std::string_view)>& sink) {
  for (const fs::path& archive : input.initramfs) Spool::of_file(archive).copy_to(sink);
  if (root) write_cpio(tree_with_root_image(input), input.time, sink);
}

void copy_to_output(const fs::path& from, const fs::path& to) {
  NewFile copy(to);
  copy.append(from);
  copy.finish();
}

}  // namespace lifeboat
