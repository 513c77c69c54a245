// Who asks for drivers while others are being loaded gets them as well.
#include "init/boot/drivers.hpp"

#include <sys/utsname.h>

#include <algorithm>

#include "builder/base/file.hpp"
#include "init/sys/mount.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using lifeboat::TempDir;

namespace {

/// The modules of this kernel, of which there are none: each that is wanted is a problem that names it.
struct Folder {
  TempDir folder{"/tmp", "drivers"};
  Folder() {
    utsname kernel{};
    ::uname(&kernel);
    const std::string path = folder.path().string() + "/" + kernel.release;
    REQUIRE(make_folders(path));
    REQUIRE(write_file(path + "/modules.dep", ""));
  }
  DriverRequest wanting(const std::string& module) const {
    return {.folder = folder.path().string(), .wanted = {module}};
  }
};

std::string missing(const std::string& module) {
  return "loading the module " + module + ": the image does not have it";
}

std::vector<std::string> wait_for_problems(Machine& machine) {
  REQUIRE(machine.loop->run_until([&] { return !machine.drivers.loading; }, Milliseconds(10'000)));
  return machine.report.problems;
}

}  // namespace

TEST_CASE("drivers that are asked for while others are being loaded follow, each request once") {
  const Folder folder;
  Machine machine(std::move(*Loop::create()), {});
  for (const char* module : {"first", "second", "second", "third"}) {
    start_loading_drivers(machine, folder.wanting(module));
    CHECK(machine.drivers.loading);
  }
  CHECK(machine.drivers.waiting.size() == 2);  // and the first is being loaded
  CHECK(wait_for_problems(machine) == std::vector<std::string>{missing("first"), missing("second"), missing("third")});
}

TEST_CASE("a device that comes before the boot's own look for drivers does not take its place") {
  const Folder folder;
  Machine machine(std::move(*Loop::create()), {});
  want_driver(machine, "virtio:d00000004v00001AF4");
  start_loading_drivers(machine, folder.wanting("first"));
  const auto problems = wait_for_problems(machine);
  CHECK(std::ranges::find(problems, missing("first")) != problems.end());
}
