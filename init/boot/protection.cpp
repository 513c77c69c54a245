#include "init/boot/protection.hpp"

#include "init/boot/unmounting.hpp"
#include "init/sys/worker.hpp"
#include "init/sys/write_protection.hpp"

namespace lifeboat::init {
namespace {

/// What the next steps wait for. A disk that hangs costs protect_disks() two seconds.
constexpr Milliseconds protection_patience{2'500};
constexpr Milliseconds protection_limit{300'000};  // hundreds of disks that do not answer

void start(Machine& machine);

void take(Machine& machine, const Result<std::string>& answer) {
  machine.protection.running = false;
  if (!answer) machine.note_problem("write-protecting the disks: " + answer.error());
  for (const std::string& line : lines_of(answer.value_or(""))) machine.note_problem(line);
  if (machine.protection.again) start(machine);
}

/// One worker at a time; devices come in bursts.
void start(Machine& machine) {
  machine.protection.again = machine.protection.running;
  if (machine.protection.running) return;
  machine.protection.running = true;
  start_work(*machine.loop, {.name = "write-protecting the disks",
                             .limit = protection_limit,
                             .run = [own = machine.report.medium.disk] { return protect_all_but(own); },
                             .ended = [&machine](const Result<std::string>& answer) { take(machine, answer); }});
}

}  // namespace

void protect_all_disks(Machine& machine) {
  start(machine);
  static_cast<void>(machine.loop->run_until([&] { return !machine.protection.running; }, protection_patience));
}

void protect_new_disks(Machine& machine) {
  if (machine.in_root) start(machine);  // before, our own medium is not known yet
}

}  // namespace lifeboat::init
