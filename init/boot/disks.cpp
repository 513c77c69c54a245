#include "init/boot/disks.hpp"

#include <algorithm>
#include <memory>

#include "init/sys/folder.hpp"
#include "init/sys/spawn.hpp"
#include "init/sys/worker.hpp"

namespace lifeboat::init {
namespace {

/// What the consoles wait for before they show a login prompt; the report has it whenever it comes.
constexpr Milliseconds patience{15'000};

/// Discovery bounds each batch of disks; this bounds discovery.
Milliseconds limit_for(const DiscoverOptions& options) {
  const auto disks = list_folder(options.sysfs_root + "/block").size();
  return options.disk_deadline * static_cast<long>(disks / options.at_once + 1) + Milliseconds(10'000);
}

/// Text and JSON in one answer: neither holds a zero byte.
std::string discover(const DiscoverOptions& options) {
  run_in_background();
  const DiskReport report = discover_disks(options);
  return to_text(report) + '\0' + to_json(report);
}

void take(Machine& machine, double started, const Result<std::string>& answer) {
  machine.record("find what is on the disks", started);
  if (!answer) return machine.note_problem("looking at the disks: " + answer.error());
  const std::size_t end = std::min(answer->find('\0'), answer->size());
  machine.report.disks_text = answer->substr(0, end);
  machine.report.disks_json = answer->substr(std::min(end + 1, answer->size()));
  machine.say_lines(machine.report.disks_text);
  machine.publish_report();
}

}  // namespace

DiscoverOptions discover_options(const Machine& machine) {
  DiscoverOptions options;
  options.own_disk = machine.report.medium.disk;
  options.own_disk_is_guess = !machine.report.medium.copies.empty() && machine.report.medium.evidence.empty();
  options.build_id = machine.report.image.build_id;
  return options;
}

void look_at_disks(Machine& machine) {
  const DiscoverOptions options = discover_options(machine);
  const double started = seconds_since_start();
  const auto over = std::make_shared<bool>(false);  // the worker may outlast this function
  start_work(*machine.loop, {.name = "looking at the disks",
                             .limit = limit_for(options),
                             .run = [options] { return discover(options); },
                             .ended =
                                 [&machine, started, over](const Result<std::string>& answer) {
                                   *over = true;
                                   take(machine, started, answer);
                                 }});
  static_cast<void>(machine.loop->run_until([&] { return *over; }, patience));
}

}  // namespace lifeboat::init
