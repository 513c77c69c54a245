#include "init/sys/ide_channels.hpp"

#include <cstdlib>
#include <filesystem>

#include "init/sys/fd.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
namespace fs = std::filesystem;
namespace {

/// A folder like /sys/bus/pci/devices, with one device.
struct Devices {
  std::string folder = make_folder();

  static std::string make_folder() {
    std::string name = fs::temp_directory_path() / "ide-channels-XXXXXX";
    return ::mkdtemp(name.data());
  }
  Devices(const char* device, const char* subsystem, const std::string& timing) {
    fs::create_directory(place());
    write("vendor", "0x8086\n");
    write("device", std::string(device) + "\n");
    write("subsystem_vendor", std::string(subsystem) + "\n");
    write("config", std::string(0x40, '\0') + timing + std::string(0x40 - timing.size(), '\0'));
  }
  ~Devices() { fs::remove_all(folder); }

  std::string place() const { return folder + "/0000:00:01.1"; }
  void write(const char* name, const std::string& text) const { REQUIRE(write_file(place() + "/" + name, text)); }
  std::string timing() const { return read_file(place() + "/config")->substr(0x40, 4); }
};

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values) text += static_cast<char>(value);
  return text;
}

}  // namespace

// What QEMU 7.2's PIIX3 shows under OVMF, and under SeaBIOS.
TEST_CASE("channels that EFI firmware left disabled are enabled, and nothing else is changed") {
  const Devices qemu("0x7010", "0x1af4", bytes({0x00, 0x40, 0x00, 0x40}));
  const auto changed = enable_ide_channels(qemu.folder);
  REQUIRE(changed);
  CHECK(*changed == std::vector<std::string>{"0000:00:01.1"});
  CHECK(qemu.timing() == bytes({0x00, 0xc0, 0x00, 0xc0}));
}

TEST_CASE("channels that are enabled stay as they are") {
  const Devices qemu("0x7010", "0x1af4", bytes({0x00, 0xc0, 0x12, 0x80}));
  const auto changed = enable_ide_channels(qemu.folder);
  REQUIRE(changed);
  CHECK(changed->empty());
  CHECK(qemu.timing() == bytes({0x00, 0xc0, 0x12, 0x80}));
}

TEST_CASE("a real controller is left alone, and so is any other device") {
  for (const auto& [device, subsystem] : {std::pair{"0x7010", "0x0000"}, std::pair{"0x7000", "0x1af4"}}) {
    const Devices other(device, subsystem, bytes({0x00, 0x40, 0x00, 0x40}));
    const auto changed = enable_ide_channels(other.folder);
    REQUIRE(changed);
    CHECK(changed->empty());
    CHECK(other.timing() == bytes({0x00, 0x40, 0x00, 0x40}));
  }
}

TEST_CASE("a machine without PCI has no channels to enable") { CHECK(enable_ide_channels("/nonexistent")); }
