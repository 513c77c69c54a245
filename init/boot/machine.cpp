#include "init/boot/machine.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>

#include "init/sys/clock.hpp"
#include "init/sys/terminals.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t most_problems = 100;

}  // namespace

Machine::Machine(std::unique_ptr<Loop> event_loop, const std::vector<std::string>& names)
    : loop(std::move(event_loop)),
      consoles(names),
      services(*loop, std::string(run_folder) + "/log", [this](const std::string& line) { note_problem(line); }) {
  consoles.follow(*loop);
  loop->on_trouble([this](const std::string& what) { note_problem("the init met an internal error: " + what); });
}

void Machine::say(const std::string& line) {
  char time[32];
  std::snprintf(time, sizeof time, "[%7.2f] ", seconds_since_start());
  consoles.write_line(time + line);
}

void Machine::tell_everybody(const std::string& line) {
  say(line);
  write_to_terminals("*** Rescue system: " + line);
}

void Machine::say_lines(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  consoles.write_line(text);
}

void Machine::note_problem(const std::string& text) {
  if (std::ranges::find(report.problems, text) != report.problems.end()) return;
  if (report.problems.size() < most_problems) report.problems.push_back(text);
  say("Problem: " + text);
  if (report.ready) publish_report();
}

void Machine::check(const Status& status) {
  if (!status) note_problem(status.error());
}

void Machine::publish_report() {
  const std::string folder = run_folder;
  const Status text = replace_file(folder + "/report.txt", to_text(report));
  const Status json = replace_file(folder + "/report.json", to_json(report));
  const Status details = replace_file(folder + "/network.txt", network_text(report));
  if (text && json && details) return;
  // The same problem is noted once: this comes back here only once, too.
  note_problem("the report could not be renewed (is " + folder + " full? `df -h /run` shows it): " +
               (!text   ? text
                : !json ? json
                        : details)
                   .error());
}

void Machine::record(const std::string& name, double started) {
  report.steps.push_back({name, started, seconds_since_start()});
  if (arguments.debug) say(name + ": done");
}

void Machine::step(const std::string& name, const std::function<void(Machine&)>& run) {
  const double started = seconds_since_start();
  try {
    run(*this);
  } catch (const std::exception& error) {
    note_problem(name + ": " + error.what());
  }
  record(name, started);
}

}  // namespace lifeboat::init
