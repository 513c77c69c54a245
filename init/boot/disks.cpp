#include "init/boot/disks.hpp"

#include <algorithm>
#include <memory>

#include "init/boot/protection.hpp"
#include "init/sys/folder.hpp"
#include "init/sys/worker.hpp"

namespace lifeboat::init {
namespace {

/// What the consoles wait for before they show a login prompt; the report has it whenever it comes.
constexpr Milliseconds disks_patience{15'000};

/// Discovery bounds each batch of disks; this bounds discovery.
Milliseconds limit_for(const DiscoverOptions& options) {
  const auto disks = list_folder(options.sysfs_root + "/block").size();
  return options.disk_deadline * static_cast<long>(disks / options.at_once + 1) + 2 * options.layers_deadline +
         Milliseconds(10'000);
}

/// Text, JSON and what the disks were like in one answer: none holds a zero byte. Where some disks take long, first a
/// part with the text and JSON of the others.
std::string discover(const DiscoverOptions& options) {
  AsFound found;
  const auto tell = [](const DiskReport& early) { tell_part(to_text(early) + '\0' + to_json(early)); };
  const DiskReport report = discover_disks(options, &found, tell);
  return to_text(report) + '\0' + to_json(report) + '\0' + to_json(found);
}

/// Takes the answer's next part.
std::string_view take_part(std::string_view& answer) {
  const std::size_t end = std::min(answer.find('\0'), answer.size());
  const std::string_view part = answer.substr(0, end);
  answer.remove_prefix(std::min(end + 1, answer.size()));
  return part;
}

/// What `rescue exit` compares with. Disks that came later join; of one that was found before the first record counts.
Status record_as_found(std::string_view json) {
  const auto later = as_found_from_json(json);
  if (!later) return Failure{"what the disks were like could not be recorded"};
  return add_to_as_found(*later);
}

constexpr std::string_view protection_line =
    "  The kernel write-protects them; `rescue mount --write` and `rescue write DEVICE`\n  lift that for what you "
    "name.\n";

/// Takes text and JSON off the answer, and shows them.
void show(Machine& machine, std::string_view& answer) {
  machine.report.disks_text = std::string(take_part(answer)) + std::string(protection_line);
  machine.report.disks_json = take_part(answer);
  machine.say_lines(machine.report.disks_text);
}

void take(Machine& machine, double started, const Result<std::string>& answer) {
  machine.record("find what is on the disks", started);
  if (!answer) return machine.note_problem("looking at the disks: " + answer.error());
  std::string_view rest = *answer;
  show(machine, rest);
  machine.check(record_as_found(rest));
  protect_new_disks(machine);  // a look gives each device back as it met it, perhaps before it was protected
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
  DiscoverOptions options = discover_options(machine);
  options.in_background = true;
  const double started = seconds_since_start();
  const auto shown = std::make_shared<bool>(false);  // the worker may outlast this function
  const Milliseconds limit = limit_for(options);
  start_work(*machine.loop, {.name = "looking at the disks",
                             .limit = limit,
                             .run = [options] { return discover(options); },
                             .ended =
                                 [&machine, started, shown](const Result<std::string>& answer) {
                                   *shown = true;
                                   take(machine, started, answer);
                                 },
                             .part =
                                 [&machine, shown, limit](std::string early) {
                                   *shown = true;
                                   std::string_view rest = early;
                                   show(machine, rest);
                                   machine.publish_report();
                                   return limit;
                                 }});
  static_cast<void>(machine.loop->run_until([&] { return *shown; }, disks_patience));
}

}  // namespace lifeboat::init
