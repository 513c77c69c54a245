#include "init/boot/emergency.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init/boot/gettys.hpp"
#include "init/sys/folder.hpp"

namespace lifeboat::init {
namespace {

void supervise_for_ever(Machine& machine) {
  while (true) static_cast<void>(machine.loop->run_until([] { return false; }, std::chrono::hours(24)));
}

void tell_what_was_tried(Machine& machine, const std::string& why) {
  machine.say("THE RESCUE SYSTEM CANNOT START: " + why);
  for (const StepReport& step : machine.report.steps) machine.say("  tried: " + step.name);
  std::string disks;
  for (const FolderEntry& entry : list_folder("/sys/block")) disks += " " + entry.name;
  machine.say("  block devices:" + (disks.empty() ? " none" : disks));
  machine.say(
      "What to do: build the image again, or start it again (Ctrl-Alt-Del). Here is a shell; dmesg shows more.");
}

/// Only async-signal-safe calls. Children go on; whoever ends is reaped.
[[noreturn]] void stay_alive(int) {
  constexpr char text[] =
      "\nLifeboat: PID 1 met an internal error and does nothing more. Sessions go on; `reboot -f` reboots.\n";
  const int console = ::open("/dev/console", O_WRONLY | O_NOCTTY | O_NONBLOCK);
  const ssize_t written = ::write(console, text, sizeof text - 1);
  static_cast<void>(written);
  while (true)
    if (::waitpid(-1, nullptr, 0) < 0) ::sleep(1);
}

}  // namespace

void stay_in_emergency(Machine& machine, const std::string& why) {
  tell_what_was_tried(machine, why);
  const char* busybox = ::access("/bin/busybox", X_OK) == 0 ? "/bin/busybox" : busybox_path;
  for (const std::string& console : machine.consoles.names())
    machine.services.start({.name = "shell-" + console,
                            .command =
                                [busybox, console] {
                                  return Command{.argv = {busybox, "sh"}, .terminal = "/dev/" + terminal_of(console)};
                                },
                            .may_end = true});
  supervise_for_ever(machine);
  ::_exit(1);  // never reached
}

void survive_crashes() {
  struct sigaction action {};
  action.sa_handler = stay_alive;
  action.sa_flags = static_cast<int>(SA_NODEFER | SA_RESETHAND);
  for (int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) ::sigaction(number, &action, nullptr);
}

}  // namespace lifeboat::init
