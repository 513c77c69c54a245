// netboot: the kernel, and one initrd that holds everything. The initrd is two archives one after the other, as the
// kernel allows: an uncompressed one with the squashfs (which is compressed already, so that the kernel only copies
// it), then the compressed one with init, busybox and drivers.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "builder/base/error.hpp"
#include "builder/base/fd.hpp"
#include "builder/base/interrupt.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"
#include "builder/media/media.hpp"
#include "builder/tree/write.hpp"
#include "init/contract/boot_configuration.hpp"

namespace lifeboat {
namespace {

constexpr std::size_t piece = 1 << 20;

/// The bytes of a host file as the content of a tree node.
Content content_of_file(const std::filesystem::path& file, Spool& spool) {
  Fd fd = open_file(file, O_RDONLY);
  const std::uint64_t size = std::filesystem::file_size(file);
  Content content = spool.reserve(size);
  for (std::uint64_t at = 0; at < size; at += piece) {
    throw_if_interrupted();
    const auto length = static_cast<std::size_t>(std::min<std::uint64_t>(piece, size - at));
    spool.write_at(content.offset + at, read_exactly_at(fd, at, length, file.string()));
  }
  return content;
}

Tree tree_with_root_image(const MediaInput& input, Spool& spool) {
  Tree tree;
  Node image = file_node(content_of_file(input.squashfs, spool), 0400);
  image.mtime = input.time;
  tree.add(contract::root_in_initramfs_path, std::move(image));
  return tree;
}

/// The compressed archive is small (some 10 MiB), so it is held in memory.
std::string compressed_initramfs(const MediaInput& input) {
  Pipe zstd(
      {.argv = {"zstd", "--quiet", "--stdout", input.fast ? "-3" : "-19"}, .needed_for = "compressing the initramfs"});
  write_cpio(input.initramfs, input.time, [&](std::string_view bytes) { zstd.write(bytes); });
  return zstd.finish();
}

}  // namespace

std::vector<std::string> write_netboot(const MediaInput& input, Progress::Step& step) {
  Fd kernel = open_file(input.folder / "vmlinuz", O_WRONLY | O_CREAT | O_EXCL, 0644);
  input.kernel.copy_to([&](std::string_view bytes) { write_all(kernel, bytes, "vmlinuz"); });

  const auto spool = Spool::create(input.folder);
  Fd initrd = open_file(input.folder / "initrd.img", O_WRONLY | O_CREAT | O_EXCL, 0644);
  write_cpio(tree_with_root_image(input, *spool), input.time,
             [&](std::string_view bytes) { write_all(initrd, bytes, "initrd.img"); });
  const std::string initramfs = compressed_initramfs(input);
  write_all(initrd, initramfs, "initrd.img");
  if (::fsync(kernel.get()) != 0 || ::fsync(initrd.get()) != 0) throw system_error("syncing the netboot files", errno);
  step.done("netboot: initrd " + format_size(std::filesystem::file_size(input.folder / "initrd.img")) +
            ", of it init and drivers " + format_size(initramfs.size()));
  return {"vmlinuz", "initrd.img"};
}

}  // namespace lifeboat
