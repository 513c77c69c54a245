#include "init/rescue/fix_command.hpp"

#include <algorithm>
#include <array>

#include "init/contract/text.hpp"
#include "init/rescue/arguments.hpp"
#include "init/rescue/fix.hpp"
#include "init/rescue/say.hpp"

namespace lifeboat::init {
namespace {

constexpr std::array options{Option{"--dry-run", ""}, Option{"--stdin", ""}, Option{"--disk", "DEVICE[,DEVICE...]"},
                             Option{"--at", "FOLDER"}, Option{"--help", ""}};

constexpr std::array fixes{
    Fix{"fstab", "entries without a device get the right UUID, or nofail", fix_fstab},
    Fix{"password", "a new password for root, or the user named behind it", fix_password},
    Fix{"initramfs", "made anew for every kernel, by the original's own tool", fix_initramfs},
    Fix{"boot-loader", "GRUB and its menu, by the original's own tools", fix_boot_loader},
    Fix{"autorelabel", "SELinux gives every file its label at the next start", fix_autorelabel},
};

std::string usage() {
  std::string text =
      "usage: rescue fix NAME [--dry-run] [--at FOLDER]\n"
      "       rescue fix password [USER] [--stdin]\n"
      "       rescue fix boot-loader [--disk DEVICE[,DEVICE...]]\n"
      "       Repairs the original system; `rescue mount --write` comes first. A file that is\n"
      "       changed is kept beside the new one, as NAME.rescue-YYYYMMDD-HHMMSS.\n"
      "       --dry-run      show what would be done, change nothing; read-only is enough\n"
      "       --stdin        the password is one line of standard input, nobody is asked\n"
      "       --disk DEVICE  where the machine's BIOS looks for GRUB, if it is not clear\n"
      "       --at FOLDER    the original's root, mounted by hand; else what `rescue mount` did\n"
      "NAME is one of:\n";
  for (const Fix& fix : fixes) {
    std::string name(fix.name);
    name.resize(12, ' ');
    text += "       " + name + "  " + std::string(fix.what) + "\n";
  }
  return text;
}

/// Words and options that the fix does not take.
Status check_words(const Arguments& arguments) {
  const std::string& name = arguments.words.front();
  const std::size_t most = name == "password" ? 2 : 1;
  if (arguments.words.size() > most) return Failure{"fix " + name + " does not take the word " + arguments.words[most]};
  if (arguments.has("--stdin") && name != "password") return Failure{"--stdin is for fix password"};
  if (arguments.has("--disk") && name != "boot-loader") return Failure{"--disk is for fix boot-loader"};
  return Done{};
}

FixRequest make_request(const Original& original, const Arguments& arguments) {
  FixRequest request{original, arguments.has("--dry-run"), std::time(nullptr), {}, {}, arguments.has("--stdin")};
  request.words.assign(arguments.words.begin() + 1, arguments.words.end());
  for (const std::string_view disk : contract::split_words(arguments.value_or("--disk", ""), ","))
    request.disks.emplace_back(disk);
  return request;
}

int finish(const std::string& name, const std::string& status, const std::string& backup, int result) {
  std::vector<std::pair<std::string_view, std::string>> pairs{{"command", "fix"}, {"name", name}, {"status", status}};
  if (!backup.empty()) pairs.emplace_back("backup", backup);
  say(result_line(pairs));
  return result;
}

}  // namespace

std::vector<Fix> all_fixes() { return {fixes.begin(), fixes.end()}; }

int run_fix_command(std::span<const std::string_view> words) {
  const auto arguments = parse_arguments(words, options);
  if (!arguments) return fail("fix: " + arguments.error(), 2);
  if (arguments->has("--help")) return say(usage());
  const std::string name = arguments->words.empty() ? "" : arguments->words.front();
  const auto fix = std::ranges::find(fixes, name, &Fix::name);
  if (fix == fixes.end()) return fail("there is no fix \"" + name + "\"\nhint: rescue fix --help lists them", 2);
  if (Status right = check_words(*arguments); !right) return fail(right.error() + "\nhint: rescue fix --help", 2);
  const std::string at = arguments->value_or("--at", "");
  const auto original = arguments->has("--dry-run") ? open_original(at) : open_original_for_writing(at);
  const auto end = original ? fix->run(make_request(*original, *arguments)) : Result<FixEnd>(original.failure());
  if (!end) return finish(name, "failed", "", fail("fix " + name + ": " + end.error()));
  say(end->text);
  return finish(name, !end->changed ? "nothing-to-do" : arguments->has("--dry-run") ? "dry-run" : "ok", end->backup, 0);
}

}  // namespace lifeboat::init
