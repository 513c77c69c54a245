#include "init/boot/devices.hpp"

#include <fcntl.h>
#include <linux/input.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "init/boot/drivers.hpp"
#include "init/boot/protection.hpp"
#include "init/boot/session_end.hpp"
#include "init/sys/folder.hpp"
#include "init/sys/mount.hpp"
#include "init/sys/spawn.hpp"
#include "init/sys/write_protection.hpp"

namespace lifeboat::init {
namespace {

constexpr const char* udevd = "/lib/systemd/systemd-udevd";
/// A program that waits for READY logs in at once; a person's tools want /dev/disk some seconds later.
constexpr Milliseconds first_login_goes_first{2'000};

bool has_power_key(const Fd& device) {
  std::array<unsigned char, KEY_MAX / 8 + 1> keys{};
  if (::ioctl(device.get(), EVIOCGBIT(EV_KEY, keys.size()), keys.data()) < 0) return false;
  return (keys[KEY_POWER / 8] >> (KEY_POWER % 8) & 1) != 0;
}

void read_button(Machine& machine, const Fd& button) {
  input_event event{};
  while (true) {
    const ssize_t count = ::read(button.get(), &event, sizeof event);
    if (count < 0 && errno != EAGAIN && errno != EINTR) machine.loop->unwatch(button);  // the device went away
    if (count != static_cast<ssize_t>(sizeof event)) return;
    if (event.type == EV_KEY && event.code == KEY_POWER && event.value == 1)
      end_session(machine, SessionEnd::power_off, "the power button was pressed");
  }
}

/// `node`: below /dev, "input/event0".
void follow_power_button(Machine& machine, const std::string& node) {
  auto device = open_file("/dev/" + node, O_RDONLY | O_NONBLOCK);
  if (!device || !has_power_key(*device)) return;
  machine.power_buttons.push_back(std::make_unique<Fd>(std::move(*device)));
  const Fd* button = machine.power_buttons.back().get();
  machine.check(
      machine.loop->watch(*button, EPOLLIN, [&machine, button](std::uint32_t) { read_button(machine, *button); }));
}

/// "0,1234": data block 1234; "1,1234": of the hashes, counted from the start of the image too.
void take_damage(Machine& machine, const std::string& damage) {
  constexpr std::size_t most_blocks = 20;
  if (machine.damaged_blocks.size() > most_blocks || !machine.damaged_blocks.insert(damage).second) return;
  if (!machine.arguments.debug) set_kernel_console_level(3);  // it repeats the same for every program that reads on
  const MediumReport& medium = machine.report.medium;
  const std::string where = medium.in_memory ? "memory (it came from " + medium.title + ")" : medium.title;
  if (machine.damaged_blocks.size() > most_blocks)
    return machine.note_problem("the root image is damaged: further blocks are not listed");
  machine.note_problem("THE ROOT IMAGE IS DAMAGED: block " + damage.substr(damage.find(',') + 1) +
                       (damage.starts_with('1') ? " (of its checksums)" : "") + " in " + where +
                       "; what it holds cannot be read, and programs may fail. Write the medium again.");
}

/// What has not been read yet cannot be read any more.
void take_loss(Machine& machine, const std::string& disk) {
  const MediumReport& medium = machine.report.medium;
  if (medium.disk != disk || medium.in_memory) return;
  machine.note_problem("THE RESCUE MEDIUM IS GONE: " + medium.title +
                       " was unplugged or has failed. Programs that are not in memory yet cannot start; plug it in and "
                       "start again (the boot menu's \"copy to RAM\" needs no medium afterwards).");
}

void take_uevent(Machine& machine, const Uevent& event) {
  if (!event.damage.empty()) take_damage(machine, event.damage);
  if (event.action == "remove" && event.subsystem == "block" && event.type == "disk") {
    take_loss(machine, event.node);
    static_cast<void>(forget_disk(event.node));  // before the root there is nothing noted
  }
  if (event.action != "add" && event.action != "change") return;
  if (!event.alias.empty() && event.action == "add" && !machine.services.is_running("udevd"))
    want_driver(machine, event.alias);
  if (event.subsystem == "block" && event.path.find("/virtual/block/") == std::string::npos) protect_new_disks(machine);
  if (event.subsystem == "block" && event.type == "disk" && machine.sources) machine.sources->look_at(event.node);
  if (event.subsystem == "input" && event.action == "add" && event.node.starts_with("input/event"))
    follow_power_button(machine, event.node);
}

/// Its rules load a driver for every device; a link of that name to /dev/null takes them out (udev(7)).
void keep_udev_from_drivers(Machine& machine) {
  const std::string folder = "/run/udev/rules.d", rules = folder + "/80-drivers.rules";
  machine.check(make_folders(folder));
  if (::symlink("/dev/null", rules.c_str()) != 0) machine.check(failure_from_errno("making the link " + rules, errno));
}

/// udev looks at every device anew, which keeps a small machine busy for a second.
void look_at_all_devices(Machine& machine) {
  hurry_kernel(false);
  auto trigger = spawn({.argv = {"/bin/udevadm", "trigger", "--action=add", "--type=all"}, .background = true});
  if (!trigger) machine.note_problem(trigger.error());
}

}  // namespace

void follow_devices(Machine& machine) {
  if (machine.uevents) return;
  auto uevents = UeventSocket::open();
  if (!uevents) return machine.note_problem(uevents.error());
  machine.uevents = std::move(*uevents);
  machine.check(machine.loop->watch(machine.uevents->fd(), EPOLLIN,
                                    [&machine](std::uint32_t) { take_pending_devices(machine); }));
  for (const FolderEntry& entry : list_folder("/dev/input"))
    if (entry.name.starts_with("event")) follow_power_button(machine, "input/" + entry.name);
}

void take_pending_devices(Machine& machine) {
  if (machine.uevents) machine.uevents->receive([&machine](const Uevent& event) { take_uevent(machine, event); });
}

/// udevd is there from the start, since tools wait for what it makes of new devices (dmsetup, LVM).
void start_udev(Machine& machine) {
  if (::access(udevd, X_OK) != 0) {
    hurry_kernel(false);
    return machine.note_problem("the image has no udevd: /dev/disk stays empty");
  }
  if (machine.arguments.basic_drivers) keep_udev_from_drivers(machine);
  machine.services.start({.name = "udevd", .command = [] { return Command{.argv = {udevd}, .background = true}; }});
  machine.udev_started = Clock::now();
}

void trigger_udev(Machine& machine) {
  if (!machine.udev_started) return;
  const auto since = std::chrono::duration_cast<Milliseconds>(Clock::now() - *machine.udev_started);
  machine.loop->after(std::max(first_login_goes_first - since, Milliseconds(0)),
                      [&machine] { look_at_all_devices(machine); });
}

}  // namespace lifeboat::init
