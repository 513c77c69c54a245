#include "init/rescue/check_command.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>

#include "init/rescue/arguments.hpp"
#include "init/rescue/check.hpp"
#include "init/rescue/disks_now.hpp"
#include "init/rescue/say.hpp"

namespace lifeboat::init {
namespace {

constexpr std::array options{Option{"--json", ""}, Option{"--at", "FOLDER"}, Option{"--help", ""}};

std::string usage() {
  std::string text =
      "usage: rescue check [--json] [--at FOLDER]\n"
      "       Looks for what keeps the original system from starting, or people from logging\n"
      "       in. Read-only: `rescue mount` is enough. Exit status 1: something is broken.\n"
      "       --json        for programs\n"
      "       --at FOLDER   the original's root, mounted by hand; else what `rescue mount` did\n"
      "What is checked:\n";
  for (const Check& check : all_checks()) {
    std::string name(check.name);
    name.resize(12, ' ');
    text += "       " + name + "  " + std::string(check.what) + "\n";
  }
  return text;
}

}  // namespace

int run_check_command(std::span<const std::string_view> words) {
  const auto arguments = parse_arguments(words, options);
  if (!arguments) return fail("check: " + arguments.error(), 2);
  if (arguments->has("--help")) return say(usage());
  if (!arguments->words.empty()) return fail("check takes no words\nhint: rescue check --help", 2);
  const auto original = open_original(arguments->value_or("--at", ""));
  if (!original) return fail("check: " + original.error());
  const DiskReport disks = find_disks_now();
  const Findings findings = find_all({*original, disks, ::access("/sys/firmware/efi", F_OK) == 0});
  if (arguments->has("--json")) say(to_json(findings, *original));
  const auto count = [&](Level level) { return std::ranges::count(findings, level, &Finding::level); };
  const auto broken = count(Level::broken), warnings = count(Level::warning);
  if (!arguments->has("--json")) {
    say(to_text(findings));
    const char* status = broken > 0 ? "broken" : "ok";
    say(result_line({{"command", "check"},
                     {"status", status},
                     {"broken", std::to_string(broken)},
                     {"warnings", std::to_string(warnings)}}));
  }
  return broken > 0 ? 1 : 0;
}

}  // namespace lifeboat::init
