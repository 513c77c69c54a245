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

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

constexpr const char* emulation = "tcg,thread=multi";

/// TCG needs 2 s for the same way; a KVM that is slower than this is no help.
constexpr std::chrono::seconds probe_time{4};

/// A kernel without a root file system panics: the shortest proof that a guest runs.
bool guest_runs(const fs::path& kernel, const fs::path& work) {
  const fs::path console = work / "probe.log";
  const Fd nowhere = open_file("/dev/null", O_WRONLY);
  Child probe({.argv = {"qemu-system-x86_64",
                        "-nodefaults",
                        "-no-user-config",
                        "-no-reboot",
                        "-display",
                        "none",
                        "-machine",
                        "pc",
                        "-accel",
                        "kvm",
                        "-cpu",
                        "host",
                        "-m",
                        "256",
                        "-kernel",
                        kernel.string(),
                        "-append",
                        "console=ttyS0 panic=-1",
                        "-serial",
                        "file:" + console.string()},
               .needed_for = "lifeboat boot"},
              {nowhere.get(), nowhere.get()});
  return probe.wait(probe_time) && fs::exists(console) && read_file(console).find("Kernel panic") != std::string::npos;
}

}  // namespace

std::string choose_accelerator(const fs::path& kernel, const fs::path& work) {
  const char* asked = std::getenv("LIFEBOAT_ACCEL");
  const std::string_view choice = asked == nullptr ? "" : asked;
  if (choice == "kvm") return "kvm";
  if (choice == "tcg") return emulation;
  if (!choice.empty())
    throw Error("LIFEBOAT_ACCEL is \"" + std::string(choice) + "\"", "export LIFEBOAT_ACCEL=kvm, =tcg, or unset it");
  if (::access("/dev/kvm", R_OK | W_OK) != 0) return emulation;
  return guest_runs(kernel, work) ? "kvm" : emulation;
}

}  // namespace lifeboat
