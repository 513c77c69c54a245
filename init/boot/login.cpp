#include "init/boot/login.hpp"

#include <unistd.h>

#include <algorithm>

#include "init/access/host_key.hpp"
#include "init/access/keys.hpp"
#include "init/access/password.hpp"
#include "init/access/shadow.hpp"
#include "init/access/sshd.hpp"
#include "init/boot/drivers.hpp"
#include "init/boot/network_report.hpp"
#include "init/contract/text.hpp"
#include "init/net/dhcp_script.hpp"
#include "init/sys/modules.hpp"
#include "init/sys/mount.hpp"
#include "init/sys/spawn.hpp"

namespace lifeboat::init {
namespace {

constexpr Milliseconds sources_limit{13'000};
constexpr Milliseconds host_key_limit{60'000};
constexpr Milliseconds sshd_limit{30'000};
constexpr Milliseconds network_limit{20'000};
constexpr int ssh_port = 22;
/// sshd that ends so often before it listens will not do better later.
constexpr int hopeless_restarts = 3;

void load_module(const std::string& kernel, const std::string& name) {
  auto modules = Modules::open("/lib/modules/" + kernel, {});
  if (modules) static_cast<void>(modules->load(name));  // the mount says it when it is missing
}

void take_keys(Machine& machine, const Answer& answer) {
  CheckedKeys keys = check_public_keys(answer.keys);
  for (const std::string& refused : keys.refused) machine.note_problem(answer.origin + ": " + refused);
  if (keys.good.empty()) return;
  Status written = write_authorized_keys("", keys.good);
  machine.check(written);
  if (written) machine.report.access.keys = keys.good.size();
}

/// Without a password from a source root is locked, whatever the image says: there is no default password.
void take_password(Machine& machine, const std::string& hash) {
  Status set = set_password_hash("/etc/shadow", "root", hash.empty() ? locked_password : hash);
  machine.check(set);
  machine.report.access.password = set && !hash.empty();
}

/// "web1.example.org" -> "web1-rescue": the prompt tells where one is.
void take_host_name(Machine& machine, const std::string& given) {
  std::string name = given.substr(0, std::min<std::size_t>(given.find('.'), 50));
  name = is_host_name(name) ? name + "-rescue" : "rescue";
  if (::sethostname(name.data(), name.size()) != 0) machine.note_problem("setting the host name " + name);
  machine.check(replace_file("/etc/hostname", name + "\n"));
}

/// Asks again every 20 ms: the kernel tells nobody when a socket begins to listen.
void poll_sshd(Machine& machine) {
  machine.report.access.ssh = is_listening(ssh_port) && machine.services.is_running("sshd");
  if (!machine.report.access.ssh) machine.loop->after(Milliseconds(20), [&machine] { poll_sshd(machine); });
}

bool anybody_can_log_in(const AccessReport& access) { return access.password || access.keys != 0; }

}  // namespace

void start_host_key(Machine& machine) {
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

void start_sources(Machine& machine) {
  const std::string kernel = machine.report.image.kernel;
  machine.config_drive = std::make_unique<ConfigDriveSearch>(
      *machine.loop,
      ConfigDriveOptions{.hash_password = hash_password,
                         .load_module = [kernel](const std::string& name) { load_module(kernel, name); }});
  machine.config_drive->start();
}

void start_network(Machine& machine) {
  machine.network = std::make_unique<Network>(
      *machine.loop, machine.services,
      NetworkOptions{.busybox = busybox_path,
                     .dhcp_script = dhcp_script_path,
                     .lease_folder = std::string(lease_folder),
                     .resolv_conf = "/etc/resolv.conf"},
      [&machine](const std::string& line) { machine.note_problem(line); },
      [&machine] { take_network_change(machine); });
  machine.check(machine.network->start());
}

/// The initramfs has the drivers of common machines. Where they lead to no config drive, the root's may.
void await_sources(Machine& machine) {
  const auto first_look = [&] { return !machine.loading_drivers && machine.config_drive->looked_at_all(); };
  const auto found = [&] { return machine.config_drive->answer().has_value(); };
  static_cast<void>(machine.loop->run_until([&] { return found() || first_look(); }, sources_limit));
  if (!found()) start_loading_drivers(machine, {.all_devices = true});
  static_cast<void>(machine.loop->run_until([&] { return machine.config_drive->settled(); }, sources_limit));
  for (const std::string& problem : machine.config_drive->problems()) machine.note_problem(problem);
}

void set_password_and_keys(Machine& machine) {
  const Answer answer = machine.config_drive->answer().value_or(Answer{});
  AccessReport& access = machine.report.access;
  take_password(machine, answer.password_hash);
  take_keys(machine, answer);
  take_host_name(machine, answer.hostname);
  for (const std::string& note : answer.notes) machine.note_problem(answer.origin + ": " + note);
  access.origin = answer.origin;
  if (answer.origin.empty()) access.reasons.push_back(machine.config_drive->reason());
  if (!answer.origin.empty() && !anybody_can_log_in(access))
    access.reasons.push_back(answer.origin + ": holds no usable password (admin_pass) and no usable key (public_keys)");
}

void await_host_key(Machine& machine) {
  if (!machine.loop->run_until([&] { return machine.host_key_made.has_value(); }, host_key_limit))
    return machine.note_problem("making the host key: ssh-keygen did not end within 60 seconds");
  machine.check(*machine.host_key_made);
  auto line = read_file(std::string(host_key_path) + ".pub", 4096);
  if (!line) return machine.note_problem(line.error());
  auto fingerprint = fingerprint_of(*line);
  if (!fingerprint) return machine.note_problem(fingerprint.error());
  machine.report.access.host_key = *fingerprint;
}

void start_sshd(Machine& machine) {
  const AccessReport& access = machine.report.access;
  if (!anybody_can_log_in(access) || access.host_key.empty()) return;
  if (Status made = make_folders("/run/sshd"); !made) return machine.note_problem(made.error());
  const SshdAccess allowed{access.password, access.keys != 0};
  machine.services.start({.name = "sshd", .command = [allowed] { return make_sshd_command(allowed); }});
  poll_sshd(machine);
}

void await_sshd(Machine& machine) {
  const AccessReport& access = machine.report.access;
  if (!anybody_can_log_in(access) || access.host_key.empty()) return;
  const auto decided = [&] { return access.ssh || machine.services.restarts("sshd") >= hopeless_restarts; };
  static_cast<void>(machine.loop->run_until(decided, sshd_limit));
  if (!access.ssh)
    machine.note_problem("the SSH server does not listen on port 22: " + machine.services.last_words("sshd"));
}

void await_network(Machine& machine) {
  if (machine.network->interfaces().empty()) start_loading_drivers(machine, {.all_devices = true});
  static_cast<void>(machine.loop->run_until([&] { return machine.network->settled(); }, network_limit));
}

void announce_ready(Machine& machine) {
  take_network_change(machine);
  machine.report.ready = seconds_since_start();
  machine.announced_addresses = machine.network->addresses();
  machine.say_lines("\n" + head_text(machine.report) + "\n" + contract::to_text(ready_line(machine.report)) + "\n\n");
  machine.publish_report();
}

}  // namespace lifeboat::init
