#include "init/boot/gettys.hpp"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

namespace lifeboat::init {
namespace {

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
  machine.consoles.add(find_consoles());
  machine.consoles.flush(Milliseconds(2'000));
  for (const std::string& console : machine.consoles.names()) {
    const std::string terminal = terminal_of(console);
    if (terminal == "console") continue;  // no terminal of its own to log in on
    machine.services.start(
        {.name = "getty-" + terminal,
         .command =
             [&machine, terminal] {
               machine.consoles.hold(time_to_take_terminal);
               return make_getty_command(terminal);
             },
         .may_end = true,
         .give_up_after = most_useless_prompts,
         .was_useless = [terminal](std::chrono::seconds ran) { return is_untouched(terminal, ran); }});
  }
}

}  // namespace lifeboat::init
