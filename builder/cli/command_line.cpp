// The only file that includes CLI11, which costs seconds to compile.
#include "builder/cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "builder/base/text.hpp"

namespace lifeboat {
namespace {

/// One value each time it is given, so that `--mirror A=B RECIPE` leaves RECIPE alone.
void one_at_a_time(CLI::Option* option) { option->allow_extra_args(false); }

CLI::App* add_build(CLI::App& program, BuildOptions& options) {
  CLI::App* build = program.add_subcommand("build", "Build the image that a recipe describes");
  build->add_option("RECIPE", options.recipe, "The recipe, a TOML file")->required()->type_name("");
  build->add_option("--output", options.output, "Where the image goes (default: out/NAME-ARCHITECTURE)")
      ->type_name("DIR");
  build->add_option("--cache", options.cache, "Where downloads are kept (default: the user's cache folder)")
      ->type_name("DIR");
  one_at_a_time(
      build->add_option("--mirror", options.mirrors, "Mirror to try first; may be repeated")->type_name("NAME=URL"));
  build->add_option("--mirrors", options.mirrors_file, "File of lines NAME = URL")->type_name("FILE");
  build->add_flag("--offline", options.offline, "Ask nothing of the network: use the cache alone");
  build->add_option("--init", options.init_binary, "lifeboat-init to put in (default: the one beside this program)")
      ->type_name("FILE");
  build
      ->add_option("--overlays", options.overlays, "Folder of overlays (default: overlays/ beside the recipe's folder)")
      ->type_name("DIR");
  build->add_flag("--fast", options.fast, "Quick compression, larger image");
  build->add_flag("--quiet", options.quiet, "Print errors only");
  build->footer("Example:\n  lifeboat build recipes/debian-12.toml --output out/rescue --mirrors mirrors.txt");
  return build;
}

CLI::App* add_check(CLI::App& program, CheckOptions& options) {
  CLI::App* check = program.add_subcommand("check", "Check recipes and print every error in them");
  check->add_option("FILE", options.recipes, "Recipes to check")->required()->type_name("");
  check->footer("Example:\n  lifeboat check recipes/*.toml");
  return check;
}

CLI::App* add_boot(CLI::App& program, BootOptions& options) {
  CLI::App* boot = program.add_subcommand("boot", "Start an image in QEMU as a cloud would, with a temporary password");
  boot->add_option("DIR", options.output, "The folder that `lifeboat build` wrote")->required()->type_name("");
  one_at_a_time(boot->add_option("--original", options.originals, "Disk image of the server to rescue; may be repeated")
                    ->type_name("FILE"));
  boot->add_flag("--write", options.write,
                 "Let the guest write to the original disks (default: it writes to a snapshot)");
  boot->add_option("--run", options.run, "Run this over SSH, power off and exit with its status")->type_name("COMMAND");
  boot->add_option("--memory", options.memory_mib, "Memory of the guest (default: 1024)")
      ->type_name("MIB")
      ->check(CLI::Range(128, 1 << 20).description(""));
  boot->add_option("--timeout", options.timeout_seconds, "How long to wait for the guest to be ready (default: 180)")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 86400).description(""));
  boot->add_flag("--no-password", options.no_password, "Attach no config drive");
  boot->footer("Example:\n  lifeboat boot out/debian-12-amd64 --original server.qcow2 --run \"lsblk -f\"");
  return boot;
}

struct Parser {
  CLI::App program{"Builds and tries bootable rescue images.", "lifeboat"};
  BuildOptions build_options;
  CheckOptions check_options;
  BootOptions boot_options;
  CLI::App* build = nullptr;
  CLI::App* check = nullptr;
  CLI::App* boot = nullptr;

  Parser() {
    for (const auto& [theirs, ours] : {std::pair{"SUBCOMMAND", "COMMAND"},
                                       {"Subcommands", "Commands"},
                                       {"Positionals", "Arguments"},
                                       {"REQUIRED", ""}})
      program.get_formatter()->label(theirs, ours);
    program.set_help_flag("-h,--help", "Print this help");
    program.set_version_flag("--version", "lifeboat " LIFEBOAT_VERSION, "Print the version");
    program.require_subcommand(1);
    build = add_build(program, build_options);
    check = add_check(program, check_options);
    boot = add_boot(program, boot_options);
    program.footer(
        "`lifeboat COMMAND --help` describes a command.\n\nExample:\n  lifeboat build recipes/debian-12.toml");
  }

  const CLI::App& chosen() const {
    const auto commands = program.get_subcommands();
    return commands.empty() ? program : *commands.front();
  }

  CommandLine result() {
    if (build->parsed()) return std::move(build_options);
    if (check->parsed()) return std::move(check_options);
    return std::move(boot_options);
  }
};

std::string usage_hint(const CLI::App& command) {
  return (command.get_parent() != nullptr ? "lifeboat " + command.get_name() : std::string("lifeboat")) + " --help";
}

std::vector<std::string> options_of(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  return names;
}

std::vector<std::string> commands_of(const CLI::App& program) {
  std::vector<std::string> names;
  for (const CLI::App* command : program.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

[[noreturn]] void refuse(const std::string& kind, const std::string& word, const std::vector<std::string>& known,
                         const CLI::App& command) {
  const std::string near = did_you_mean(word, known);
  throw UsageError("unknown " + kind + " `" + word + "`",
                   near.empty() ? usage_hint(command) : "did you mean `" + near + "`?");
}

/// CLI11 says that something was not expected; a person wants to know what to write instead.
void refuse_leftovers(const Parser& parser) {
  const CLI::App& command = parser.chosen();
  const std::vector<std::string> left = parser.program.remaining(true);
  if (left.empty()) return;
  const std::string word = left.front().substr(0, left.front().find('='));
  if (word.starts_with('-')) refuse("option", word, options_of(command), command);
  if (command.get_parent() == nullptr) refuse("command", word, commands_of(parser.program), command);
  throw UsageError("`" + left.front() + "` is one argument too many", usage_hint(command));
}

/// An option with too few or too many values; CLI11 counts them, and says so in its own words.
[[noreturn]] void refuse_count(const CLI::App& command, const std::string& said) {
  const std::string name = said.substr(0, said.find(':'));
  const CLI::Option* option = command.get_option_no_throw(name);
  if (option == nullptr) throw UsageError(said, usage_hint(command));
  throw UsageError(
      option->count() > 1 ? name + " may be given once" : name + " needs a value: " + option->get_type_name(),
      usage_hint(command));
}

}  // namespace

CommandLine parse_command_line(const std::vector<std::string>& arguments) {
  Parser parser;
  try {
    parser.program.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    return parser.result();
  } catch (const CLI::CallForHelp&) {
    return PrintText{parser.program.help()};
  } catch (const CLI::CallForVersion&) {
    return PrintText{parser.program.version() + "\n"};
  } catch (const CLI::ArgumentMismatch& error) {
    refuse_count(parser.chosen(), error.what());
  } catch (const CLI::ParseError& error) {
    refuse_leftovers(parser);
    if (&parser.chosen() == &parser.program)
      throw UsageError("a command is missing: " + join(commands_of(parser.program), ", "), usage_hint(parser.program));
    throw UsageError(error.what(), usage_hint(parser.chosen()));
  }
}

}  // namespace lifeboat
