#include "init/boot/gettys.hpp"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "init/boot/login.hpp"

namespace lifeboat::init {
namespace {

constexpr const char* active_consoles = "/sys/class/tty/console/active";
/// So many prompts that nobody could have seen: there is no device behind the console.
constexpr int most_useless_prompts = 5;
/// Until a getty has set the line, and dropped what was on its way there.
constexpr Milliseconds time_to_take_terminal{1'500};
/// The kernel notes the time of what was typed in steps of so many seconds.
constexpr long typing_grain = 8;

/// Nobody typed anything there for so long.
bool is_untouched(const std::string& terminal, std::chrono::seconds while_it_ran) {
  struct stat found {};
  return ::stat(("/dev/" + terminal).c_str(), &found) != 0 ||
         ::time(nullptr) - found.st_atim.tv_sec > while_it_ran.count() + typing_grain;
}

void start_getty(Machine& machine, const std::string& console) {
  const std::string terminal = terminal_of(console);
  if (terminal == "console") return;  // no terminal of its own to log in on
  machine.services.start({.name = "getty-" + terminal,
                          .command =
                              [&machine, terminal] {
                                machine.consoles.hold(time_to_take_terminal);
                                return make_getty_command(terminal);
                              },
                          .may_end = true,
                          .give_up_after = most_useless_prompts,
                          .was_useless = [terminal](std::chrono::seconds ran) { return is_untouched(terminal, ran); }});
}

void take_new_consoles(Machine& machine) {
  std::array<char, 4096> text{};
  static_cast<void>(::pread(machine.active_consoles.get(), text.data(), text.size(), 0));
  const std::size_t before = machine.consoles.names().size();
  machine.consoles.add(find_consoles());
  const std::vector<std::string> names = machine.consoles.names();
  if (names.size() == before) return;
  if (machine.report.ready) say_all_ready(machine);
  for (std::size_t i = before; machine.gettys_started && i < names.size(); ++i) start_getty(machine, names[i]);
}

}  // namespace

std::string terminal_of(const std::string& console) { return console == "tty0" ? "tty1" : console; }

Command make_getty_command(const std::string& terminal) {
  const bool screen = terminal.starts_with("tty") && terminal.size() > 3 && terminal[3] >= '0' && terminal[3] <= '9';
  const std::string type = screen ? "linux" : "vt220";
  if (::access("/sbin/agetty", X_OK) == 0)
    return {.argv = {"/sbin/agetty", "--noclear", "--keep-baud", terminal, "115200,57600,38400,9600", type}};
  return {.argv = {busybox_path, "getty", "-L", "115200", terminal, type}};
}

void start_gettys(Machine& machine) {
  machine.consoles.flush(Milliseconds(2'000));
  machine.gettys_started = true;
  for (const std::string& console : machine.consoles.names()) start_getty(machine, console);
}

void follow_consoles(Machine& machine) {
  auto active = open_file(active_consoles, O_RDONLY);
  if (!active) return machine.check(active.failure());
  machine.active_consoles = std::move(*active);
  take_new_consoles(machine);
  // The kernel says so of a file that changed (sysfs_notify) until it is read.
  machine.check(machine.loop->watch(machine.active_consoles, EPOLLPRI,
                                    [&machine](std::uint32_t) { take_new_consoles(machine); }));
}

}  // namespace lifeboat::init
