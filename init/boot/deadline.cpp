#include "init/boot/deadline.hpp"

#include <unistd.h>

#include <cstdlib>

#include "init/boot/session_end.hpp"
#include "init/boot/unmounting.hpp"
#include "init/sys/worker.hpp"

namespace lifeboat::init {
namespace {

using contract::AtDeadline;
using contract::Deadline;

/// Seconds after the start for shell prompts, which subtract what /proc/uptime says.
constexpr const char* deadline_file = "/run/lifeboat/deadline";
/// What agetty shows above a login prompt.
constexpr const char* issue_file = "/etc/issue.d/lifeboat-deadline.issue";
constexpr Milliseconds unmount_limit{60'000};
/// A clock that was set: what was shown is no longer true.
constexpr std::int64_t noticeable = 5;  // seconds

struct Given {
  Deadline deadline;
  std::string origin;
};

std::string is_set_but(const Sourced& source, const std::string& why) {
  return source.origin + ": its deadline \"" + source.value.substr(0, 100) + "\" is not kept: " + why;
}

/// A time that is past already when the system starts is more likely a wrong clock than a wish; kept, it could reboot
/// the machine for ever.
std::optional<Given> given_by_source(Machine& machine) {
  const Sourced source = machine.sources->merged().deadline;
  if (source.value.empty()) return std::nullopt;
  const auto deadline = contract::parse_deadline(source.value);
  if (!deadline) {
    machine.note_problem(is_set_but(source, "it is not " + std::string(contract::deadline_forms)));
    return std::nullopt;
  }
  const ClockTimes clocks = read_clocks();
  const bool is_kept_already = machine.session.deadline == deadline;
  if (deadline->absolute && time_left(*deadline, clocks) <= 0 && !is_kept_already) {
    machine.note_problem(is_set_but(source, "this machine's clock says " + time_text(clocks.since_1970 / 1000)));
    return std::nullopt;
  }
  return Given{*deadline, source.origin};
}

std::optional<Given> given(Machine& machine) {
  if (auto by_source = given_by_source(machine)) return by_source;
  const auto by_recipe = contract::parse_deadline(machine.report.image.deadline);
  if (!by_recipe) return std::nullopt;
  return Given{*by_recipe, "recipe"};
}

void show(Machine& machine, const DeadlineReport& deadline) {
  machine.report.deadline = deadline;
  machine.check(replace_file(deadline_file, std::to_string(deadline.uptime) + "\n"));
  machine.check(replace_file(issue_file, "The session ends at " + time_text(deadline.time) + ".\n\n"));
  if (machine.report.ready) machine.publish_report();
}

/// By the clocks as they are now.
DeadlineReport describe(const Machine& machine, std::string origin) {
  const ClockTimes clocks = read_clocks();
  const std::int64_t left = time_left(*machine.session.deadline, clocks);
  return {std::move(origin), (clocks.since_start + left) / 1000, (clocks.since_1970 + left) / 1000,
          machine.report.image.at_deadline};
}

void show_changes(Machine& machine) {
  const DeadlineReport& shown = *machine.report.deadline;
  const DeadlineReport now = describe(machine, shown.origin);
  if (std::abs(now.uptime - shown.uptime) >= noticeable || std::abs(now.time - shown.time) >= noticeable)
    show(machine, now);
}

void after_unmounting(Machine& machine, const Result<std::string>& answer) {
  for (const std::string& line : answer ? lines_of(*answer) : std::vector{answer.error()}) machine.note_problem(line);
  machine.tell_everybody(answer && answer->empty()
                             ? "The disks are synced and unmounted. Nothing is lost when the machine is stopped now."
                             : "Not all disks could be unmounted; `rescue` shows which, and who uses them.");
}

/// The system stays on, and so do those who are logged in, until the platform stops it.
void unmount_and_stay(Machine& machine) {
  machine.tell_everybody("THE SESSION'S TIME IS UP: disks are synced and unmounted now.");
  start_work(*machine.loop,
             {.name = "unmounting the session's disks",
              .limit = unmount_limit,
              .run = [] { return unmount_session(Clock::now() + unmount_limit - Milliseconds(2000)); },
              .ended = [&machine](const Result<std::string>& answer) { after_unmounting(machine, answer); }});
}

void end_at_deadline(Machine& machine) {
  machine.session.over = true;
  const AtDeadline then = machine.report.image.at_deadline;
  if (then == AtDeadline::stay) return unmount_and_stay(machine);
  const bool reboots = then == AtDeadline::reboot;
  machine.tell_everybody(std::string("THE SESSION'S TIME IS UP: the machine ") +
                         (reboots ? "reboots now." : "powers off now."));
  end_session(machine, reboots ? SessionEnd::reboot : SessionEnd::power_off, "the session's time is up");
}

/// Each time a little happens: at a warning, at the deadline, at least twice a minute.
void look_at_clock(Machine& machine) {
  Machine::Session& session = machine.session;
  if (!session.deadline || session.over) return;
  show_changes(machine);
  const std::int64_t left = time_left(*session.deadline, read_clocks());
  if (left <= 0) return end_at_deadline(machine);
  if (session.warnings.is_due(left))
    machine.tell_everybody("This session ends in " + time_words(left + 999) + " (" +
                           time_text(machine.report.deadline->time) +
                           "): disks are synced and unmounted then. Finish and save what you do.");
  session.look = machine.loop->after(Milliseconds(session.warnings.until_next_look(left) + 1),
                                     [&machine] { look_at_clock(machine); });
}

void forget_deadline(Machine& machine) {
  machine.session.deadline.reset();
  machine.report.deadline.reset();
  for (const char* file : {deadline_file, issue_file}) ::unlink(file);
}

}  // namespace

void take_deadline(Machine& machine) {
  const auto found = given(machine);
  if (!found) return forget_deadline(machine);
  Machine::Session& session = machine.session;
  if (session.deadline == found->deadline) return;
  machine.loop->cancel(session.look);
  session = {.deadline = found->deadline, .warnings = Warnings(time_left(found->deadline, read_clocks()))};
  show(machine, describe(machine, found->origin));
  look_at_clock(machine);
}

}  // namespace lifeboat::init
