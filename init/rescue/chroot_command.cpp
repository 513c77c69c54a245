#include "init/rescue/chroot_command.hpp"

#include <sys/wait.h>

#include <array>

#include "init/rescue/arguments.hpp"
#include "init/rescue/chroot.hpp"
#include "init/rescue/say.hpp"

namespace lifeboat::init {
namespace {

constexpr std::string_view usage =
    "usage: rescue chroot [--at FOLDER] [COMMAND [WORD...]]\n"
    "       Runs a command of the original system in it, or root's shell. It has /dev, /proc,\n"
    "       /sys, a /run of its own and this rescue system's name servers; all of that, and\n"
    "       what the command left running, ends with it. The exit status is the command's.\n"
    "       --at FOLDER   the original's root, mounted by hand; else what `rescue mount` did\n"
    "example: rescue chroot apt-get install --reinstall linux-image-amd64\n";

constexpr std::array options{Option{"--at", "FOLDER"}, Option{"--help", ""}};

/// As a shell has it.
int exit_status(const ProgramEnd& end) {
  return WIFSIGNALED(end.status) ? 128 + WTERMSIG(end.status) : WEXITSTATUS(end.status);
}

Result<std::vector<std::string>> choose_command(const Original& original, const std::vector<std::string>& words) {
  const auto program = words.empty() ? find_shell(original) : find_program(original, words.front());
  if (!program) return program.failure();
  if (Status right = check_architecture(original, *program); !right) return right.failure();
  std::vector<std::string> argv{*program};
  if (words.empty()) argv.emplace_back("-l");
  for (std::size_t i = 1; i < words.size(); ++i) argv.push_back(words[i]);
  return argv;
}

}  // namespace

int run_chroot_command(std::span<const std::string_view> words) {
  const auto arguments = parse_arguments(words, options, true);
  if (!arguments) return fail("chroot: " + arguments.error(), 2);
  if (arguments->has("--help")) return say(usage);
  const auto original = open_original(arguments->value_or("--at", ""));
  if (!original) return fail("chroot: " + original.error());
  const auto argv = choose_command(*original, arguments->words);
  if (!argv) return fail("chroot: " + argv.error(), 127);
  if (!original->write)
    fail(original->at + " is mounted read-only: the original takes no changes. `rescue mount --write` does.", 0);
  const auto end = run_in_original(
      *original, {.argv = *argv,
                  .environment = {"debian_chroot=rescue", "PS1=(rescue: " + original->at + ") \\u:\\w\\$ "},
                  .limit = Milliseconds(0),
                  .foreground = true});
  return end ? exit_status(*end) : fail("chroot: " + end.error());
}

}  // namespace lifeboat::init
