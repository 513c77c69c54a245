// iso, raw, qcow2: the same bytes under three names, for whoever takes one kind only.
#include <chrono>

#include "builder/base/run.hpp"
#include "builder/base/text.hpp"
#include "builder/media/hybrid.hpp"
#include "builder/media/initrd.hpp"
#include "builder/media/media.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

/// Made by the first of the three that asks.
fs::path hybrid_of(const MediaInput& input) {
  fs::path file = input.scratch / "hybrid.img";
  if (!fs::exists(file)) write_hybrid(input, file);
  return file;
}

MediumFiles said(const MediaInput& input, const std::string& name, Progress::Step& step) {
  const std::uint64_t size = fs::file_size(input.folder / name);
  step.done(name + " " + format_size(size));
  return {.names = {name}, .size = size};
}

}  // namespace

MediumFiles write_iso(const MediaInput& input, Progress::Step& step) {
  copy_to_output(hybrid_of(input), input.folder / "rescue.iso");
  return said(input, "rescue.iso", step);
}

MediumFiles write_raw(const MediaInput& input, Progress::Step& step) {
  copy_to_output(hybrid_of(input), input.folder / "rescue.raw");
  return said(input, "rescue.raw", step);
}

/// Uncompressed: the root image is compressed already, and so `lifeboat patch` finds its place. No -W: with it the
/// order of clusters would be that of the moment.
MediumFiles write_qcow2(const MediaInput& input, Progress::Step& step) {
  run_checked({.argv = {"qemu-img", "convert", "-f", "raw", "-O", "qcow2", hybrid_of(input).string(),
                        (input.folder / "rescue.qcow2").string()},
               .needed_for = "writing the qcow2 image"});
  return said(input, "rescue.qcow2", step);
}

}  // namespace lifeboat
