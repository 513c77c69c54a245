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

#include "init/disk/printable.hpp"
#include "init/rescue/check_command.hpp"
#include "init/rescue/chroot_command.hpp"
#include "init/rescue/copy_command.hpp"
#include "init/rescue/disks_command.hpp"
#include "init/rescue/exit_command.hpp"
#include "init/rescue/fix_command.hpp"
#include "init/rescue/fsck_command.hpp"
#include "init/rescue/mount_command.hpp"
#include "init/rescue/network_command.hpp"
#include "init/rescue/say.hpp"
#include "init/rescue/status.hpp"
#include "init/rescue/tools.hpp"
#include "init/rescue/umount_command.hpp"
#include "init/rescue/write_command.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/program.hpp"

namespace lifeboat::init {
namespace {

using Words = std::span<const std::string_view>;

int print_file(const char* path) {
  const auto text = read_file(path, std::size_t{16} << 20);
  return text ? say(*text) : fail(text.error());
}

int print_json(Words words) {
  if (words.size() == 1 && words[0] == "--help")
    return say(
        "usage: rescue json\n"
        "       The report of the boot for programs; `rescue disks --json` looks anew.\n");
  if (!words.empty()) return fail("json takes no words", 2);
  return print_file("/run/lifeboat/report.json");
}

int print_help(Words);

/// A command: one file and one row here.
struct Row {
  std::string_view name;
  std::string_view summary;
  int (*run)(Words);
};

constexpr std::array rows{
    Row{"disks", "all disks, looked at anew, without a change to any", run_disks_command},
    Row{"mount", "the original's root at /mnt, read-only; `--write` to change it", run_mount_command},
    Row{"check", "what keeps the original system from starting, or people from logging in", run_check_command},
    Row{"fix", "repairs of the original system: fstab, password, initramfs, boot-loader, autorelabel", run_fix_command},
    Row{"chroot", "a shell, or one command, inside the original system", run_chroot_command},
    Row{"fsck", "checks file systems, and repairs them where you say so", run_fsck_command},
    Row{"copy", "saves files, or a whole disk, to another disk or machine", run_copy_command},
    Row{"write", "lifts the write protection of one disk or partition", run_write_command},
    Row{"umount", "undoes what `rescue mount` did", run_umount_command},
    Row{"exit", "lets go of all disks, and says whether they are as they were found", run_exit_command},
    Row{"network", "what each network card has, and why; `rescue network help`: by hand", run_network_command},
    Row{"json", "the report for programs", print_json},
    Row{"help", "this; `rescue help COMMAND`: one of them; `rescue help --man`: all of it", print_help},
};

int print_list() {
  std::string text = "usage: rescue            what this machine is, how to reach it, and its disks\n";
  for (const Row& row : rows) {
    std::string name(row.name);
    name.resize(std::max<std::size_t>(name.size(), 10), ' ');
    text += "       rescue " + name + " " + std::string(row.summary) + "\n";
  }
  return say(text +
             "       reboot            end the rescue session and reboot\n"
             "       poweroff          end the rescue session and switch the machine off\n");
}

/// The man page as text: images have no reader for the other. Through less where somebody reads it.
int print_man_page() {
  constexpr const char* page = "/usr/share/doc/lifeboat/rescue.txt";
  const auto less = find_tool("less");
  if (::isatty(STDOUT_FILENO) == 0 || !less) return print_file(page);
  const auto end = run_program({.argv = {*less, page}, .limit = Milliseconds(0), .foreground = true});
  return end ? 0 : fail(end.error());
}

int print_help(Words words) {
  if (words.empty()) return print_list();
  if (words[0] == "--man") return print_man_page();
  if (words[0] == "--help" || words[0] == "help")
    return say(
        "usage: rescue help [COMMAND]\n"
        "       The commands, or how one of them is used.\n"
        "       --man   all of it on one page, with examples (leave it with q)\n");
  const auto row = std::ranges::find(rows, words[0], &Row::name);
  constexpr std::array<std::string_view, 1> help{"--help"};
  if (row != rows.end()) return row->run(help);
  return fail("there is no command " + printable(words[0]) + "\nhint: `rescue help` lists them", 2);
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

int run_rescue(Words words) {
  if (words.empty()) return run_status_page();
  const std::string_view name = words[0] == "--help" || words[0] == "-h" ? "help" : words[0];
  const auto row = std::ranges::find(rows, name, &Row::name);
  if (row != rows.end()) return row->run(words.subspan(1));
  return fail("there is no command " + printable(name) + "\nhint: `rescue help` lists them", 2);
}

int run_end_command(std::string_view name, Words arguments) {
  const auto end = std::ranges::find(ends, name, &End::name);
  const bool force = arguments.size() == 1 && (arguments[0] == "-f" || arguments[0] == "--force");
  if (end == ends.end() || (!arguments.empty() && !force)) {
    std::fprintf(stderr, "usage: %s [-f]\n       -f: at once, without an orderly end (after a sync)\n",
                 std::string(name).c_str());
    return 2;
  }
  if (force) ::sync();
  const int result = force ? ::reboot(static_cast<int>(end->command)) : ::kill(1, end->signal);
  if (result == 0) return 0;
  std::fprintf(stderr, "%s: %s\n", std::string(name).c_str(), std::strerror(errno));
  return 1;
}

}  // namespace lifeboat::init
