#include "init/rescue/layers.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "init/contract/text.hpp"
#include "init/rescue/partition_device.hpp"
#include "init/rescue/say.hpp"
#include "init/rescue/tools.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/holders.hpp"
#include "init/sys/mount.hpp"
#include "init/sys/program.hpp"
#include "init/sys/secret.hpp"
#include "init/sys/write_protection.hpp"

namespace lifeboat::init {
namespace {

constexpr Milliseconds open_limit{60'000};
constexpr Milliseconds key_limit{180'000};  // LUKS2's Argon2 with much memory, three key slots
constexpr int attempts = 3;
constexpr int wrong_passphrase = 2;  // cryptsetup(8)

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> words;
  for (const std::string_view word : contract::split_words(text, " ")) words.emplace_back(word);
  return words;
}

Status run_tool(const std::string& doing, const std::string& name, const std::vector<std::string>& words) {
  auto program = find_tool(name);
  if (!program) return program.failure();
  std::vector<std::string> argv{*program};
  argv.insert(argv.end(), words.begin(), words.end());
  auto run = run_checked(doing, {.argv = argv, .limit = open_limit});
  if (!run) return run.failure();
  return Done{};
}

// --- LUKS

std::vector<std::string> luks_words(bool write) {
  std::vector<std::string> words{"open", "--type", "luks", "--tries", "1"};
  if (!write) words.emplace_back("--readonly");
  return words;
}

Result<ProgramEnd> run_cryptsetup(const OpenStep& step, const LayerWish& wish, const std::string& key_file,
                                  std::string_view passphrase) {
  auto program = find_tool("cryptsetup");
  if (!program) return program.failure();
  std::vector<std::string> argv{*program};
  for (std::string& word : luks_words(wish.write)) argv.push_back(std::move(word));
  argv.insert(argv.end(), {"--key-file", key_file, step.devices.at(0), step.name});
  return run_program({.argv = argv, .input = passphrase, .limit = key_limit});
}

Status open_luks_by_file(const OpenStep& step, const LayerWish& wish) {
  const std::string key_file = wish.key_file == "-" ? "/dev/stdin" : wish.key_file;
  auto key = read_file(key_file, std::size_t{8} << 20);
  if (!key) return key.failure();
  const Secret secret(std::move(*key));
  auto end = run_cryptsetup(step, wish, "-", secret.view());
  if (!end) return end.failure();
  if (end->ok()) return Done{};
  return Failure{"opening " + step.devices.at(0) + " with " + wish.key_file + ": " + end->words()};
}

Status open_luks(const OpenStep& step, const LayerWish& wish) {
  if (!wish.key_file.empty()) return open_luks_by_file(step, wish);
  for (int attempt = 1;; ++attempt) {
    Secret passphrase;
    if (!ask_secret("Passphrase for " + step.devices.at(0) + ": ", passphrase))
      return Failure{"opening " + step.devices.at(0) +
                     ": no passphrase was given\nhint: on a terminal it is asked for; else --key-file FILE (\"-\": "
                     "standard input)"};
    auto end = run_cryptsetup(step, wish, "-", passphrase.view());
    if (!end) return end.failure();
    if (end->ok()) return Done{};
    const bool wrong = WIFEXITED(end->status) && WEXITSTATUS(end->status) == wrong_passphrase;
    if (!wrong || attempt == attempts) return Failure{"opening " + step.devices.at(0) + ": " + end->words()};
    fail("that is not the passphrase; once more", 0);
  }
}

// --- LVM

constexpr std::string_view lvm_always =
    "devices{use_devicesfile=0 global_filter=[\"a|.*|\"] filter=[\"a|.*|\"] scan_lvs=0 md_component_detection=0 "
    "multipath_component_detection=0 external_device_info_source=\"none\" obtain_device_list_from_udev=0} "
    "global{use_lvmpolld=0 event_activation=0 notify_dbus=0} backup{backup=0 archive=0} activation{monitoring=0 "
    "udev_sync=1 udev_rules=1";

std::string group_of(const std::string& volume) { return volume.substr(0, volume.find('/')); }

/// thin_check only reads, but not every image has it.
std::string check_words(VolumeMode mode) {
  const bool checked = mode == VolumeMode::writable && find_tool("thin_check");
  return checked ? "" : " global{thin_check_executable=\"\" cache_check_executable=\"\"}";
}

Status activate(const std::string& volume, const std::vector<std::string>& devices, VolumeMode mode) {
  std::vector<std::string> words{"lvchange"};
  for (std::string& word : volume_words(devices, group_of(volume), mode)) words.push_back(std::move(word));
  words.insert(words.end(), {"--activate", "y", "--ignoreactivationskip", "--yes", volume});
  return run_tool("activating " + volume, "lvm", words);
}

Status deactivate(const SessionStep& step) {
  std::vector<std::string> words{"lvchange"};
  for (std::string& word : volume_words(split(step.device), group_of(step.name), VolumeMode::read_only))
    words.push_back(std::move(word));
  words.insert(words.end(), {"--activate", "n", "--yes", step.name});
  return run_tool("deactivating " + step.name, "lvm", words);
}

/// Read-only loop devices over the physical volumes: the kernel lets no write through them, whatever LVM's drivers
/// want. They go with their last user.
Status activate_behind_barrier(const OpenStep& step, Session& session) {
  std::vector<LoopDevice> barriers;
  std::vector<std::string> devices;
  for (const std::string& device : step.devices) {
    auto loop = attach_loop_device(device);
    if (!loop) return loop.failure();
    devices.push_back(loop->path);
    barriers.push_back(std::move(*loop));
  }
  session.steps.back().device = joined(devices);
  if (Status noted = write_session(session); !noted) return noted;
  if (Status active = activate(step.name, devices, VolumeMode::behind_barrier); !active) return active;
  const std::string node = real_path(step.path);
  return set_write_protection(node.substr(node.rfind('/') + 1), true);
}

Status open_volume(const OpenStep& step, bool write, Session& session) {
  if (step.barrier && !write) return activate_behind_barrier(step, session);
  return activate(step.name, step.devices, write ? VolumeMode::writable : VolumeMode::read_only);
}

Status say_users(Status closed, const std::string& path) {
  if (closed) return closed;
  const std::string users = find_users(path);
  return users.empty() ? closed : Failure{closed.error() + "; in use by " + users, EBUSY};
}

bool is_there(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

bool array_runs(const std::string& path) {
  const std::string name = path.substr(path.rfind('/') + 1);
  const std::string state = read_file("/sys/block/" + name + "/md/array_state", 64).value_or("clear");
  return !state.starts_with("clear") && !state.starts_with("inactive");
}

}  // namespace

std::vector<std::string> assemble_words(const OpenStep& step, bool write) {
  std::vector<std::string> words{"--assemble", step.path};
  if (!write) words.emplace_back("--readonly");
  if (step.degraded) words.emplace_back("--run");
  words.insert(words.end(), {"--config=none", "--uuid=" + step.id});
  words.insert(words.end(), step.devices.begin(), step.devices.end());
  return words;
}

std::vector<std::string> volume_words(const std::vector<std::string>& devices, const std::string& group,
                                      VolumeMode mode) {
  std::string config(lvm_always);
  if (mode == VolumeMode::read_only) config += " read_only_volume_list=[\"" + group + "\"]";
  config += "}" + check_words(mode);
  std::vector<std::string> words{"--config", config};
  for (const std::string& device : devices) words.insert(words.end(), {"--devices", device});
  return words;
}

Status open_layer(const OpenStep& step, const LayerWish& wish, Session& session) {
  session.steps.push_back({step.kind, step.name, joined(step.devices), step.path});
  if (Status noted = write_session(session); !noted) return noted;
  Status opened = step.kind == "partition" ? add_partition_device(step)
                  : step.kind == "luks"    ? open_luks(step, wish)
                  : step.kind == "array"
                      ? run_tool("assembling " + step.path, "mdadm", assemble_words(step, wish.write))
                      : open_volume(step, wish.write, session);
  if (opened && step.kind == "array" && !array_runs(step.path)) opened = Failure{step.path + " does not run"};
  return opened;
}

Status close_layer(const SessionStep& step) {
  if (step.kind == "partition") return say_users(remove_partition_device(step.name, step.device), step.name);
  if (step.kind == "array") {
    if (!is_there("/sys/block/" + step.name.substr(step.name.rfind('/') + 1) + "/md")) return Done{};
    return say_users(run_tool("stopping " + step.name, "mdadm", {"--stop", step.name}), step.name);
  }
  if (!is_there(step.type)) return Done{};
  if (step.kind == "volume") return say_users(deactivate(step), step.type);
  return say_users(run_tool("closing " + step.name, "cryptsetup", {"close", step.name}), step.type);
}

}  // namespace lifeboat::init
