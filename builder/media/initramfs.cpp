#include "builder/media/initramfs.hpp"

#include <fcntl.h>

#include "builder/base/fd.hpp"
#include "builder/base/run.hpp"
#include "builder/tree/write.hpp"

namespace lifeboat {
namespace {

/// Level 19 would save a tenth of 5 MiB for eight times the time (zstd 1.5.4, Debian 12's drivers).
constexpr const char* small_level = "-12";
constexpr const char* fast_level = "-3";
constexpr std::size_t alignment = 4;

}  // namespace

void write_initramfs_archive(const Tree& tree, std::int64_t time, bool fast, const std::filesystem::path& file) {
  Pipe zstd({.argv = {"zstd", "--quiet", "--stdout", fast ? fast_level : small_level},
             .needed_for = "compressing the initramfs"});
  write_cpio(tree, time, [&](std::string_view bytes) { zstd.write(bytes); });
  std::string archive = zstd.finish();  // some megabytes: it is held in memory
  archive.resize((archive.size() + alignment - 1) / alignment * alignment, '\0');
  const Fd out = open_file(file, O_WRONLY | O_CREAT | O_EXCL, 0644);
  write_all(out, archive, file.string());
}

}  // namespace lifeboat
