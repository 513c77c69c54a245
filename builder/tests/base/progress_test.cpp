// The three forms of progress: a log, a terminal (a real pseudo-terminal), events.
#include "builder/base/progress.hpp"

#include <nlohmann/json.hpp>
#include <regex>
#include <stdexcept>
#include <thread>

#include "builder/base/text.hpp"
#include "builder/tests/base/captured.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace {

using Lines = std::vector<std::string>;
using Json = nlohmann::json;

std::string logged(const std::function<void()>& body) { return written_to(2, body); }

/// A terminal that can do what progress needs, without colour unless the test sets otherwise.
struct Terminal {
  Variable term{"TERM", "xterm"};
  Variable no_colour{"NO_COLOR", "1"};
};

/// Without the line that was drawn last.
std::string before_last_draw(const std::string& bytes) { return bytes.substr(0, bytes.rfind("\r\x1b[K")); }

std::vector<Json> events_of(const std::function<void()>& body) {
  std::vector<Json> events;
  const std::string text = written_to(1, body);
  REQUIRE((text.empty() || text.ends_with('\n')));
  for (const std::string_view line : split_lines(text)) events.push_back(Json::parse(line));
  return events;
}

void fail_in_step(Progress& progress) {
  try {
    Progress::Step step(progress, "fetch");
    throw std::runtime_error("gone");
  } catch (const std::runtime_error&) {
    // The step has said what there is to say.
  }
}

constexpr std::size_t rounds = 1000;

/// Two threads, each with steps of its own, as fast as they can: two lines each round.
void run_beside_each_other(Progress& progress) {
  const auto work = [&](const std::string& name) {
    for (std::size_t round = 0; round < rounds; ++round) {
      Progress::Step step(progress, name);
      for (std::uint64_t i = 1; i <= 10; ++i) step.update(i, 10);
      progress.note("a fact of " + name);
      step.done("all of it");
    }
  };
  std::thread other([&] { work("other"); });
  work("one");
  other.join();
}

}  // namespace

TEST_CASE("a step is one line with its result and its duration") {
  const std::string text = logged([] {
    Progress progress;
    Progress::Step step(progress, "fetch");
    step.update(1, 2);
    step.done("162 packages, 89.1 MiB");
  });
  CAPTURE(text);
  CHECK(std::regex_match(text, std::regex(R"(  fetch +162 packages, 89\.1 MiB +[0-9]+\.[0-9] s\n)")));
}

TEST_CASE("a step that an error leaves says so, also when it came far") {
  CHECK(logged([] {
          Progress progress;
          fail_in_step(progress);
        }) == "  fetch         failed\n");
}

TEST_CASE("a step whose result was there already is marked, not timed") {
  const std::string text = logged([] {
    Progress progress;
    Progress::Step(progress, "unpack").skipped("162 packages");
  });
  CHECK(std::regex_match(text, std::regex("  unpack +162 packages +cached\n")));
}

TEST_CASE("a step that is done while an older error is on its way is not a failed one") {
  struct AtExit {
    Progress& progress;
    ~AtExit() { Progress::Step(progress, "clean up").done("all"); }
  };
  const std::string text = logged([] {
    Progress progress;
    try {
      const AtExit at_exit{progress};
      throw std::runtime_error("gone");
    } catch (const std::runtime_error&) {
      // What the step said on the way is looked at.
    }
  });
  CHECK(text.find("failed") == std::string::npos);
}

TEST_CASE("a quiet build prints no progress") {
  const auto body = [] {
    Progress progress(true);
    progress.start("building", {});
    progress.note("a fact");
    progress.warning("a doubt");
    Progress::Step step(progress, "fetch");
    step.update(1, 2);
    step.done("all");
  };
  CHECK(logged(body).empty());
  CHECK(written_to(1, body).empty());
}

TEST_CASE("notes and warnings are lines, and what comes from outside cannot move the cursor") {
  CHECK(logged([] { Progress().note("a fact"); }) == "  a fact\n");
  CHECK(logged([] { Progress().warning("a doubt\nand why"); }) == "  warning: a doubt\n  and why\n");
  CHECK(logged([] { Progress().note("a\x1b[2Jb\rc"); }) == "  a\\x1b[2Jb\\x0dc\n");
  CHECK(logged([] { Progress().start("building it", {{"output", "out"}}); }) == "  building it\n");
}

TEST_CASE("a log has neither carriage returns nor escape codes, and each line is whole") {
  const std::string text = logged([] {
    Progress progress;
    run_beside_each_other(progress);
  });
  CHECK(text.find_first_of("\r\x1b") == std::string::npos);
  const auto lines = split_lines(text);
  CHECK(lines.size() == 4 * rounds);
  for (const std::string_view line : lines)
    CHECK((line == "  a fact of one" || line == "  a fact of other" || line.ends_with(" s")));
}

TEST_CASE("a terminal shows a bar while a step lasts, and its result in the same place") {
  const Terminal terminal;
  const std::string bytes = written_to_terminal(80, [] {
    Progress progress;
    Progress::Step step(progress, "fetch");
    step.update(std::uint64_t{25} << 20, std::uint64_t{100} << 20);
  });
  CHECK(bytes.find("\r\x1b[K  fetch         [######..................] 25.0 MiB of 100.0 MiB") != std::string::npos);
  const Lines screen = screen_after(bytes, 80);
  REQUIRE(screen.size() == 2);
  CHECK(std::regex_match(screen[0], std::regex("  fetch {60,70}[0-9]+\\.[0-9] s")));
  CHECK(screen[1].empty());
}

TEST_CASE("a terminal shows notes above the step that goes on") {
  const Terminal terminal;
  const std::string bytes = written_to_terminal(80, [] {
    Progress progress;
    Progress::Step step(progress, "fetch");
    step.update(1, 2);
    progress.note("a fact");
  });
  const Lines screen = screen_after(before_last_draw(bytes), 80);
  REQUIRE(screen.size() == 2);
  CHECK(screen[0] == "  a fact");
  CHECK(screen[1] == "  fetch         [############............] 1 B of 2 B");
}

TEST_CASE("of two steps side by side a terminal shows the one that moved last, and each has its line at the end") {
  const Terminal terminal;
  std::string bytes = written_to_terminal(80, [] {
    Progress progress;
    Progress::Step fetch(progress, "fetch");
    Progress::Step unpack(progress, "unpack", StepUnit::things);
    unpack.update(2, 4);
    fetch.update(1, 4);
    progress.note("a fact");
    fetch.done("4 files");
    unpack.done("4 packages");
  });
  const Lines ended = screen_after(bytes, 80);
  REQUIRE(ended.size() == 4);
  CHECK(ended[1].starts_with("  fetch         4 files "));
  CHECK(ended[2].starts_with("  unpack        4 packages "));
  CHECK(ended[3].empty());
  bytes = before_last_draw(bytes);
  CHECK(screen_after(bytes, 80).back() == "  unpack        [############............] 2 of 4");
  bytes = before_last_draw(bytes);
  CHECK(screen_after(bytes, 80) == Lines{"  a fact", "  fetch         [######..................] 1 B of 4 B"});
}

TEST_CASE("steps of two threads never spoil each other's lines on a terminal") {
  const Terminal terminal;
  const std::string bytes = written_to_terminal(80, [] {
    Progress progress;
    run_beside_each_other(progress);
  });
  const Lines screen = screen_after(bytes, 80);
  REQUIRE(screen.size() == 4 * rounds + 1);
  CHECK(screen.back().empty());
  for (std::size_t i = 0; i + 1 < screen.size(); ++i) {
    CAPTURE(screen[i]);
    CHECK((screen[i] == "  a fact of one" || screen[i] == "  a fact of other" || screen[i].ends_with(" s")));
  }
}

TEST_CASE("a narrow terminal gets lines that fit, and one that does not say its width has 80 columns") {
  const Terminal terminal;
  const unsigned short columns = GENERATE(as<unsigned short>{}, 0, 1, 2, 10, 24, 40, 60, 79, 81, 200);
  const std::size_t width = columns == 0 ? 80 : columns;
  const std::string bytes = written_to_terminal(columns, [] {
    Progress progress;
    for (const char* name : {"fetch", "a step with a long name that goes on"}) {
      Progress::Step step(progress, name);
      step.update(std::uint64_t{25} << 20, std::uint64_t{100} << 20);
      step.done("162 files in /home/somebody/with/a/long/name/.cache/lifeboat/and/more");
    }
  });
  CAPTURE(columns, bytes);
  CHECK(screen_after(bytes, width).size() == 3);
}

TEST_CASE("colour is for terminals, and NO_COLOR switches it off") {
  const auto body = [] {
    Progress progress;
    Progress::Step(progress, "unpack").skipped("all");
    Progress::Step fetch(progress, "fetch");
    fetch.update(1, 2);
    progress.warning("a doubt");
    fail_in_step(progress);
  };
  const Variable term("TERM", "xterm");
  for (const char* not_set : {static_cast<const char*>(nullptr), ""}) {
    const Variable no_colour("NO_COLOR", not_set);
    const std::string bytes = written_to_terminal(80, body);
    for (const char* piece : {"\x1b[2mcached\x1b[0m", "[\x1b[32m############\x1b[0m....",
                              "\x1b[33mwarning:\x1b[0m a doubt", "\x1b[31mfailed\x1b[0m"}) {
      CAPTURE(piece);
      CHECK(bytes.find(piece) != std::string::npos);
    }
    CHECK(logged(body).find('\x1b') == std::string::npos);
  }
  const Variable no_colour("NO_COLOR", "1");
  CHECK(written_to_terminal(80, body).find("\x1b[3") == std::string::npos);
}

TEST_CASE("a terminal that can do nothing gets plain lines") {
  const char* term = GENERATE(as<const char*>{}, "dumb", "", nullptr);
  const Variable variable("TERM", term);
  const std::string bytes = written_to_terminal(80, [] {
    Progress progress;
    Progress::Step step(progress, "fetch");
    step.update(1, 2);
    step.done("all");
  });
  CHECK(bytes.find('\x1b') == std::string::npos);
  CHECK(std::regex_match(bytes, std::regex("  fetch +all +[0-9.]+ s\r\n")));  // the terminal itself adds the return
}

TEST_CASE("a build that is left by an error leaves a clean line for its message") {
  const Terminal terminal;
  const std::string bytes = written_to_terminal(80, [] {
    Progress progress;
    progress.note("building");
    fail_in_step(progress);
  });
  CHECK(screen_after(bytes, 80) == Lines{"  building", "  fetch         failed", ""});
}

TEST_CASE("for a pipeline each event is a line of JSON on standard output, and standard error stays empty") {
  std::vector<Json> events;
  const std::string errors = logged([&] {
    events = events_of([] {
      Progress progress(Progress::Options{.quiet = false, .json = true});
      progress.start("building", {{"title", "An image"}, {"outputs", Lines{"a", "b"}}});
      Progress::Step fetch(progress, "fetch");
      fetch.update(1, 2);
      progress.note("a fact");
      progress.warning("a doubt");
      fetch.done("2 files");
      Progress::Step(progress, "unpack").skipped("2 packages");
      fail_in_step(progress);
      progress.done("built", {{"seconds", 1.5}, {"size", std::uint64_t{7}}});
    });
  });
  CHECK(errors.empty());
  for (Json& event : events)
    if (event.contains("seconds") && event["event"] != "done") {
      CHECK(event["seconds"].is_number_float());
      event.erase("seconds");
    }
  CHECK(events == std::vector<Json>{
                      {{"event", "start"}, {"title", "An image"}, {"outputs", {"a", "b"}}},
                      {{"event", "step"}, {"name", "fetch"}},
                      {{"event", "progress"}, {"name", "fetch"}, {"done", 1}, {"total", 2}, {"unit", "bytes"}},
                      {{"event", "note"}, {"text", "a fact"}},
                      {{"event", "warning"}, {"text", "a doubt"}},
                      {{"event", "step-done"}, {"name", "fetch"}, {"result", "2 files"}},
                      {{"event", "step"}, {"name", "unpack"}},
                      {{"event", "step-skipped"}, {"name", "unpack"}, {"result", "2 packages"}},
                      {{"event", "step"}, {"name", "fetch"}},
                      {{"event", "step-failed"}, {"name", "fetch"}},
                      {{"event", "done"}, {"seconds", 1.5}, {"size", 7}},
                  });
}

TEST_CASE(
    "events of steps side by side never mix, each step has an end, and progress comes ten times a second at most") {
  const auto start = std::chrono::steady_clock::now();
  const std::vector<Json> events = events_of([] {
    Progress progress(Progress::Options{.quiet = false, .json = true});
    Progress::Step step(progress, "busy");
    for (std::uint64_t i = 0; i < 100'000; ++i) step.update(i, 100'000);
    run_beside_each_other(progress);
  });
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::map<std::string, std::size_t> counts;
  int busy = 0;
  for (const Json& event : events) {
    ++counts[event.at("event")];
    if (event.at("event") == "progress" && event.at("name") == "busy") ++busy;
  }
  CHECK(counts["step"] == 2 * rounds + 1);
  CHECK(counts["step-done"] == 2 * rounds + 1);
  CHECK(counts["note"] == 2 * rounds);
  CHECK(busy >= 1);
  CHECK(busy <= 1 + took.count() * 10);
}

TEST_CASE("an event is valid JSON on one line, whatever the texts hold") {
  const std::string text = event_text("note", {{"text", std::string("a \"quote\"\n\x01 \xff broken, Öfen")}});
  CHECK(text.find('\n') == text.size() - 1);
  CHECK(Json::parse(text).at("text") == "a \"quote\"\n\x01 \xef\xbf\xbd broken, Öfen");
  CHECK(event_text("step", {{"b", "1"}, {"a", std::uint64_t{2}}}) == "{\"event\":\"step\",\"b\":\"1\",\"a\":2}\n");
}

TEST_CASE("an error is an event with its hint") {
  CHECK(written_to(1, [] { print_error_event("fetching x: no", "check the network"); }) ==
        "{\"event\":\"error\",\"what\":\"fetching x: no\",\"hint\":\"check the network\"}\n");
}
