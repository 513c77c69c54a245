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

std::string block_devices() {
  std::string names;
  for (const FolderEntry& entry : list_folder("/sys/block")) names += (names.empty() ? "" : ", ") + entry.name;
  return names.empty() ? "none" : names;
}

void tell_what_was_tried(Machine& machine, const std::string& why) {
  machine.say("THE RESCUE SYSTEM CANNOT START: " + why);
  std::vector<std::string> facts = machine.emergency.facts;
  if (facts.empty()) facts.push_back("block devices: " + block_devices());
  for (const std::string& line : facts) machine.say("  " + line);
  if (!machine.emergency.advice.empty()) machine.say("What to do:");
  for (const std::string& line : machine.emergency.advice) machine.say("  - " + line);
  machine.say(
      "Nothing was written to this machine's disks. Ctrl-Alt-Del starts it again; here is a shell, dmesg shows more.");
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
