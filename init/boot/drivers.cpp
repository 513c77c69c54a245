#include "init/boot/drivers.hpp"

#include <sys/mount.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "init/contract/text.hpp"
#include "init/sys/modules.hpp"
#include "init/sys/mount.hpp"
#include "init/sys/worker.hpp"

namespace lifeboat::init {
namespace {

constexpr Milliseconds load_limit{30'000};
/// Begins a line of the worker's answer that tells of a module asked for by name; the others tell of devices' drivers.
constexpr std::string_view asked_for = "! ";
/// A line of it: some drivers' devices do not answer, or not yet.
constexpr std::string_view held_up = "~";
/// Begins a line of it: a device's alias that was looked for.
constexpr std::string_view seen = "= ";

Result<Modules> open_modules(const std::string& folder, const contract::KernelArguments& arguments) {
  utsname kernel{};
  ::uname(&kernel);
  auto settings = read_module_settings({"/usr/lib/modprobe.d", "/etc/modprobe.d"});
  for (const auto& option : arguments.module_options) settings.parameters.push_back(option);  // the last one counts
  auto modules = Modules::open(folder + "/" + kernel.release, std::move(settings));
  if (modules) return modules;
  return Failure{"no drivers can be loaded for the kernel " + std::string(kernel.release) + ": " + modules.error()};
}

/// In the worker. One failure per line.
std::string load(const contract::KernelArguments& arguments, const DriverRequest& request) {
  auto modules = open_modules(request.folder, arguments);
  if (!modules) return std::string(asked_for) + modules.error();
  std::string text;
  NamedFailures named = modules->load_by_name(request.wanted, request.optional);
  for (const Failure& failure : named.wanted) text += std::string(asked_for) + failure.what + "\n";
  std::vector<Failure> failures = std::move(named.optional);
  if (request.all_devices)
    for (Failure& failure : modules->load_for_all_devices("/sys/devices", request.beside))
      failures.push_back(std::move(failure));
  for (Failure& failure : modules->load_for_devices(request.aliases)) failures.push_back(std::move(failure));
  for (const Failure& failure : failures) text += failure.what + "\n";
  for (const std::string& alias : modules->seen()) text += std::string(seen) + alias + "\n";
  if (modules->held_up()) text += held_up;
  return text;
}

/// A driver that finds its device unfit fails to load, on good machines too: that is of interest to few. What the
/// initramfs has no driver for is udev's, once somebody can log in.
void take(Machine& machine, std::string_view text) {
  for (std::string_view line : contract::split_words(text, "\n")) {
    if (line.starts_with(asked_for)) {
      machine.note_problem(std::string(line.substr(asked_for.size())));
    } else if (line == held_up) {
      machine.drivers.held_up = true;
    } else if (line.starts_with(seen)) {
      machine.drivers.new_aliases.erase(std::string(line.substr(seen.size())));
    } else if (machine.arguments.debug) {
      machine.say(std::string(line));
    }
  }
}

/// What is left of the initramfs: the memory of its modules.
void free_first_modules() {
  empty_folder(first_modules_folder, {});
  ::umount2(first_modules_folder, MNT_DETACH);
  ::rmdir(first_modules_folder);
}

/// lifeboat.basic_drivers: what the initramfs does not have is not loaded.
bool is_beyond_basic(const Machine& machine, const DriverRequest& request) {
  return machine.arguments.basic_drivers && machine.in_root && request.folder != first_modules_folder;
}

/// Where drivers for devices that come are taken from.
std::string drivers_folder(const Machine& machine) {
  return machine.arguments.basic_drivers && machine.in_root ? first_modules_folder : DriverRequest().folder;
}

void load_next(Machine& machine);

void finish(Machine& machine, const DriverRequest& request, double started, const Result<std::string>& text) {
  machine.record("load drivers", started);
  if (request.folder == first_modules_folder && !machine.arguments.basic_drivers) free_first_modules();
  if (text) {
    take(machine, *text);
  } else {
    machine.note_problem(text.error());
  }
  load_next(machine);
}

void load_next(Machine& machine) {
  auto& drivers = machine.drivers;
  if (drivers.waiting.empty() && !drivers.new_aliases.empty())
    drivers.waiting.push_back({.folder = drivers_folder(machine), .aliases = std::exchange(drivers.new_aliases, {})});
  drivers.loading = !drivers.waiting.empty();
  if (!drivers.loading) return;
  const DriverRequest request = std::move(drivers.waiting.front());
  drivers.waiting.pop_front();
  const double started = seconds_since_start();
  start_work(*machine.loop,
             {.name = "loading drivers",
              .limit = load_limit,
              .run = [&machine, request] { return load(machine.arguments, request); },
              .ended = [&machine, request,
                        started](const Result<std::string>& text) { finish(machine, request, started, text); }});
}

}  // namespace

void start_loading_drivers(Machine& machine, DriverRequest request) {
  auto& drivers = machine.drivers;
  if (is_beyond_basic(machine, request) || std::ranges::find(drivers.waiting, request) != drivers.waiting.end()) return;
  drivers.waiting.push_back(std::move(request));
  if (!drivers.loading) load_next(machine);
}

void start_first_drivers(Machine& machine) {
  machine.drivers.new_aliases.clear();  // they are among all devices'
  if (machine.arguments.basic_drivers)
    machine.say("Basic drivers only (lifeboat.basic_drivers): devices that the initrd has no driver for are left out.");
  start_loading_drivers(
      machine, {.folder = first_modules_folder, .beside = {"isofs", "vfat", "button", "evdev"}, .all_devices = true});
}

void hurry_kernel(bool hurry) {
  static_cast<void>(write_file("/sys/kernel/rcu_expedited", hurry ? "1" : "0"));  // none: then it takes its time
}

void load_module(const std::string& kernel, const std::string& name, const std::string& parameter) {
  Modules::Options options;
  if (!parameter.empty()) options.parameters.emplace_back(name, parameter);
  auto modules = Modules::open("/lib/modules/" + kernel, std::move(options));
  if (modules) static_cast<void>(modules->load_by_name({name}));
}

void load_modules_aside(const std::vector<std::string>& names) {
  if (::fork() != 0) return;
  if (auto modules = open_modules("/lib/modules", {})) static_cast<void>(modules->load_by_name(names));
  ::_exit(0);
}

void want_driver(Machine& machine, const std::string& alias) {
  machine.drivers.new_aliases.insert(alias);
  if (!machine.drivers.loading) load_next(machine);
}

}  // namespace lifeboat::init
