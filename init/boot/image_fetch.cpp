#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <memory>
#include <optional>

#include "init/boot/bounded.hpp"
#include "init/boot/drivers.hpp"
#include "init/boot/image_in_memory.hpp"
#include "init/boot/initramfs.hpp"
#include "init/boot/login.hpp"
#include "init/boot/medium_look.hpp"
#include "init/boot/network_report.hpp"
#include "init/contract/text.hpp"
#include "init/sys/spawn.hpp"

namespace lifeboat::init {
namespace {

constexpr int most_tries = 3;
constexpr Milliseconds no_fetched_bytes{120'000};
constexpr Milliseconds fetch_limit{3'600'000};
constexpr Milliseconds fetch_network_limit{60'000};
constexpr Milliseconds pause_before_next_try{3'000};
const std::string fetch_log = std::string(run_folder) + "/log/fetch.log";

/// The last line that wget printed.
std::string last_words() {
  const std::string log = read_file(fetch_log, 65536).value_or("");
  const auto lines = contract::split_words(log, "\r\n");
  return lines.empty() ? "" : ": " + std::string(lines.back());
}

/// Without -T: Debian 12's static busybox crashes on it; Growth has the bound.
Status fetch(Machine& machine, const std::string& url) {
  auto log = open_file(fetch_log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (!log) return log.failure();
  ::unlink(image_memory_file.c_str());
  auto pid = spawn({.argv = {busybox_path, "wget", "-q", "-O", image_memory_file, url}, .output = &*log});
  if (!pid) return pid.failure();
  const auto ended = std::make_shared<std::optional<int>>();
  machine.loop->on_child(*pid, [ended](int status) { *ended = status; });
  Growth growth(machine, "Fetching the root image", image_memory_file, machine.report.image.root_size,
                no_fetched_bytes);
  bool stalled = false;
  const auto over = [&] {
    machine.loop->after(Milliseconds(250), [] {});
    stalled = !growth.look();
    return *ended || stalled;
  };
  const bool in_time = machine.loop->run_until(over, fetch_limit);
  if (!*ended) ::kill(*pid, SIGKILL);
  const std::string what = "fetching " + url;
  if (stalled && !*ended) return Failure{what + ": nothing came for 120 seconds"};
  if (!in_time) return Failure{what + ": it took longer than an hour"};
  if (**ended != 0) return Failure{what + ": wget: " + describe_end(**ended) + last_words()};
  return Done{};
}

/// With the initramfs's drivers; what was tried is in machine.emergency where it fails.
Status bring_up_network(Machine& machine) {
  start_loading_drivers(machine, {.all_devices = true});
  static_cast<void>(machine.loop->run_until([&] { return !machine.drivers.loading; }, drivers_limit));
  if (Status kept = keep_helpers(); !kept) return kept;
  start_network(machine);
  const auto up = [&] { return !machine.network->addresses().empty() && machine.network->settled(); };
  const bool settled = machine.loop->run_until(up, fetch_network_limit);
  if (settled || !machine.network->addresses().empty()) return Done{};
  for (const Interface& card : machine.network->interfaces())
    machine.emergency.facts.push_back(card.link.name + " (" + card.link.mac + "): " +
                                      (card.link.carrier ? "no answer from a DHCP server" : "no carrier (no cable?)"));
  if (machine.emergency.facts.empty())
    machine.emergency.facts.emplace_back("the kernel knows no network card: this image's initrd has no driver for it");
  return Failure{"no network address within 60 seconds"};
}

/// Act 2 begins anew: what runs now would keep to the initramfs, which goes away.
void let_go_of_network(Machine& machine) {
  const auto cards = machine.network->interfaces();
  for (const Interface& card : cards) machine.services.stop(dhcp_service_name(card.link.name));
  const auto all_ended = [&] {
    for (const Interface& card : cards)
      if (machine.services.is_running(dhcp_service_name(card.link.name))) return false;
    return true;
  };
  static_cast<void>(machine.loop->run_until(all_ended, Milliseconds(5'000)));
  machine.network.reset();
}

/// What was fetched whole is checked; one that is wrong is fetched once more, as it may have been damaged on its way.
Status fetch_and_check(Machine& machine, const std::string& url) {
  Status done = Failure{""};
  int wrong = 0;
  for (int attempt = 1; attempt <= most_tries && wrong < 2; ++attempt) {
    machine.say("Fetching the root image (" + size_words(machine.report.image.root_size) + ") from " + url + " ...");
    done = fetch(machine, url);
    if (done) {
      done = check_image_in_memory(machine, "what came from " + url);
      if (done) return done;
      ++wrong;
    }
    machine.note_problem(done.error());
    if (attempt < most_tries && wrong < 2)
      static_cast<void>(machine.loop->run_until([] { return false; }, pause_before_next_try));
  }
  return done;
}

}  // namespace

Result<RootImage> fetch_to_memory(Machine& machine) {
  const std::string url = machine.arguments.root_url;
  machine.emergency.advice = {"Is " + url + " right, and does its server answer this machine?",
                              "Is root.squashfs there of the same build as this kernel and initrd?",
                              "The netboot medium with the root image inside the initrd needs no such server."};
  if (Status up = bring_up_network(machine); !up) return up.failure();
  if (Status mounted = mount_image_memory(machine.report.image.root_size); !mounted) return mounted.failure();
  if (Status fetched = fetch_and_check(machine, url); !fetched) return fetched.failure();
  machine.emergency = {};
  machine.say("The root image is in memory and its SHA-256 is right.");
  let_go_of_network(machine);
  return RootImage{image_memory_file, "memory, fetched from " + url};
}

}  // namespace lifeboat::init
