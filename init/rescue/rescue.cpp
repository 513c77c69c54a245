#include "init/rescue/rescue.hpp"

#include <signal.h>
#include <sys/reboot.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "init/rescue/network_command.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {
namespace {

constexpr std::string_view usage =
    "usage: rescue          what this machine is and how to reach it, with its disks\n"
    "       rescue json     the same for programs\n"
    "       rescue network  what each network card has, and why; `rescue network help`: by hand\n"
    "       reboot          end the rescue session and reboot\n"
    "       poweroff        end the rescue session and switch the machine off\n";

int print(std::FILE* stream, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  return std::fflush(stream) == 0 ? 0 : 1;
}

int print_file(const char* path) {
  auto text = read_file(path, std::size_t{16} << 20);
  if (text) return print(stdout, *text);
  print(stderr, "rescue: " + text.error() + "\n");
  return 1;
}

struct End {
  std::string_view name;
  int signal;
  unsigned command;
};

constexpr std::array<End, 3> ends{{{"poweroff", SIGUSR2, static_cast<unsigned>(RB_POWER_OFF)},
                                   {"reboot", SIGTERM, static_cast<unsigned>(RB_AUTOBOOT)},
                                   {"halt", SIGUSR1, static_cast<unsigned>(RB_HALT_SYSTEM)}}};

}  // namespace

int run_rescue(std::span<const std::string_view> arguments) {
  if (arguments.empty()) return print_file("/run/lifeboat/report.txt");
  if (arguments.size() == 1 && arguments[0] == "json") return print_file("/run/lifeboat/report.json");
  if (!arguments.empty() && arguments[0] == "network") return run_network_command(arguments.subspan(1));
  if (arguments.size() == 1 && (arguments[0] == "--help" || arguments[0] == "help")) return print(stdout, usage);
  print(stderr, "rescue: unknown command: " + std::string(arguments[0]) + "\n" + std::string(usage));
  return 2;
}

int run_end_command(std::string_view name, std::span<const std::string_view> arguments) {
  const auto end = std::ranges::find(ends, name, &End::name);
  const bool force = arguments.size() == 1 && (arguments[0] == "-f" || arguments[0] == "--force");
  if (end == ends.end() || (!arguments.empty() && !force)) {
    print(stderr, "usage: " + std::string(name) + " [-f]\n       -f: at once, without an orderly end (after a sync)\n");
    return 2;
  }
  if (force) ::sync();
  const int result = force ? ::reboot(static_cast<int>(end->command)) : ::kill(1, end->signal);
  if (result == 0) return 0;
  print(stderr, std::string(name) + ": " + std::strerror(errno) + "\n");
  return 1;
}

}  // namespace lifeboat::init
