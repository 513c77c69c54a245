// uki: a unified kernel image. systemd's stub, which finds what it starts in sections of the very program that it is
// (https://uapi-group.org/specifications/specs/unified_kernel_image/), and so one signature covers it all: kernel,
// command line, initrd and the root in it.
#include "builder/base/text.hpp"
#include "builder/media/authenticode.hpp"
#include "builder/media/initrd.hpp"
#include "builder/media/media.hpp"
#include "builder/media/pe.hpp"
#include "builder/tree/spool.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

/// As os-release(5) wants it.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (std::string_view("\"\\$`").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result + "\"";
}

/// What boot menus show.
std::string os_release(const MediaInput& input) {
  return "ID=lifeboat\nPRETTY_NAME=" + quoted(input.title) + "\nBUILD_ID=" + input.build_id + "\n";
}

/// The kernel comes last: later stubs start it where it lies, and it takes more memory there than its bytes.
void write_program(const MediaInput& input, const fs::path& file) {
  PeWriter writer(input.loaders.efi_stub, file);
  writer.add(".osrel", os_release(input));
  writer.add(".cmdline", input.kernel_arguments);
  writer.add(".initrd", [&](const PeWriter::Sink& sink) { stream_initrd(input, true, sink); });
  writer.add(".linux", [&](const PeWriter::Sink& sink) { Spool::of_file(input.kernel).copy_to(sink); });
  writer.finish();
}

}  // namespace

MediumFiles write_uki(const MediaInput& input, Progress::Step& step) {
  const fs::path file = input.folder / "rescue.efi";
  write_program(input, file);
  const bool is_signed = !input.secure_boot.key.empty();
  if (is_signed) sign_program(file, input.secure_boot);
  step.done("uki: EFI program " + format_size(fs::file_size(file)) + (is_signed ? ", signed" : ""));
  return {.names = {"rescue.efi"}, .size = fs::file_size(file)};
}

}  // namespace lifeboat
