#include "init/boot/session_end.hpp"

#include <signal.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "init/boot/unmounting.hpp"
#include "init/disk/stop_devices.hpp"
#include "init/sys/holders.hpp"
#include "init/sys/worker.hpp"

namespace lifeboat::init {
namespace {

// Altogether less than half a minute, whatever hangs.
constexpr Milliseconds time_to_end{5'000};
constexpr Milliseconds time_to_be_killed{2'000};
constexpr Milliseconds time_for_disks{20'000};

/// Every process of a program is a child of PID 1 or of one of its children. (kill(-1, 0) counts kernel threads.)
bool alone() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0 && errno == ECHILD;
}

void stop_everybody(Machine& machine) {
  machine.services.stop_all();
  ::kill(-1, SIGTERM);
  ::kill(-1, SIGHUP);  // shells pass over SIGTERM
  if (machine.loop->run_until(alone, time_to_end)) return;
  machine.say("Did not end when asked, and is killed: " + holder_words(find_processes()));
  ::kill(-1, SIGKILL);
  if (!machine.loop->run_until(alone, time_to_be_killed))
    machine.say("Does not even end when killed, as if it waits for a disk: " + holder_words(find_processes()));
}

/// In a worker: a dead disk may hold it up for ever.
std::string release_disks() {
  const auto until = Clock::now() + time_for_disks - Milliseconds(1000);
  stop_swapping(until);
  const std::string lines = unmount_session(until);  // first: what is mounted keeps its device
  return lines + stop_devices(until);
}

/// Says what would not let go.
void release_disks(Machine& machine) {
  bool over = false;
  start_work(*machine.loop, {.name = "unmounting",
                             .limit = time_for_disks,
                             .run = [] { return release_disks(); },
                             .ended =
                                 [&](const Result<std::string>& answer) {
                                   over = true;
                                   if (!answer) machine.say("Disks may not be synced: " + answer.error());
                                   for (const std::string& line : lines_of(answer.value_or(""))) machine.say(line);
                                 }});
  static_cast<void>(machine.loop->run_until([&] { return over; }, time_for_disks + Milliseconds(1000)));
}

}  // namespace

void end_session(Machine& machine, SessionEnd how, const std::string& why) {
  if (std::exchange(machine.ending, true)) return;  // the button was pressed again: what is under way has its bounds
  const char* what = how == SessionEnd::reboot      ? "Rebooting"
                     : how == SessionEnd::power_off ? "Powering off"
                                                    : "Halting";
  machine.tell_everybody(std::string(what) + ": " + why + ".");
  machine.consoles.flush(Milliseconds(500));
  stop_everybody(machine);
  release_disks(machine);
  machine.consoles.flush(Milliseconds(500));
  const unsigned command = how == SessionEnd::reboot      ? static_cast<unsigned>(RB_AUTOBOOT)
                           : how == SessionEnd::power_off ? static_cast<unsigned>(RB_POWER_OFF)
                                                          : static_cast<unsigned>(RB_HALT_SYSTEM);
  while (true) {
    ::reboot(static_cast<int>(command));
    ::sleep(1);  // the kernel does not come back from it, unless it cannot do it; PID 1 must not end
  }
}

void follow_end_signals(Machine& machine) {
  ::reboot(RB_DISABLE_CAD);  // Ctrl-Alt-Del sends SIGINT instead of resetting the machine
  struct Row {
    int signal;
    SessionEnd end;
    const char* why;
  };
  for (const Row& row :
       {Row{SIGTERM, SessionEnd::reboot, "asked to reboot"},
        Row{SIGINT, SessionEnd::reboot, "Ctrl-Alt-Del was pressed"},
        Row{SIGUSR2, SessionEnd::power_off, "asked to power off"},
        Row{SIGPWR, SessionEnd::power_off, "the power fails"}, Row{SIGUSR1, SessionEnd::halt, "asked to halt"}})
    machine.check(machine.loop->on_signal(row.signal, [&machine, row] { end_session(machine, row.end, row.why); }));
}

}  // namespace lifeboat::init
