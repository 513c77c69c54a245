// The only file that includes CLI11, which costs seconds to compile.
#include "builder/cli/command_line.hpp"

#include <CLI/CLI.hpp>
#include <functional>
#include <map>

#include "builder/base/text.hpp"
#include "builder/boot/boot_medium.hpp"
#include "builder/boot/disks.hpp"
#include "builder/boot/firmware.hpp"
#include "builder/boot/network.hpp"

namespace lifeboat {
namespace {

/// One value each time it is given, so that `--mirror A=B RECIPE` leaves RECIPE alone.
void one_at_a_time(CLI::Option* option) { option->allow_extra_args(false); }

void add_fetch_options(CLI::App* command, FetchOptions& options) {
  command->add_option("--cache", options.cache, "Where downloads are kept (default: the user's cache folder)")
      ->type_name("DIR");
  one_at_a_time(
      command->add_option("--mirror", options.mirrors, "Mirror to try first; may be repeated")->type_name("NAME=URL"));
  command->add_option("--mirrors", options.mirrors_file, "File of lines NAME = URL")->type_name("FILE");
  command->add_flag("--offline", options.offline, "Ask nothing of the network: use the cache alone");
}

void add_quiet(CLI::App* command, FetchOptions& options) {
  command->add_flag("--quiet", options.quiet, "Print errors only");
}

void add_media(CLI::App* command, std::vector<std::string>& media) {
  one_at_a_time(command->add_option("--media", media, "Media to write, instead of the recipe's; separated by commas")
                    ->type_name("MEDIUM")
                    ->delimiter(','));
}

/// CLI11's own needs() would do, but it says so in the middle of --help.
void add_secure_boot_options(CLI::App* command, SecureBootKey& pair) {
  static constexpr const char* key = "--secure-boot-key";
  static constexpr const char* certificate = "--secure-boot-certificate";
  command->add_option(key, pair.key, "Sign the medium uki with this RSA private key (PEM)")->type_name("FILE");
  command->add_option(certificate, pair.certificate, "The key's X.509 certificate (PEM), which firmware trusts")
      ->type_name("FILE");
  command->callback([&pair] {
    if (pair.key.empty() && !pair.certificate.empty()) throw CLI::RequiresError(certificate, key);
    if (!pair.key.empty() && pair.certificate.empty()) throw CLI::RequiresError(key, certificate);
  });
}

/// What decides an output: the same for a build and for the plan of one.
void add_image_options(CLI::App* command, BuildOptions& options) {
  command->add_option("RECIPE", options.recipe, "The recipe, a TOML file")->required()->type_name("");
  command->add_option("--output", options.output, "Where the image goes (default: out/NAME-ARCHITECTURE)")
      ->type_name("DIR");
  add_media(command, options.media);
  command->add_option("--lock", options.lock, "Take exactly the packages of this lock")->type_name("FILE");
  add_fetch_options(command, options);
  command->add_option("--init", options.init_binary, "lifeboat-init to put in (default: the one beside this program)")
      ->type_name("FILE");
  command
      ->add_option("--overlays", options.overlays, "Folder of overlays (default: overlays/ beside the recipe's folder)")
      ->type_name("DIR");
  command->add_flag("--fast", options.fast, "Quick compression, larger image");
  command->add_flag_callback(
      "--no-reuse", [&options] { options.reuse = false; }, "Do every step again, whatever earlier builds have made");
  command->add_option("--sign-key", options.sign_key, "Sign the manifest with this Ed25519 private key (PEM)")
      ->type_name("FILE");
  add_secure_boot_options(command, options.secure_boot);
}

CLI::App* add_build(CLI::App& program, BuildOptions& options) {
  CLI::App* build = program.add_subcommand("build", "Build the image that a recipe describes");
  add_image_options(build, options);
  build->add_flag("--check-reproducible", options.check_reproducible,
                  "Build a second time in other circumstances and compare every byte");
  add_quiet(build, options);
  build->add_flag("--json", options.json, "Print events on standard output, one JSON object a line");
  build->footer("Example:\n  lifeboat build recipes/debian-12.toml --output out/rescue --mirrors mirrors.txt");
  return build;
}

CLI::App* add_plan(CLI::App& program, PlanOptions& options) {
  CLI::App* plan = program.add_subcommand("plan", "Say what build would fetch, unpack and write, and do none of it");
  add_image_options(plan, options.build);
  plan->footer("Example:\n  lifeboat plan recipes/debian-12.toml");
  return plan;
}

CLI::App* add_lock(CLI::App& program, LockOptions& options) {
  CLI::App* lock = program.add_subcommand("lock", "Write down the exact packages that a recipe gives now");
  lock->add_option("RECIPE", options.recipe, "The recipe, a TOML file")->required()->type_name("");
  lock->add_option("--output", options.output, "The lock (default: beside the recipe, NAME.lock)")->type_name("FILE");
  add_media(lock, options.media);
  lock->add_option_function<std::vector<std::string>>(
          "--update",
          [&options](const std::vector<std::string>& packages) {
            options.update = true;
            for (const std::string& package : packages)
              if (!package.empty()) options.packages.push_back(package);
          },
          "Renew a lock that is there: all of it, or these packages and what they need")
      ->type_name("PACKAGE")
      ->expected(0, CLI::detail::expected_max_vector_size);
  add_fetch_options(lock, options);
  add_quiet(lock, options);
  lock->footer("Example:\n  lifeboat lock recipes/debian-12.toml --output debian-12.lock --update openssl");
  return lock;
}

CLI::App* add_outdated(CLI::App& program, OutdatedOptions& options) {
  CLI::App* outdated =
      program.add_subcommand("outdated", "List what the repositories have newer than a lock; status 10 when anything");
  outdated->add_option("LOCK", options.lock, "A lock, or the lock.toml of an output")->required()->type_name("");
  add_fetch_options(outdated, options);
  add_quiet(outdated, options);
  outdated->footer("Example:\n  lifeboat outdated debian-12.lock");
  return outdated;
}

CLI::App* add_diff(CLI::App& program, DiffOptions& options) {
  CLI::App* diff = program.add_subcommand("diff", "Compare two outputs or two locks: packages, files, what grew");
  diff->add_option("A", options.before, "The folder that `lifeboat build` wrote, or a lock")->required()->type_name("");
  diff->add_option("B", options.after, "The one to compare with it")->required()->type_name("");
  diff->footer("Example:\n  lifeboat diff out/monday out/tuesday");
  return diff;
}

CLI::App* add_verify(CLI::App& program, VerifyOptions& options) {
  CLI::App* verify = program.add_subcommand("verify", "Check every byte of an output against its manifest");
  verify->add_option("DIR", options.folder, "The folder that `lifeboat build` wrote")->required()->type_name("");
  verify->add_option("--key", options.key, "Ed25519 public key (PEM) that must have signed it")->type_name("FILE");
  verify->footer("Example:\n  lifeboat verify out/debian-12-amd64 --key release.pub.pem");
  return verify;
}

CLI::App* add_patch(CLI::App& program, PatchOptions& options) {
  CLI::App* patch = program.add_subcommand("patch", "Write extra kernel arguments into a built image, in place");
  patch->add_option("IMAGE", options.image, "A rescue.iso, rescue.raw or rescue.qcow2")->required()->type_name("");
  patch
      ->add_option("--kernel-args", options.kernel_arguments,
                   "The arguments; \"\" for none (default: say which there are)")
      ->type_name("ARGUMENTS");
  patch->footer("Example:\n  lifeboat patch rescue.iso --kernel-args \"console=ttyS1,115200 lifeboat.copy_to_ram\"");
  return patch;
}

CLI::App* add_check(CLI::App& program, CheckOptions& options) {
  CLI::App* check = program.add_subcommand("check", "Check recipes and print every error in them");
  check->add_option("FILE", options.recipes, "Recipes to check")->required()->type_name("");
  check->footer("Example:\n  lifeboat check recipes/*.toml");
  return check;
}

/// An option that takes one of these words. "kvm|tcg" shows them in the help.
void add_choice(CLI::App* command, const std::string& name, std::string& value, const std::vector<std::string>& words,
                const std::string& help) {
  command->add_option(name, value, help)->type_name(join(words, "|"))->check(CLI::IsMember(words).description(""));
}

void add_boot_hardware(CLI::App* boot, BootOptions& options) {
  add_choice(boot, "--medium", options.medium, boot_medium_names(),
             "Which medium of the folder (default: the first of these that it has)");
  add_choice(boot, "--firmware", options.firmware, firmware_names(), "Firmware (default: bios; uki: uefi)");
  boot->add_option("--firmware-vars", options.firmware_variables,
                   "UEFI variable store with the keys that Secure Boot trusts; it is not written")
      ->type_name("FILE");
  add_choice(boot, "--attach", options.attach, {"cd", "disk"}, "The iso medium as a disk (default: cd)");
  add_choice(boot, "--bus", options.bus, bus_names(),
             "How the medium is attached (default: virtio; a CD: ide, or sata under Secure Boot)");
  add_choice(boot, "--nic", options.network_card, network_card_names(), "Network card (default: virtio)");
  add_choice(boot, "--network-boot", options.network_boot, {"kernel", "tftp", "http"},
             "How the netboot medium is loaded: by QEMU itself, or by its iPXE (default: kernel)");
}

CLI::App* add_boot(CLI::App& program, BootOptions& options) {
  CLI::App* boot = program.add_subcommand("boot", "Start an image in QEMU as a cloud would, with a temporary password");
  boot->add_option("PATH", options.medium_path, "The folder that `lifeboat build` wrote, or one medium file")
      ->required()
      ->type_name("");
  add_boot_hardware(boot, options);
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
  LockOptions lock_options;
  OutdatedOptions outdated_options;
  PlanOptions plan_options;
  DiffOptions diff_options;
  VerifyOptions verify_options;
  PatchOptions patch_options;
  CheckOptions check_options;
  BootOptions boot_options;

  Parser() {
    for (const auto& [theirs, ours] :
         {std::pair{"SUBCOMMAND", "COMMAND"}, {"Positionals", "Arguments"}, {"REQUIRED", ""}})
      program.get_formatter()->label(theirs, ours);
    program.set_help_flag("-h,--help", "Print this help");
    program.set_version_flag("--version", "lifeboat " LIFEBOAT_VERSION, "Print the version");
    program.require_subcommand(1);
    offer(add_build(program, build_options), build_options);
    offer(add_lock(program, lock_options), lock_options);
    offer(add_outdated(program, outdated_options), outdated_options);
    offer(add_plan(program, plan_options), plan_options);
    offer(add_diff(program, diff_options), diff_options);
    offer(add_verify(program, verify_options), verify_options);
    offer(add_patch(program, patch_options), patch_options);
    offer(add_check(program, check_options), check_options);
    offer(add_boot(program, boot_options), boot_options);
    program.footer(
        "`lifeboat COMMAND --help` describes a command.\n\nExample:\n  lifeboat build recipes/debian-12.toml");
  }

  const CLI::App& chosen() const {
    const auto commands = program.get_subcommands();
    return commands.empty() ? program : *commands.front();
  }

  CommandLine result() const { return results.at(&chosen())(); }

 private:
  template <class Options>
  void offer(CLI::App* command, const Options& options) {
    command->group("Commands");
    results[command] = [&options] { return CommandLine(options); };
  }

  std::map<const CLI::App*, std::function<CommandLine()>> results;
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
