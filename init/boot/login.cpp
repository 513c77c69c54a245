#include "init/boot/login.hpp"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "init/access/host_key.hpp"
#include "init/access/sshd.hpp"
#include "init/access/sshd_check.hpp"
#include "init/boot/drivers.hpp"
#include "init/boot/entropy.hpp"
#include "init/boot/network_plan.hpp"
#include "init/boot/network_report.hpp"
#include "init/boot/notify.hpp"
#include "init/contract/text.hpp"
#include "init/net/dhcp_script.hpp"
#include "init/sys/mount.hpp"
#include "init/sys/spawn.hpp"
#include "init/sys/worker.hpp"

namespace lifeboat::init {
namespace {

constexpr Milliseconds sshd_limit{30'000};
constexpr Milliseconds sshd_check_limit{12'000};
constexpr Milliseconds login_network_limit{20'000};
constexpr int ssh_port = 22;
/// sshd that ends so often before it listens will not do better later.
constexpr int hopeless_restarts = 3;

/// Where sshd was started, or started anew: it is up when it greets us. What is said of a former one no longer counts.
void watch_sshd_come_up(Machine& machine) {
  start_work(*machine.loop, {.name = "connecting to the SSH server",
                             .limit = sshd_limit + Milliseconds(6000),
                             .run =
                                 [] {
                                   const Status greeted = await_ssh_server(ssh_port, sshd_limit);
                                   return greeted ? std::string() : greeted.error();
                                 },
                             .ended =
                                 [&machine, rules = machine.sshd_rules](const Result<std::string>& trouble) {
                                   if (rules != machine.sshd_rules) return;
                                   machine.sshd_trouble = trouble ? *trouble : trouble.error();
                                   machine.report.access.ssh = machine.sshd_trouble->empty();
                                   if (!machine.report.ready) return;  // else it came up anew
                                   if (machine.report.access.ssh) say_ready(machine);
                                   machine.publish_report();
                                 }});
}

void run_sshd(Machine& machine) {
  SshdAccess allowed{machine.report.access.password, machine.report.access.keys != 0};
  allowed.without = machine.sshd_without.value_or(std::vector<std::string>());
  machine.sshd_trouble.reset();
  ++machine.sshd_rules;
  // The one by the former rules has ended when this one's command is asked for: it cannot be who greets.
  const auto watched = std::make_shared<bool>(false);
  machine.services.restart({.name = "sshd", .command = [&machine, allowed, watched] {
                              if (!std::exchange(*watched, true)) watch_sshd_come_up(machine);
                              return make_sshd_command(allowed);
                            }});
}

/// "=" and the options, or "!" and the words.
std::string check_answer(const Result<std::vector<std::string>>& checked) {
  if (!checked) return "!" + checked.error();
  std::string answer = "=";
  for (const std::string& option : *checked) answer += option + " ";
  return answer;
}

std::vector<std::string> options_of(std::string_view answer) {
  std::vector<std::string> options;
  for (std::string_view option : contract::split_words(answer, " ")) options.emplace_back(option);
  return options;
}

bool has_sshd(const AccessReport& access) { return access.lets_somebody_in() && !access.host_key.empty(); }

void take_sshd_check(Machine& machine, const Result<std::string>& answer) {
  if (answer && answer->starts_with('=')) {
    const auto without = options_of(std::string_view(*answer).substr(1));
    if (machine.sshd_without == without) return;
    machine.sshd_without = without;
    if (machine.sshd_had_its_turn && has_sshd(machine.report.access)) run_sshd(machine);
    return;
  }
  const std::string words = answer ? answer->substr(std::min<std::size_t>(answer->size(), 1)) : answer.error();
  machine.note_problem("checking the SSH server's configuration: " + words);
}

/// In the background: beside its words, sshd and its libraries are in memory then when they are needed.
void start_sshd_check(Machine& machine) {
  SshdAccess asked{.password = true, .keys = true};
  asked.without = machine.sshd_without.value_or(std::vector<std::string>());
  start_work(*machine.loop, {.name = "sshd -t",
                             .limit = sshd_check_limit,
                             .run =
                                 [asked] {
                                   run_in_background();
                                   return check_answer(check_sshd(asked));
                                 },
                             .ended =
                                 [&machine, started = seconds_since_start()](const Result<std::string>& answer) {
                                   machine.record("check sshd", started);
                                   take_sshd_check(machine, answer);
                                 }});
}

}  // namespace

void start_look_at_sshd(Machine& machine) {
  Status made = make_folders("/run/sshd");
  if (!made) machine.note_problem(made.error());
  start_work(*machine.loop, {.name = "looking at sshd",
                             .limit = sshd_check_limit,
                             .run = [] { return check_answer(find_unknown_options(sshd_path)); },
                             .ended =
                                 [&machine, started = seconds_since_start()](const Result<std::string>& answer) {
                                   machine.record("look at sshd", started);
                                   machine.sshd_without = options_of(answer ? answer->substr(1) : "");
                                   when_random(machine, [&machine] { start_sshd_check(machine); });
                                 }});
}

void start_network(Machine& machine) {
  machine.network = std::make_unique<Network>(
      *machine.loop, machine.services,
      NetworkOptions{.busybox = busybox_path,
                     .dhcp_script = dhcp_script_path,
                     .dhcp6_client = dhcp6_path,
                     .lease_folder = std::string(lease_folder),
                     .resolv_conf = "/etc/resolv.conf",
                     .link_local_ipv4 = is_asked_before_dhcp(read_platform())},
      [&machine](const std::string& line) { machine.note_problem(line); },
      [&machine] { take_network_change(machine); });
  machine.check(machine.network->start());
  take_network_plan(machine);  // what the firmware had came at once
}

void start_sshd(Machine& machine) {
  machine.sshd_had_its_turn = true;
  if (!has_sshd(machine.report.access)) return;
  static_cast<void>(machine.loop->run_until([&] { return machine.sshd_without.has_value(); }, sshd_check_limit));
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

/// The original system is asked while there is time left to use what it says.
void await_network(Machine& machine) {
  if (machine.network->interfaces().empty()) start_loading_drivers(machine, {.all_devices = true});
  const auto started = Clock::now();
  const auto settled = [&] { return machine.network->settled(); };
  static_cast<void>(machine.loop->run_until(settled, login_network_limit / 2));
  if (machine.network->addresses().empty()) ask_for_original_network(machine);
  const auto left = login_network_limit - std::chrono::duration_cast<Milliseconds>(Clock::now() - started);
  if (machine.network->addresses().empty() && left > Milliseconds(0))
    static_cast<void>(
        machine.loop->run_until([&] { return !machine.network->addresses().empty() && settled(); }, left));
}

/// Whoever started the machine may wait for it; a host that does not answer costs nothing here.
void notify_vmm(Machine& machine) {
  const std::string address = machine.sources->merged().notify_socket.value;
  if (address.empty()) return;
  start_work(*machine.loop, {.name = "telling the host that the system is ready",
                             .limit = Milliseconds(10000),
                             .run =
                                 [address, kernel = machine.report.image.kernel] {
                                   load_module(kernel, "vmw_vsock_virtio_transport");
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

void say_all_ready(Machine& machine) {
  machine.say_lines("\n" + head_text(machine.report) + "\n");
  if (machine.report.access.ssh && machine.host_key) machine.say_lines(host_key_blocks(*machine.host_key));
  say_ready(machine);
}

void announce_ready(Machine& machine) {
  take_network_change(machine);
  machine.report.ready = seconds_since_start();
  machine.announced_addresses = machine.network->addresses();
  say_all_ready(machine);
  notify_vmm(machine);
  machine.publish_report();
}

}  // namespace lifeboat::init
