#include "builder/boot/accelerator.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string_view>

#include "builder/base/error.hpp"
#include "builder/base/fd.hpp"
#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/boot/qemu_words.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

constexpr const char* emulation = "tcg,thread=multi";

/// TCG needs less than a second for the same way; a KVM that is slower than this is no help.
constexpr std::chrono::seconds probe_time{4};

/// What QEMU's isa-debug-exit makes of the 16 that the boot sector writes to its port.
constexpr int boot_sector_ran = 16 << 1 | 1;

/// mov al, 16; out 0xf4, al; then for ever: hlt; jmp. The last two bytes make it one that a BIOS starts.
std::string boot_sector() {
  std::string sector("\xb0\x10\xe6\xf4\xf4\xeb\xfd", 7);
  sector.resize(510);
  return sector + "\x55\xaa";
}

bool guest_runs(const fs::path& work) {
  const fs::path disk = work / "probe.img";
  replace_file(disk, boot_sector());
  const Fd nowhere = open_file("/dev/null", O_WRONLY);
  Child probe({.argv = {"qemu-system-x86_64", "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none",
                        "-machine", "pc", "-accel", "kvm", "-cpu", "host", "-m", "64", "-drive",
                        "if=ide,format=raw,snapshot=on,file=" + option_value(disk), "-device",
                        "isa-debug-exit,iobase=0xf4,iosize=1"},
               .needed_for = "lifeboat boot"},
              {nowhere.get(), nowhere.get()});
  return probe.wait(probe_time) == boot_sector_ran;
}

}  // namespace

std::string choose_accelerator(const fs::path& work) {
  const char* asked = std::getenv("LIFEBOAT_ACCEL");
  const std::string_view choice = asked == nullptr ? "" : asked;
  if (choice == "kvm") return "kvm";
  if (choice == "tcg") return emulation;
  if (!choice.empty())
    throw Error("LIFEBOAT_ACCEL is \"" + std::string(choice) + "\"", "export LIFEBOAT_ACCEL=kvm, =tcg, or unset it");
  if (::access("/dev/kvm", R_OK | W_OK) != 0) return emulation;
  return guest_runs(work) ? "kvm" : emulation;
}

}  // namespace lifeboat
