#include "init/boot/medium_look.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "init/contract/medium_mark.hpp"
#include "init/contract/text.hpp"
#include "init/disk/examine.hpp"
#include "init/disk/printable.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t descriptor_size = 2048;
constexpr std::string_view primary("\1CD001", 6);
constexpr std::size_t label_offset = 40, label_size = 32;  // ECMA-119, 8.4.7

}  // namespace

MediumLook judge_volume_descriptor(std::string_view descriptor) {
  if (descriptor.size() < descriptor_size || !descriptor.starts_with(primary)) return {{}, "no ISO 9660 file system"};
  const std::string_view mark =
      descriptor.substr(contract::medium_mark_offset - contract::volume_descriptor_offset, contract::medium_mark_size);
  if (auto build_id = contract::parse_medium_mark(mark))
    return {build_id, "a Lifeboat medium of the build " + *build_id};
  const std::string_view label = contract::trim(descriptor.substr(label_offset, label_size));
  return {{}, "an ISO 9660 file system named \"" + printable_trimmed(label) + "\", no Lifeboat medium"};
}

std::string read_volume_descriptor(const std::string& device) {
  auto fd = open_file(device, O_RDONLY | O_NONBLOCK);  // without it an open tray would be closed
  if (!fd) return "!" + fd.error();
  if (is_empty_drive(*fd)) return "!there is nothing in the drive";
  std::array<char, descriptor_size> bytes{};
  const ssize_t count = ::pread(fd->get(), bytes.data(), bytes.size(), contract::volume_descriptor_offset);
  if (count < 0) return "!" + failure_from_errno("reading " + device, errno).what;
  return "=" + std::string(bytes.data(), static_cast<std::size_t>(count));
}

std::string size_words(std::uint64_t bytes) {
  constexpr double kib = 1 << 10, mib = 1 << 20, gib = 1 << 30;
  const auto size = static_cast<double>(bytes);
  char text[32];
  if (size < mib) {
    std::snprintf(text, sizeof text, "%.0f KiB", size / kib);
  } else if (size < gib) {
    std::snprintf(text, sizeof text, "%.0f MiB", size / mib);
  } else {
    std::snprintf(text, sizeof text, "%.1f GiB", size / gib);
  }
  return text;
}

std::string describe_disk(const Disk& disk) {
  const std::string model = disk.model.empty() ? disk.bus : disk.model;
  return disk.path + " (" + (model.empty() ? "" : model + ", ") + (disk.size == 0 ? "empty" : size_words(disk.size)) +
         ")";
}

}  // namespace lifeboat::init
