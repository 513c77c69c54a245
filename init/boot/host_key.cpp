#include "init/boot/host_key.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <memory>
#include <optional>

#include "init/access/host_key.hpp"
#include "init/boot/disks.hpp"
#include "init/boot/entropy.hpp"
#include "init/disk/discover.hpp"
#include "init/disk/original_file.hpp"
#include "init/sys/spawn.hpp"
#include "init/sys/worker.hpp"

namespace lifeboat::init {
namespace {

constexpr Milliseconds host_key_limit{60'000};
constexpr Milliseconds convert_limit{30'000};
constexpr Milliseconds original_limit{30'000};

/// The private key and its public line, both at `path`; in the end or not at all.
Status write_host_key(Machine& machine, const Secret& key, const std::string& path) {
  const std::string candidate = path + ".given", line = candidate + ".pub";
  if (Status written = replace_file(candidate, key.view(), 0600); !written) return written;
  auto output = open_file(line, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  auto pid = output ? spawn({.argv = make_public_key_command(candidate).argv, .output = &*output})
                    : Result<pid_t>(output.failure());
  if (!pid) return pid.failure();
  std::optional<int> ended;
  machine.loop->on_child(*pid, [&ended](int status) { ended = status; });
  if (!machine.loop->run_until([&] { return ended.has_value(); }, convert_limit)) {
    machine.loop->forget_child(*pid);
    ::kill(*pid, SIGKILL);
  }
  const bool good = ended == 0 && parse_host_key(read_file(line, 16384).value_or(""));
  for (const auto& [from, to] : {std::pair{candidate, path}, std::pair{line, path + ".pub"}})
    if (!good || ::rename(from.c_str(), to.c_str()) != 0) ::unlink(from.c_str());
  return good ? Status(Done{}) : Failure{"ssh-keygen finds no unencrypted private key in it"};
}

/// In place of the one that was made; where it cannot be used, that is said and the new one stays.
void use_host_key(Machine& machine, const Result<Secret>& key, const std::string& origin) {
  const Status written = key ? write_host_key(machine, *key, std::string(host_key_path)) : Status(key.failure());
  if (written) machine.report.access.host_key_origin = origin;
  if (!written) machine.note_problem("the host key from the " + origin + " is not used: " + written.error());
}

constexpr std::string_view no_key_mark = "failed: ";

/// In the worker.
std::string read_original_host_key(const DiscoverOptions& options) {
  const DiskReport disks = discover_disks(options);
  Result<std::string> key = Failure{"it was not looked for"};
  for (const char* type : {"ed25519", "ecdsa", "rsa"})
    if (!key) key = read_original_file(disks, "etc/ssh/ssh_host_" + std::string(type) + "_key", 16384);
  return key ? std::move(*key) : std::string(no_key_mark) + key.error();
}

void take_original_host_key(Machine& machine) {
  const auto shared = std::make_shared<std::optional<Result<std::string>>>();  // the worker may outlast this function
  start_work(*machine.loop, {.name = "reading the original system's host key",
                             .limit = original_limit,
                             .run = [options = discover_options(machine)] { return read_original_host_key(options); },
                             .ended = [shared](const Result<std::string>& text) { *shared = text; },
                             .holds_secrets = true});
  static_cast<void>(machine.loop->run_until([&] { return shared->has_value(); }, original_limit + Milliseconds(1000)));
  Result<std::string> text = shared->value_or(Failure{"the disks did not answer in time"});
  if (text && text->starts_with(no_key_mark)) text = Failure{text->substr(no_key_mark.size())};
  Result<Secret> key = text ? Result<Secret>(Secret(std::move(*text))) : Result<Secret>(text.failure());
  if (shared->has_value() && **shared) Secret::wipe(***shared);
  use_host_key(machine, key, "system on the original disk");
}

void take_other_host_key(Machine& machine) {
  if (const Answer* answer = machine.sources->merged().host_key)
    use_host_key(machine, Secret(std::string(answer->host_key.view())), answer->origin);
  else if (machine.report.image.original_host_keys)
    take_original_host_key(machine);
}

void make_host_key(Machine& machine) {
  auto pid = spawn(make_host_key_command(std::string(host_key_path)));
  if (!pid) {
    machine.host_key_made = pid.failure();
    return;
  }
  machine.loop->on_child(*pid, [&machine, started = seconds_since_start()](int status) {
    machine.record("make the host key", started);
    machine.host_key_made =
        status == 0 ? Status(Done{}) : Status(Failure{"making the host key: ssh-keygen: " + describe_end(status)});
  });
}

}  // namespace

void start_host_key(Machine& machine) {
  when_random(machine, [&machine] { make_host_key(machine); });
}

void await_host_key(Machine& machine) {
  if (!machine.loop->run_until([&] { return machine.host_key_made.has_value(); }, host_key_limit))
    return machine.note_problem("making the host key: ssh-keygen did not end within 60 seconds");
  machine.check(*machine.host_key_made);
  take_other_host_key(machine);
  auto line = read_file(std::string(host_key_path) + ".pub", 16384);
  auto key = line ? parse_host_key(*line) : Result<HostKey>(line.failure());
  if (!key) return machine.note_problem(key.error());
  AccessReport& access = machine.report.access;
  access.host_key = key->fingerprint;
  access.host_key_type = key->type;
  access.host_key_line = key->line;
  machine.host_key = std::move(*key);
}

}  // namespace lifeboat::init
