// The story of the rescue system, from top to bottom. Open this first.
#include "init/boot/boot.hpp"

#include <unistd.h>

#include "init/boot/deadline.hpp"
#include "init/boot/devices.hpp"
#include "init/boot/disks.hpp"
#include "init/boot/drivers.hpp"
#include "init/boot/emergency.hpp"
#include "init/boot/entropy.hpp"
#include "init/boot/gettys.hpp"
#include "init/boot/host_key.hpp"
#include "init/boot/initramfs.hpp"
#include "init/boot/login.hpp"
#include "init/boot/machine.hpp"
#include "init/boot/memory.hpp"
#include "init/boot/protection.hpp"
#include "init/boot/root_image.hpp"
#include "init/boot/session_end.hpp"
#include "init/boot/sources.hpp"

namespace lifeboat::init {
namespace {

/// Act 1: in the initramfs.
Status enter_rescue_root(Machine& machine) {
  Result<RootImage> image = Failure{"the boot did not come to the root image"};
  Status entered = Failure{"the boot did not come to the root"};
  follow_consoles(machine);
  machine.step("read what was asked", read_what_was_asked);
  machine.step("start gathering entropy", gather_entropy);
  machine.step("compare the memory", compare_memory);
  machine.step("wake the IDE channels", wake_ide_channels);
  machine.step("load the root's modules", load_root_modules);
  machine.step("find the root image", [&](Machine& m) { image = find_root_image(m); });
  if (!image) return image.failure();
  machine.step("enter the root", [&](Machine& m) { entered = enter_root(m, *image); });
  return entered;
}

/// Act 2: in the root, to the first login and on.
void start_rescue(Machine& machine) {
  machine.step("start the drivers", start_first_drivers);
  machine.step("follow devices", follow_devices);
  machine.step("protect the disks", protect_all_disks);
  machine.step("start the sources", start_sources);
  machine.step("start the network", start_network);
  machine.step("start the host key", start_host_key);
  machine.step("start the look at sshd", start_look_at_sshd);
  machine.step("await the sources", await_sources);
  machine.step("set password and keys", set_password_and_keys);
  machine.step("set the deadline", take_deadline);
  machine.step("await the host key", await_host_key);
  machine.step("start sshd", start_sshd);
  machine.step("await the network", await_network);
  machine.step("await sshd", await_sshd);
  machine.step("announce", announce_ready);
  machine.step("protect the disks", protect_all_disks);  // those that drivers found meanwhile, before udevd opens them
  machine.step("start udev", start_udev);
  machine.step("show the disks", look_at_disks);
  machine.step("look for sources on all disks", [](Machine& m) { m.sources->look_at_all_disks(); });
  machine.step("trigger udev", trigger_udev);  // it reads every disk as well, and a look goes before
  machine.step("start the consoles' logins", start_gettys);
  machine.publish_report();
}

/// Without an event loop there is nothing to build on: say so, and stay.
[[noreturn]] void stay_with_nothing(const std::string& why) {
  Consoles({"console"}).write_line("THE RESCUE SYSTEM CANNOT START: " + why);
  while (true) ::pause();
}

}  // namespace

void boot() {
  Status mounted = mount_pseudo_file_systems();
  survive_crashes();
  hurry_kernel(true);
  auto loop = Loop::create();
  if (!loop) stay_with_nothing(loop.error());
  Machine machine(std::move(*loop));
  machine.check(mounted);
  follow_end_signals(machine);
  if (Status entered = enter_rescue_root(machine); !entered) stay_in_emergency(machine, entered.error());
  start_rescue(machine);
  while (true) static_cast<void>(machine.loop->run_until([] { return false; }, std::chrono::hours(24)));
}

}  // namespace lifeboat::init
