#include "init/rescue/disks_command.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "init/rescue/arguments.hpp"
#include "init/rescue/disks_now.hpp"
#include "init/rescue/say.hpp"

namespace lifeboat::init {
namespace {

constexpr std::string_view usage =
    "usage: rescue disks [--json]\n"
    "       Looks at all disks as they are now, and writes to none of them.\n"
    "       --json   for programs; `rescue json` is the report of the boot\n";

constexpr std::array options{Option{"--json", ""}, Option{"--help", ""}};

int width_of_terminal() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return std::clamp<int>(size.ws_col, 60, 120);
}

}  // namespace

int run_disks_command(std::span<const std::string_view> words) {
  const auto arguments = parse_arguments(words, options);
  if (!arguments) return fail("disks: " + arguments.error(), 2);
  if (arguments->has("--help")) return say(usage);
  if (!arguments->words.empty()) return fail("disks takes no words\nhint: `rescue disks --help`", 2);
  const DiskReport report = find_disks_now();
  return say(arguments->has("--json") ? to_json(report) + "\n" : to_text(report, width_of_terminal()));
}

}  // namespace lifeboat::init
