#include "init/boot/login.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>

#include "init/access/host_key.hpp"
#include "init/access/sshd.hpp"
#include "init/boot/drivers.hpp"
#include "init/boot/network_report.hpp"
#include "init/boot/notify.hpp"
#include "init/net/dhcp_script.hpp"
#include "init/sys/mount.hpp"
#include "init/sys/spawn.hpp"
#include "init/sys/worker.hpp"

namespace lifeboat::init {
namespace {

constexpr Milliseconds host_key_limit{60'000};
constexpr Milliseconds sshd_limit{30'000};
constexpr Milliseconds network_limit{20'000};
constexpr int ssh_port = 22;
/// sshd that ends so often before it listens will not do better later.
constexpr int hopeless_restarts = 3;

/// Where sshd was started, or started anew: it is up when it greets us.
void watch_sshd_come_up(Machine& machine) {
  machine.sshd_trouble.reset();
  start_work(*machine.loop, {.name = "connecting to the SSH server",
                             .limit = sshd_limit + Milliseconds(6000),
                             .run =
                                 [] {
                                   const Status greeted = await_ssh_server(ssh_port, sshd_limit);
                                   return greeted ? std::string() : greeted.error();
                                 },
                             .ended =
                                 [&machine](const Result<std::string>& trouble) {
                                   machine.sshd_trouble = trouble ? *trouble : trouble.error();
                                   machine.report.access.ssh = machine.sshd_trouble->empty();
                                   if (!machine.report.ready) return;  // else it came up anew
                                   if (machine.report.access.ssh) say_ready(machine);
                                   machine.publish_report();
                                 }});
}

void run_sshd(Machine& machine) {
  const SshdAccess allowed{machine.report.access.password, machine.report.access.keys != 0};
  machine.services.restart({.name = "sshd", .command = [allowed] { return make_sshd_command(allowed); }});
  watch_sshd_come_up(machine);
}

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
  if (!machine.loop->run_until([&] { return ended.has_value(); }, sshd_limit)) {
    machine.loop->forget_child(*pid);
    ::kill(*pid, SIGKILL);
  }
  const bool good = ended == 0 && parse_host_key(read_file(line, 16384).value_or(""));
  for (const auto& [from, to] : {std::pair{candidate, path}, std::pair{line, path + ".pub"}})
    if (!good || ::rename(from.c_str(), to.c_str()) != 0) ::unlink(from.c_str());
  return good ? Status(Done{}) : Failure{"ssh-keygen finds no unencrypted private key in it"};
}

/// One that a source gave takes the place of the one that was made.
void take_injected_host_key(Machine& machine) {
  const Answer* answer = machine.sources->merged().host_key;
  if (answer == nullptr) return;
  const Status written = write_host_key(machine, answer->host_key, std::string(host_key_path));
  if (written) machine.report.access.host_key_origin = answer->origin;
  if (!written) machine.note_problem("the host key from the " + answer->origin + " is not used: " + written.error());
}

bool has_sshd(const AccessReport& access) { return access.lets_somebody_in() && !access.host_key.empty(); }

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

void await_host_key(Machine& machine) {
  if (!machine.loop->run_until([&] { return machine.host_key_made.has_value(); }, host_key_limit))
    return machine.note_problem("making the host key: ssh-keygen did not end within 60 seconds");
  machine.check(*machine.host_key_made);
  take_injected_host_key(machine);
  auto line = read_file(std::string(host_key_path) + ".pub", 16384);
  auto key = line ? parse_host_key(*line) : Result<HostKey>(line.failure());
  if (!key) return machine.note_problem(key.error());
  AccessReport& access = machine.report.access;
  access.host_key = key->fingerprint;
  access.host_key_type = key->type;
  access.host_key_line = key->line;
  machine.host_key = std::move(*key);
}

void start_sshd(Machine& machine) {
  if (!has_sshd(machine.report.access)) return;
  if (Status made = make_folders("/run/sshd"); !made) return machine.note_problem(made.error());
  run_sshd(machine);
}

/// Sessions that are open live on: each has a process of its own.
void restart_sshd(Machine& machine) {
  machine.report.access.ssh = false;
  start_sshd(machine);
}

void await_sshd(Machine& machine) {
  const AccessReport& access = machine.report.access;
  if (!has_sshd(access)) return;
  const auto decided = [&] { return machine.sshd_trouble || machine.services.restarts("sshd") >= hopeless_restarts; };
  static_cast<void>(machine.loop->run_until(decided, sshd_limit));
  if (access.ssh) return;
  const std::string said = machine.services.last_words("sshd");
  machine.note_problem("the SSH server does not answer on port 22: " +
                       (said.empty() ? machine.sshd_trouble.value_or("it did not come up in time") : said));
}

void await_network(Machine& machine) {
  if (machine.network->interfaces().empty()) start_loading_drivers(machine, {.all_devices = true});
  static_cast<void>(machine.loop->run_until([&] { return machine.network->settled(); }, network_limit));
}

/// Whoever started the machine may wait for it; a host that does not answer costs nothing here.
void notify_vmm(Machine& machine) {
  const std::string address = machine.sources->merged().notify_socket.value;
  if (address.empty()) return;
  start_work(*machine.loop, {.name = "telling the host that the system is ready",
                             .limit = Milliseconds(10000),
                             .run =
                                 [address, kernel = machine.report.image.kernel] {
                                   for (const char* module : {"vmw_vsock_virtio_transport"})
                                     load_module(kernel, module);
                                   const Status sent = notify_ready(address);
                                   return sent ? std::string() : sent.error();
                                 },
                             .ended =
                                 [&machine](const Result<std::string>& trouble) {
                                   if (!trouble || !trouble->empty())
                                     machine.note_problem(trouble ? *trouble : trouble.error());
                                 }});
}

void say_ready(Machine& machine) { machine.say_lines(contract::to_text(ready_line(machine.report)) + "\n\n"); }

void announce_ready(Machine& machine) {
  take_network_change(machine);
  machine.report.ready = seconds_since_start();
  machine.announced_addresses = machine.network->addresses();
  machine.say_lines("\n" + head_text(machine.report) + "\n");
  if (machine.report.access.ssh && machine.host_key) machine.say_lines(host_key_blocks(*machine.host_key));
  say_ready(machine);
  notify_vmm(machine);
  machine.publish_report();
}

}  // namespace lifeboat::init
