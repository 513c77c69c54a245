#include "init/sys/ide_channels.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "init/sys/fd.hpp"
#include "init/sys/folder.hpp"

namespace lifeboat::init {
namespace {

/// High bytes of the two IDE timing registers (PIIX3 data sheet, IDETIM); bit 7 lets the channel decode its ports.
constexpr std::array<off_t, 2> enable_bytes{0x41, 0x43};
constexpr unsigned char enabled = 0x80;

bool is_qemu_ide(const std::string& device) {
  const auto says = [&](const char* file, std::string_view value) {
    const auto text = read_file(device + "/" + file, 64);
    return text && *text == std::string(value) + "\n";
  };
  return says("vendor", "0x8086") && says("device", "0x7010") && says("subsystem_vendor", "0x1af4");
}

/// True where it changed something.
Result<bool> enable_channels_of(const std::string& device) {
  auto config = open_file(device + "/config", O_RDWR);
  if (!config) return config.failure();
  bool changed = false;
  for (const off_t at : enable_bytes) {
    unsigned char byte = 0;
    if (::pread(config->get(), &byte, 1, at) != 1) return failure_from_errno("reading " + device + "/config", errno);
    if ((byte & enabled) != 0) continue;
    byte |= enabled;
    if (::pwrite(config->get(), &byte, 1, at) != 1) return failure_from_errno("writing " + device + "/config", errno);
    changed = true;
  }
  return changed;
}

}  // namespace

Result<std::vector<std::string>> enable_ide_channels(const std::string& devices) {
  std::vector<std::string> changed;
  for (const FolderEntry& entry : list_folder(devices)) {
    const std::string device = devices + "/" + entry.name;
    if (!is_qemu_ide(device)) continue;
    auto done = enable_channels_of(device);
    if (!done) return done.failure();
    if (*done) changed.push_back(entry.name);
  }
  return changed;
}

}  // namespace lifeboat::init
