#include "builder/media/image_arguments.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

#include "builder/base/error.hpp"
#include "builder/base/fd.hpp"
#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"
#include "builder/media/arguments_place.hpp"
#include "builder/tree/spool.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t iso_block = 2048;
constexpr std::string_view qcow2_magic = "QFI\xfb";
constexpr const char* place_purpose = "finding the place for kernel arguments";

[[noreturn]] void refuse(const fs::path& image, const std::string& why) {
  throw Error(image.string() + " has no place for kernel arguments: " + why,
              "a rescue.iso, rescue.raw or rescue.qcow2 of `lifeboat build` has one");
}

std::string read_at(const Fd& file, const fs::path& image, std::uint64_t offset, std::size_t size) {
  std::string bytes(size, '\0');
  const ssize_t got = ::pread(file.get(), bytes.data(), size, static_cast<off_t>(offset));
  if (got < 0) throw system_error("reading " + image.string(), errno);
  bytes.resize(static_cast<std::size_t>(got));
  return bytes;
}

/// xorriso says "File data lba:  0 , 45 , 1 , 1024 , '/boot/grub/arguments.cfg'": extent, block, blocks, bytes.
std::uint64_t offset_in_iso(const fs::path& iso, const fs::path& image) {
  const Outcome outcome = run({.argv = {"xorriso", "-report_about", "FAILURE", "-indev", "stdio:" + iso.string(),
                                        "-find", std::string(arguments_place_path), "-exec", "report_lba", "--"},
                               .needed_for = place_purpose});
  constexpr std::string_view head = "File data lba:";
  const std::size_t line = outcome.out.find(head);
  if (outcome.status != 0 || line == std::string::npos)
    refuse(image, "no ISO 9660 file system with " + std::string(arguments_place_path) + " is on it");
  const std::size_t first = outcome.out.find(',', line);
  if (first == std::string::npos) refuse(image, "xorriso said `" + printable(outcome.out) + "`");
  return std::stoull(outcome.out.substr(first + 1)) * iso_block;
}

/// Where in the qcow2 file the byte of the disk lies that is at `offset` there.
std::uint64_t offset_in_qcow2(const fs::path& image, std::uint64_t offset) {
  const auto map = nlohmann::json::parse(run_checked(
      {.argv = {"qemu-img", "map", "--output=json", "-f", "qcow2", image.string()}, .needed_for = place_purpose}));
  for (const auto& extent : map) {
    const std::uint64_t start = extent.at("start"), length = extent.at("length");
    if (offset < start || offset + arguments_place_size > start + length) continue;
    if (!extent.contains("offset")) break;
    return extent.at("offset").get<std::uint64_t>() + (offset - start);
  }
  refuse(image, "it is compressed, or was written to");
}

std::uint64_t find_offset(const fs::path& image, const Fd& file) {
  if (read_at(file, image, 0, qcow2_magic.size()) != qcow2_magic) return offset_in_iso(image, image);
  const TempDir scratch(fs::temp_directory_path(), "lifeboat-patch");
  const fs::path raw = scratch.path() / "disk.raw";
  run_checked({.argv = {"qemu-img", "convert", "-f", "qcow2", "-O", "raw", image.string(), raw.string()},
               .needed_for = place_purpose});
  return offset_in_qcow2(image, offset_in_iso(raw, image));
}

}  // namespace

ImageArguments read_image_arguments(const fs::path& image) {
  const fs::path whole = fs::absolute(image);  // a name may begin with a dash
  const Fd file = open_file(whole, O_RDONLY);
  ImageArguments found{.offset = find_offset(whole, file), .arguments = {}};
  const auto arguments = parse_arguments_place(read_at(file, image, found.offset, arguments_place_size));
  if (!arguments) refuse(image, "what lies there is something else");
  found.arguments = *arguments;
  return found;
}

void write_image_arguments(const fs::path& image, const std::string& arguments) {
  const std::string place = make_arguments_place(arguments);
  const ImageArguments found = read_image_arguments(image);
  const Fd file = open_file(image, O_WRONLY);
  if (::pwrite(file.get(), place.data(), place.size(), static_cast<off_t>(found.offset)) !=
      static_cast<ssize_t>(place.size()))
    throw system_error("writing " + image.string(), errno);
  if (::fsync(file.get()) != 0) throw system_error("writing " + image.string(), errno);
}

Sha256 sha256_without_arguments(const fs::path& image, const ImageArguments& found) {
  Sha256Stream stream;
  std::uint64_t at = 0;
  const std::string blank = make_arguments_place("");
  Spool::of_file(image).copy_to([&](std::string_view bytes) {
    std::string copy(bytes);
    for (std::size_t i = 0; i < blank.size(); ++i)
      if (found.offset + i >= at && found.offset + i < at + copy.size()) copy[found.offset + i - at] = blank[i];
    stream.update(copy);
    at += bytes.size();
  });
  return stream.finish();
}

}  // namespace lifeboat
