#include "builder/cli/command_line.hpp"

#include "testing/catch.hpp"

namespace {
using namespace lifeboat;

template <class Command>
Command parse(const std::vector<std::string>& arguments) {
  const CommandLine line = parse_command_line(arguments);
  REQUIRE(std::holds_alternative<Command>(line));
  return std::get<Command>(line);
}

struct Case {
  std::vector<std::string> arguments;
  std::string expected;
};

/// "what" and "hint: ..." of the UsageError, or "accepted".
std::string usage_error(const std::vector<std::string>& arguments) {
  try {
    parse_command_line(arguments);
    return "accepted";
  } catch (const UsageError& error) {
    return std::string(error.what()) + "\nhint: " + error.hint();
  }
}

TEST_CASE("build takes its recipe and leaves every other option empty") {
  const auto options = parse<BuildOptions>({"build", "recipes/debian-12.toml"});
  CHECK(options.recipe == "recipes/debian-12.toml");
  CHECK(options.output.empty());
  CHECK(options.cache.empty());
  CHECK(options.mirrors.empty());
  CHECK(options.mirrors_file.empty());
  CHECK(options.init_binary.empty());
  CHECK(options.overlays.empty());
  CHECK_FALSE(options.offline);
  CHECK_FALSE(options.fast);
  CHECK_FALSE(options.quiet);
  CHECK_FALSE(options.json);
  CHECK(options.lock.empty());
  CHECK(options.sign_key.empty());
  CHECK(options.secure_boot.key.empty());
  CHECK(options.secure_boot.certificate.empty());
  CHECK(options.reuse);
  CHECK_FALSE(options.check_reproducible);
}

TEST_CASE("a key for Secure Boot comes with its certificate") {
  const std::vector<std::string> both{"build", "--secure-boot-key", "k", "--secure-boot-certificate", "c", "r.toml"};
  const auto options = parse<BuildOptions>(both);
  CHECK(options.secure_boot.key == "k");
  CHECK(options.secure_boot.certificate == "c");
  CHECK(usage_error({"build", "--secure-boot-key", "k", "r.toml"}) ==
        "--secure-boot-key requires --secure-boot-certificate\nhint: lifeboat build --help");
  CHECK(usage_error({"plan", "--secure-boot-certificate", "c", "r.toml"}) ==
        "--secure-boot-certificate requires --secure-boot-key\nhint: lifeboat plan --help");
}

TEST_CASE("build takes every option") {
  const auto options =
      parse<BuildOptions>({"build",     "--output", "o", "--cache",    "c", "--mirrors",  "m",
                           "--offline", "--init",   "i", "--overlays", "v", "--fast",     "--quiet",
                           "--json",    "--lock",   "l", "--sign-key", "k", "--no-reuse", "--check-reproducible",
                           "r.toml"});
  CHECK(options.recipe == "r.toml");
  CHECK(options.output == "o");
  CHECK(options.cache == "c");
  CHECK(options.mirrors_file == "m");
  CHECK(options.init_binary == "i");
  CHECK(options.overlays == "v");
  CHECK(options.offline);
  CHECK(options.fast);
  CHECK(options.quiet);
  CHECK(options.json);
  CHECK(options.lock == "l");
  CHECK(options.sign_key == "k");
  CHECK_FALSE(options.reuse);
  CHECK(options.check_reproducible);
}

TEST_CASE("plan takes what decides a build") {
  const auto options = parse<PlanOptions>({"plan", "r.toml", "--lock", "l", "--output", "o", "--fast"}).build;
  CHECK(options.recipe == "r.toml");
  CHECK(options.lock == "l");
  CHECK(options.output == "o");
  CHECK(options.fast);
}

TEST_CASE("lock renews nothing, all, or the packages that are named") {
  const auto fresh = parse<LockOptions>({"lock", "r.toml", "--output", "l"});
  CHECK(fresh.recipe == "r.toml");
  CHECK(fresh.output == "l");
  CHECK_FALSE(fresh.update);
  const auto all = parse<LockOptions>({"lock", "r.toml", "--update"});
  CHECK(all.update);
  CHECK(all.packages.empty());
  const auto some = parse<LockOptions>({"lock", "r.toml", "--update", "openssl", "bash", "--offline"});
  CHECK(some.update);
  CHECK(some.packages == std::vector<std::string>{"openssl", "bash"});
  CHECK(some.offline);
}

TEST_CASE("outdated, diff and verify take what they look at") {
  CHECK(parse<OutdatedOptions>({"outdated", "x.lock", "--offline"}).lock == "x.lock");
  const auto diff = parse<DiffOptions>({"diff", "a", "b"});
  CHECK(diff.before == "a");
  CHECK(diff.after == "b");
  const auto verify = parse<VerifyOptions>({"verify", "out/x", "--key", "k.pem"});
  CHECK(verify.folder == "out/x");
  CHECK(verify.key == "k.pem");
}

TEST_CASE("each --mirror takes one value and they keep their order") {
  const auto options =
      parse<BuildOptions>({"build", "--mirror", "debian=file:///a", "--mirror", "debian=file:///b", "r.toml"});
  CHECK(options.mirrors == std::vector<std::string>{"debian=file:///a", "debian=file:///b"});
  CHECK(options.recipe == "r.toml");
}

TEST_CASE("check takes several files") {
  CHECK(parse<CheckOptions>({"check", "a.toml", "b.toml"}).recipes ==
        std::vector<std::filesystem::path>{"a.toml", "b.toml"});
}

TEST_CASE("boot has the defaults of boot_image") {
  const auto options = parse<BootOptions>({"boot", "out/x"});
  CHECK(options.medium_path == "out/x");
  for (const std::string& word : {options.medium, options.firmware, options.attach, options.bus, options.network_boot})
    CHECK(word.empty());
  CHECK(options.firmware_variables.empty());
  CHECK(options.network_card == "virtio");
  CHECK(options.originals.empty());
  CHECK(options.run.empty());
  CHECK(options.memory_mib == BootOptions{}.memory_mib);
  CHECK(options.timeout_seconds == BootOptions{}.timeout_seconds);
  CHECK_FALSE(options.write);
  CHECK_FALSE(options.no_password);
}

TEST_CASE("boot takes every option") {
  const auto options =
      parse<BootOptions>({"boot", "out/x", "--original", "a.img", "--original", "b.img", "--write", "--run", "lsblk -f",
                          "--memory", "2048", "--timeout", "60", "--no-password"});
  CHECK(options.originals == std::vector<std::filesystem::path>{"a.img", "b.img"});
  CHECK(options.write);
  CHECK(options.run == "lsblk -f");
  CHECK(options.memory_mib == 2048);
  CHECK(options.timeout_seconds == 60);
  CHECK(options.no_password);
}

TEST_CASE("boot takes every option of the machine") {
  const auto options = parse<BootOptions>({"boot", "rescue.iso", "--medium", "iso", "--firmware", "secure-boot",
                                           "--firmware-vars", "vars.fd", "--attach", "disk", "--bus", "nvme", "--nic",
                                           "vmxnet3", "--network-boot", "tftp"});
  CHECK(options.medium == "iso");
  CHECK(options.firmware == "secure-boot");
  CHECK(options.firmware_variables == "vars.fd");
  CHECK(options.attach == "disk");
  CHECK(options.bus == "nvme");
  CHECK(options.network_card == "vmxnet3");
  CHECK(options.network_boot == "tftp");
}

TEST_CASE("a command that boot runs may look like an option") {
  CHECK(parse<BootOptions>({"boot", "out/x", "--run=--help"}).run == "--help");
}

TEST_CASE("the version is printed with the program's name") {
  CHECK(parse<PrintText>({"--version"}).text == "lifeboat 0.1.0\n");
}

TEST_CASE("the help of the program and of each command ends with an example") {
  const std::vector<Case> cases{
      {{"--help"}, "lifeboat build recipes/debian-12.toml"},
      {{"build", "--help"}, "lifeboat build recipes/debian-12.toml --output out/rescue --mirrors mirrors.txt"},
      {{"lock", "-h"}, "lifeboat lock recipes/debian-12.toml --output debian-12.lock --update openssl"},
      {{"outdated", "-h"}, "lifeboat outdated debian-12.lock"},
      {{"plan", "-h"}, "lifeboat plan recipes/debian-12.toml"},
      {{"diff", "-h"}, "lifeboat diff out/monday out/tuesday"},
      {{"verify", "-h"}, "lifeboat verify out/debian-12-amd64 --key release.pub.pem"},
      {{"check", "-h"}, "lifeboat check recipes/*.toml"},
      {{"boot", "--help"}, "lifeboat boot out/debian-12-amd64 --original server.qcow2 --run \"lsblk -f\""}};
  for (const auto& [arguments, example] : cases) {
    const std::string text = parse<PrintText>(arguments).text;
    INFO(text);
    CHECK(text.ends_with("Example:\n  " + example + "\n"));
  }
}

TEST_CASE("the help of build names every option") {
  const std::string text = parse<PrintText>({"build", "--help"}).text;
  for (const char* option :
       {"RECIPE", "--output DIR", "--cache DIR", "--mirror NAME=URL", "--mirrors FILE", "--offline", "--init FILE",
        "--overlays DIR", "--fast", "--quiet", "--json", "--lock FILE", "--sign-key FILE", "--secure-boot-key FILE",
        "--secure-boot-certificate FILE", "--no-reuse", "--check-reproducible"}) {
    INFO(option << "\n" << text);
    CHECK(text.find(option) != std::string::npos);
  }
}

TEST_CASE("a wrong command line says what is wrong and what to write") {
  const std::vector<Case> cases{
      {{},
       "a command is missing: build, lock, outdated, plan, diff, verify, patch, check, boot\nhint: lifeboat --help"},
      {{"biuld", "r.toml"}, "unknown command `biuld`\nhint: did you mean `build`?"},
      {{"frobnicate"}, "unknown command `frobnicate`\nhint: lifeboat --help"},
      {{"--verison"}, "unknown option `--verison`\nhint: did you mean `--version`?"},
      {{"build", "--ofline", "r.toml"}, "unknown option `--ofline`\nhint: did you mean `--offline`?"},
      {{"build", "--mirorr=debian=x", "r.toml"}, "unknown option `--mirorr`\nhint: did you mean `--mirror`?"},
      {{"build", "--xyzzy", "r.toml"}, "unknown option `--xyzzy`\nhint: lifeboat build --help"},
      {{"build"}, "RECIPE is required\nhint: lifeboat build --help"},
      {{"build", "--ofline"}, "unknown option `--ofline`\nhint: did you mean `--offline`?"},
      {{"build", "a.toml", "b.toml"}, "`b.toml` is one argument too many\nhint: lifeboat build --help"},
      {{"boot", "out/x", "--original", "a.img", "b.img"},
       "`b.img` is one argument too many\nhint: lifeboat boot --help"},
      {{"check"}, "FILE is required\nhint: lifeboat check --help"},
      {{"boot"}, "PATH is required\nhint: lifeboat boot --help"},
      {{"diff", "a"}, "B is required\nhint: lifeboat diff --help"},
      {{"build", "r.toml", "--output"}, "--output needs a value: DIR\nhint: lifeboat build --help"},
      {{"build", "r.toml", "--output", "a", "--output", "b"},
       "--output may be given once\nhint: lifeboat build --help"},
      {{"boot", "out/x", "--memory", "lots"},
       "--memory: Value lots not in range 128 to 1048576\nhint: lifeboat boot --help"},
      {{"boot", "out/x", "--memory", "64"},
       "--memory: Value 64 not in range 128 to 1048576\nhint: lifeboat boot --help"},
      {{"boot", "out/x", "--bus", "fdc"},
       "--bus: fdc not in {virtio,scsi,ide,sata,nvme,usb}\nhint: lifeboat boot --help"},
      {{"boot", "out/x", "--timeout", "-1"}, "--timeout: Value -1 not in range 1 to 86400\nhint: lifeboat boot --help"},
  };
  for (const auto& [arguments, expected] : cases) CHECK(usage_error(arguments) == expected);
}

}  // namespace
