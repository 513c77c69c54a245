#include "init/boot/sources.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>

#include "init/access/accounts.hpp"
#include "init/access/keys.hpp"
#include "init/access/password.hpp"
#include "init/access/random_password.hpp"
#include "init/access/shadow.hpp"
#include "init/boot/deadline.hpp"
#include "init/boot/devices.hpp"
#include "init/boot/drivers.hpp"
#include "init/boot/login.hpp"
#include "init/boot/network_plan.hpp"
#include "init/contract/text.hpp"
#include "init/source/agent.hpp"
#include "init/sys/folder.hpp"
#include "init/sys/mount.hpp"

namespace lifeboat::init {
namespace {

/// The sources' own budget and what their last workers may take beyond it.
constexpr Milliseconds sources_limit{22'000};

/// Of the first card whose DHCP server has a name for this machine; what it calls every machine is none.
std::string host_name_of_leases(const Machine& machine) {
  if (machine.network)
    for (const Interface& card : machine.network->interfaces())
      if (card.lease && !card.lease->hostname.empty() && !card.lease->hostname.starts_with("localhost"))
        return card.lease->hostname;
  return {};
}

/// "web1.example.org" -> "web1-rescue": the prompt tells where one is.
void set_host_name(Machine& machine, const std::string& given) {
  std::string name = given.substr(0, std::min<std::size_t>(given.find('.'), 50));
  name = is_host_name(name) ? name + "-rescue" : "rescue";
  if (machine.in_force.host_name == name) return;
  machine.in_force.host_name = name;
  if (::sethostname(name.data(), name.size()) != 0) machine.note_problem("setting the host name " + name);
  machine.check(replace_file("/etc/hostname", name + "\n"));
}

/// Keys are for whoever logs in: all accounts share root's home.
void take_keys(Machine& machine, const Merged& merged) {
  AccessReport& access = machine.report.access;
  std::vector<std::string> lines;
  access.key_origins.clear();
  for (const auto& [user, account] : merged.accounts) {
    for (const std::string& key : account.keys)
      if (std::ranges::find(lines, key) == lines.end()) lines.push_back(key);
    access.key_origins.insert(access.key_origins.end(), account.key_origins.begin(), account.key_origins.end());
  }
  CheckedKeys keys = check_public_keys(lines);
  for (const std::string& refused : keys.refused) machine.note_problem("an SSH " + refused);
  if (keys.good == machine.in_force.keys) return;
  Status written = write_authorized_keys("", keys.good);
  machine.check(written);
  if (!written) return;
  access.keys = keys.good.size();
  machine.in_force.keys = std::move(keys.good);
}

/// Where the recipe says so, rather than locking everybody out: a password that is shown once, and kept nowhere.
void make_fallback(Machine& machine) {
  auto password = make_random_password();
  auto hash = password ? hash_password(*password) : Result<std::string>(password.failure());
  if (!hash) return machine.note_problem(hash.error());
  machine.fallback_hash = std::move(*hash);
  constexpr std::string_view words = "\nNo source lets anybody in. root's password, shown here once: ";
  std::string line;
  line.reserve(words.size() + password->view().size());  // it does not grow out of a place that nobody wipes
  line.append(words).append(password->view());
  machine.say_lines(line);
  Secret::wipe(line);
}

/// Without a password from a source root is locked, whatever the image says: there is no default password.
bool set_password(Machine& machine, const std::string& user, const std::string& hash) {
  const auto before = machine.in_force.hashes.find(user);
  if (before != machine.in_force.hashes.end() && before->second == hash) return true;
  const Status set = set_password_hash("/etc/shadow", user, hash.empty() ? locked_password : hash);
  machine.check(set);
  if (set) machine.in_force.hashes[user] = hash;
  return static_cast<bool>(set);
}

void take_password(Machine& machine, const std::string& user, const Account& account, const Sourced& hash) {
  if (!set_password(machine, user, hash.value) || (hash.value.empty() && account.keys.empty())) return;
  AccessReport& access = machine.report.access;
  access.users.push_back(user);
  if (!hash.value.empty()) access.password_origin = hash.origin;
  access.password = access.password || !hash.value.empty();
}

/// What the platform calls a user may be none here ("Admin"), or another's of the image: root has his login then.
void give_to_root_what_has_no_account(Machine& machine, Merged& merged) {
  Account& root = merged.accounts["root"];
  std::erase_if(merged.accounts, [&](auto& entry) {
    auto& [user, account] = entry;
    const bool known = user == "root" || machine.in_force.hashes.contains(user);  // made before: it is not made anew
    const Status there = known ? Status(Done{}) : add_account("/etc/passwd", "/etc/shadow", user);
    if (there) return false;
    machine.note_problem(there.error() + ": what is for him is root's");
    if (root.password_hash.value.empty()) root.password_hash = account.password_hash;
    root.keys.insert(root.keys.end(), account.keys.begin(), account.keys.end());
    root.key_origins.insert(root.key_origins.end(), account.key_origins.begin(), account.key_origins.end());
    return true;
  });
}

void take_passwords(Machine& machine, const Merged& merged) {
  machine.report.access.users.clear();
  machine.report.access.password = false;
  const Sourced fallback{machine.fallback_hash, "init (a random one, shown once on the consoles)"};
  for (const auto& [user, account] : merged.accounts) {
    const bool needs_fallback = user == "root" && account.password_hash.value.empty();
    take_password(machine, user, account, needs_fallback ? fallback : account.password_hash);
  }
}

void take_reports(Machine& machine) {
  AccessReport& access = machine.report.access;
  access.sources.clear();
  for (const SourceReport& report : machine.sources->reports()) {
    access.sources.push_back({report.name, report.result, report.text});
    if (report.result == "failed") machine.note_problem(report.text);
  }
  for (const Answer* answer : machine.sources->answers())
    for (const std::string& note : answer->notes) machine.note_problem(answer->origin + ": " + note);
}

/// Nova shows another password than the drive holds then, and nothing in the guest can tell.
void warn_of_stale_password(Machine& machine) {
  const AccessReport& access = machine.report.access;
  const MediumReport& medium = machine.report.medium;
  const bool openstack = read_platform().product_name.starts_with("OpenStack");
  if (!openstack || !access.password || !access.password_origin.starts_with("config drive") || medium.kind != "disk" ||
      !is_stable_device_rescue(medium.disk))
    return;
  machine.note_problem(
      "the password may be an old one: in OpenStack's stable-device rescue the config drive is that of the server's "
      "creation. Where the rescue password is refused, log in with an SSH key or with the password from the server's "
      "creation; the cloud can leave hw_rescue_device and hw_rescue_bus off this image");
}

/// What is in force now, and what it was before.
void take_merged(Machine& machine) {
  Merged merged = machine.sources->merged();
  give_to_root_what_has_no_account(machine, merged);
  take_passwords(machine, merged);
  take_keys(machine, merged);
  take_host_name(machine);
  take_reports(machine);
  warn_of_stale_password(machine);
}

/// An answer, or the word that there is none, that came when the others were in force already.
void take_late_answer(Machine& machine) {
  const AccessReport before = machine.report.access;
  take_merged(machine);
  take_deadline(machine);
  const AccessReport& now = machine.report.access;
  if (now.password && (!before.password || before.password_origin != now.password_origin))
    machine.say("A password for " + now.users.front() + " came from the " + now.password_origin + ".");
  if (now.keys > before.keys)
    machine.say(std::to_string(now.keys - before.keys) + " more SSH keys came from the " + now.key_origins.back() +
                ".");
  const bool other_rules = now.password != before.password || (now.keys != 0) != (before.keys != 0);
  if (other_rules && machine.sshd_had_its_turn) restart_sshd(machine);  // it may run by the old rules, READY or not
  if (machine.report.ready) machine.publish_report();
}

/// Agents leave their answers in a folder (source/agent.hpp).
void follow_answers(Machine& machine) {
  const std::string folder(answers_folder);
  Status made = make_folders(folder);
  auto watch = made ? FolderWatch::open(folder) : Result<FolderWatch>(made.failure());
  if (!watch) return machine.note_problem(watch.error());
  machine.answers = std::move(*watch);
  machine.check(machine.loop->watch(machine.answers->fd(), EPOLLIN, [&machine, folder](std::uint32_t) {
    machine.answers->receive([&](const std::string& name) {
      if (name == renew_network_request && machine.network) return machine.network->renew();
      if (name == network_by_hand) return take_network_by_hand(machine, folder + "/" + name);
      auto text = read_file(folder + "/" + name);
      if (text) machine.sources->take_agent_answer(name, *text);
    });
  }));
}

void start_agents(Machine& machine, const Platform& platform) {
  for (const Source& source : all_sources()) {
    const auto* agent = std::get_if<AgentSource>(&source.how);
    if (agent == nullptr || agent->belongs(platform) == Belonging::no) continue;
    const std::string name(agent->agent);
    machine.services.start({.name = "agent-" + name, .command = [name] {
                              return Command{.argv = {agent_path, name}};
                            }});
  }
}

}  // namespace

/// The first disk of its kind ends in an 'a', or is nvme0n1.
bool is_stable_device_rescue(const std::string& medium_disk) {
  return !medium_disk.empty() && !medium_disk.ends_with('a') && medium_disk != "nvme0n1";
}

void take_host_name(Machine& machine) {
  const std::string given = machine.sources->merged().hostname.value;
  set_host_name(machine, given.empty() ? host_name_of_leases(machine) : given);
}

void start_sources(Machine& machine) {
  const std::string kernel = machine.report.image.kernel;
  Platform platform = read_platform();
  platform.own_disk = machine.report.medium.disk;
  platform.recipe_network = machine.report.image.network_config;
  machine.sources = std::make_unique<SourceSearch>(
      *machine.loop,
      SearchOptions{.platform = platform,
                    .hash = hash_password,
                    .check = check_password_hash,
                    .check_key = check_public_key,
                    .load_module = [kernel](const std::string& name) { load_module(kernel, name); }},
      [&machine] {
        take_network_plan(machine);
        if (machine.access_taken && !machine.ending) take_late_answer(machine);
      });
  machine.sources->start();
  follow_answers(machine);
  start_agents(machine, platform);
}

namespace {

std::string server_of(const Lease& lease) { return lease.server.is_none() ? "" : to_text(lease.server); }

/// Of one family, without link-local ones.
std::vector<std::string> addresses_of(const Interface& card, bool ipv6) {
  std::vector<std::string> texts;
  for (const LinkAddress& address : card.addresses)
    if (address.ipv6 == ipv6) texts.push_back(address.text);
  return texts;
}

}  // namespace

void tell_sources_of_network(Machine& machine) {
  if (!machine.sources || !machine.network) return;
  for (const Interface& card : machine.network->interfaces()) {
    const std::string server = card.lease ? server_of(*card.lease) : "";
    if (can_send_ipv4(card)) machine.sources->ask_over(card.link.name, {false, addresses_of(card, false), server});
    if (card.link_local) machine.sources->ask_over(card.link.name, {true, addresses_of(card, true), ""});
  }
  if (machine.network->settled()) machine.sources->network_settled();
}

/// The initramfs has the drivers of common machines. Where they lead to no source, the root's may.
void await_sources(Machine& machine) {
  const auto found = [&] { return machine.sources->merged().lets_somebody_in(); };
  const auto first_look = [&] {
    if (machine.drivers.loading) return false;
    take_pending_devices(machine);  // a drive whose driver was the last one
    return found() || machine.sources->looked_at_all();
  };
  const auto sure = [&] { return machine.sources->has_login_beyond_disks(); };
  const auto until = Clock::now() + sources_limit;
  const auto await = [&](const std::function<bool()>& done) {
    const auto left = std::chrono::duration_cast<Milliseconds>(until - Clock::now());
    static_cast<void>(machine.loop->run_until(done, std::max(left, Milliseconds(0))));
  };
  await([&] { return sure() || first_look(); });
  let_dhcp_begin(machine);
  if (!found()) start_loading_drivers(machine, {.all_devices = true});
  await([&] { return sure() || !machine.drivers.loading; });
  machine.sources->drivers_are_loaded(!machine.drivers.held_up);
  const auto settled = [&] {
    tell_sources_of_network(machine);
    return machine.sources->settled();
  };
  await(settled);
}

void set_password_and_keys(Machine& machine) {
  if (machine.report.image.random_password && !machine.sources->merged().lets_somebody_in()) make_fallback(machine);
  take_merged(machine);
  machine.access_taken = true;
}

}  // namespace lifeboat::init
