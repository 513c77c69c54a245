#include "init/boot/entropy.hpp"

#include <sys/random.h>

#include <string_view>
#include <utility>

#include "init/boot/drivers.hpp"
#include "init/contract/text.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/folder.hpp"
#include "init/sys/worker.hpp"

namespace lifeboat::init {
namespace {

/// Then sshd and ssh-keygen wait for themselves.
constexpr Milliseconds seed_limit{30'000};

/// Virtual I/O Device 1.2, 4.1.2: entropy source, as a modern and as a transitional device.
bool is_virtio_rng(const std::string& folder) {
  const std::string vendor = read_file(folder + "/vendor", 64).value_or(""),
                    device = read_file(folder + "/device", 64).value_or("");
  return contract::trim(vendor) == "0x1af4" &&
         (contract::trim(device) == "0x1005" || contract::trim(device) == "0x1044");
}

std::string wait_for_random() {
  const std::string devices = "/sys/bus/pci/devices";
  for (const FolderEntry& entry : list_folder(devices))
    if (is_virtio_rng(devices + "/" + entry.name)) {
      load_modules_aside({"virtio_pci", "virtio_rng"});  // virtio_pci goes on with all other devices of its kind
      break;
    }
  char byte = 0;
  return ::getrandom(&byte, 1, 0) == 1 ? "" : "?";
}

void go_on(Machine& machine) {
  machine.random = true;
  for (const auto& next : std::exchange(machine.after_random, {})) next();
}

}  // namespace

void gather_entropy(Machine& machine) {
  char byte = 0;
  if (::getrandom(&byte, 1, GRND_NONBLOCK) == 1) return go_on(machine);
  const double started = seconds_since_start();
  start_work(*machine.loop, {.name = "gathering entropy",
                             .limit = seed_limit,
                             .run = wait_for_random,
                             .ended = [&machine, started](const Result<std::string>&) {
                               machine.record("gather entropy", started);
                               go_on(machine);
                             }});
}

void when_random(Machine& machine, std::function<void()> next) {
  if (machine.random) return next();
  machine.after_random.push_back(std::move(next));
}

}  // namespace lifeboat::init
