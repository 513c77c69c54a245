#include "init/boot/session_end.hpp"

#include <signal.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "init/contract/text.hpp"
#include "init/sys/worker.hpp"

namespace lifeboat::init {
namespace {

constexpr Milliseconds time_to_end{5'000};
constexpr Milliseconds time_to_be_killed{2'000};
constexpr Milliseconds time_to_sync{20'000};

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
  ::kill(-1, SIGKILL);
  if (!machine.loop->run_until(alone, time_to_be_killed)) machine.say("Some processes hang; going on without them.");
}

/// Mount points in the order of /proc/mounts, octal escapes undone.
std::vector<std::string> mount_points() {
  std::vector<std::string> points;
  for (std::string_view line : contract::split_words(read_file("/proc/mounts").value_or(""), "\n")) {
    const auto fields = contract::split_words(line, " ");
    if (fields.size() < 3) continue;
    std::string point;
    for (std::size_t i = 0; i < fields[1].size(); ++i) {
      if (fields[1][i] == '\\' && i + 3 < fields[1].size()) {
        point +=
            static_cast<char>((fields[1][i + 1] - '0') * 64 + (fields[1][i + 2] - '0') * 8 + (fields[1][i + 3] - '0'));
        i += 3;
      } else {
        point += fields[1][i];
      }
    }
    points.push_back(point);
  }
  return points;
}

/// In a worker: a dead disk may hold it up for ever.
std::string sync_and_unmount() {
  ::sync();
  const auto points = mount_points();
  for (auto point = points.rbegin(); point != points.rend(); ++point)
    if (*point != "/" && ::umount2(point->c_str(), UMOUNT_NOFOLLOW) != 0)
      ::mount(nullptr, point->c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr);
  ::sync();
  return "";
}

}  // namespace

void end_session(Machine& machine, SessionEnd how, const std::string& why) {
  const char* what = how == SessionEnd::reboot      ? "Rebooting"
                     : how == SessionEnd::power_off ? "Powering off"
                                                    : "Halting";
  machine.say(std::string(what) + ": " + why + ".");
  stop_everybody(machine);
  bool synced = false;
  start_work(*machine.loop, {.name = "unmounting",
                             .limit = time_to_sync,
                             .run = sync_and_unmount,
                             .ended = [&](const Result<std::string>& text) {
                               synced = true;
                               if (!text) machine.say("Disks may not be synced: " + text.error());
                             }});
  static_cast<void>(machine.loop->run_until([&] { return synced; }, time_to_sync + Milliseconds(1000)));
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
