#include "init/rescue/umount_command.hpp"

#include <array>

#include "init/rescue/arguments.hpp"
#include "init/rescue/original.hpp"
#include "init/rescue/say.hpp"
#include "init/rescue/undo.hpp"

namespace lifeboat::init {
namespace {

constexpr std::string_view usage =
    "usage: rescue umount\n"
    "       Undoes what `rescue mount` did: unmounts, closes LVM, RAID and LUKS, and sets\n"
    "       the write protection again. What is in use stays, and you are told by whom.\n";

constexpr std::array options{Option{"--help", ""}};

int end(const char* status, int code) {
  static_cast<void>(say(result_line({{"command", "umount"}, {"status", status}})));
  return code;
}

}  // namespace

int run_umount_command(std::span<const std::string_view> words) {
  const auto arguments = parse_arguments(words, options);
  if (!arguments) return fail("umount: " + arguments.error(), 2);
  if (arguments->has("--help")) return say(usage);
  if (!arguments->words.empty()) return fail("umount takes no words: it undoes what `rescue mount` did", 2);
  const auto lock = lock_session();
  if (!lock) return fail("umount: " + lock.error()), end("failed", 1);
  auto session = read_session();
  if (!session) return fail("umount: " + session.error()), end("failed", 1);
  if (!*session) return say("Nothing is mounted by `rescue mount`.\n"), end("ok", 0);
  const auto lines = undo_steps(**session);
  for (const std::string& line : lines) fail("umount: " + line);
  if (lines.empty()) return say("Unmounted " + (*session)->at + " and closed what was opened for it.\n"), end("ok", 0);
  fail("what is left stays noted\nhint: leave the folder (cd /), end those programs, then `rescue umount` again");
  return end("busy", 1);
}

}  // namespace lifeboat::init
