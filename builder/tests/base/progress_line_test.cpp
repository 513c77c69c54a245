// The lines themselves, and the rate in them: what depends on time is given, not waited for.
#include "builder/base/progress_line.hpp"

#include <cmath>

#include "builder/base/rate.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace {

constexpr std::uint64_t mebibyte = 1 << 20;

StepView fetching() {
  return {.name = "fetch", .done = 25 * mebibyte, .total = 100 * mebibyte, .rate = 5.0 * mebibyte, .seconds = 5};
}

std::string at_width(std::size_t columns) { return live_line(fetching(), {.columns = columns}); }

Rate::Clock::time_point at(double seconds) {
  return Rate::Clock::time_point(
      std::chrono::duration_cast<Rate::Clock::duration>(std::chrono::duration<double>(seconds)));
}

long rounded(const Rate& rate) { return std::lround(rate.per_second().value_or(-1)); }

}  // namespace

TEST_CASE("the line of a step has a bar, how much is done, the rate and the time left") {
  CHECK(at_width(100) == "  fetch         [######..................] 25.0 MiB of 100.0 MiB, 5.0 MiB/s, 15 s left");
}

TEST_CASE("on a narrow terminal the bar shrinks, then the rate goes, then the time, then the bar") {
  CHECK(at_width(80) == "  fetch         [####............] 25.0 MiB of 100.0 MiB, 5.0 MiB/s, 15 s left");
  CHECK(at_width(68) == "  fetch         [####............] 25.0 MiB of 100.0 MiB, 15 s left");
  CHECK(at_width(57) == "  fetch         [####............] 25.0 MiB of 100.0 MiB");
  CHECK(at_width(45) == "  fetch         25.0 MiB of 100.0 MiB");
  CHECK(at_width(30) == "  fetch         25.0 MiB o...");
  CHECK(at_width(3) == "..");
}

TEST_CASE("a line never fills its terminal, whatever the width") {
  for (std::size_t columns = 2; columns < 120; ++columns) {
    CAPTURE(columns);
    CHECK(at_width(columns).size() < columns);
    for (const StepEnd how : {StepEnd::done, StepEnd::skipped})
      CHECK(ended_line(fetching(), how, "162 files in a folder of a long name", {.columns = columns}).size() < columns);
  }
}

TEST_CASE("characters of several bytes are cut between, not within") {
  const StepView step{.name = "Ausgabe nach /srv/Öfen", .done = 0, .total = 0};
  CHECK(live_line(step, {.columns = 22}) == "  Ausgabe nach /sr...");
  CHECK(live_line(step, {.columns = 25}) == "  Ausgabe nach /srv/Ö...");
}

TEST_CASE("a step of which nothing is known yet shows that it goes on") {
  CHECK(live_line({.name = "resolve"}, {.columns = 80}) == "  resolve ...");
}

TEST_CASE("a total that is not known leaves the bar out") {
  CHECK(live_line({.name = "fetch", .done = 25 * mebibyte, .total = 0}, {.columns = 80}) == "  fetch         25.0 MiB");
}

TEST_CASE("things are counted, bytes are measured") {
  const StepView step{.name = "unpack", .unit = StepUnit::things, .done = 40, .total = 160, .rate = 20.0};
  CHECK(live_line(step, {.columns = 80}) == "  unpack        [######..................] 40 of 160, 20/s, 6 s left");
}

TEST_CASE("a stall has a rate of nothing and no time left") {
  StepView step = fetching();
  step.rate = 0;
  CHECK(live_line(step, {.columns = 100}) == "  fetch         [######..................] 25.0 MiB of 100.0 MiB, 0 B/s");
}

TEST_CASE("the line of an ended step keeps its duration where a terminal is narrow") {
  const StepView step{.name = "fetch", .seconds = 12.34};
  CHECK(ended_line(step, StepEnd::done, "162 files in /home/somebody/.cache/lifeboat", {.columns = 50}) ==
        "  fetch         162 files in /home/som...  12.3 s");
  CHECK(ended_line(step, StepEnd::done, "162 files", {}) ==
        "  fetch         162 files                                                 12.3 s");
}

TEST_CASE("durations are read at a glance") {
  CHECK(duration_text(45) == "45 s");
  CHECK(duration_text(125) == "2 min 5 s");
  CHECK(duration_text(3780) == "1 h 3 min");
}

TEST_CASE("a rate says nothing before half a second has been seen") {
  Rate rate;
  CHECK_FALSE(rate.per_second());
  rate.add(at(1), 1000);
  rate.add(at(1.4), 1400);
  CHECK_FALSE(rate.per_second());
  rate.add(at(1.5), 1500);
  CHECK(rounded(rate) == 1000);
}

TEST_CASE("a rate is that of the last five seconds: neither what was there at first nor a fast start counts") {
  Rate rate;
  rate.add(at(0), 1'000'000);
  for (unsigned second = 1; second <= 10; ++second) rate.add(at(second), 1'050'000 + second);
  CHECK(rounded(rate) == 1);
}

TEST_CASE("a rate after more was thrown away than came is nothing, not less") {
  Rate rate;
  rate.add(at(0), 1000);
  rate.add(at(1), 10);
  CHECK(rounded(rate) == 0);
}

TEST_CASE("a rate remembers little, however often it is told") {
  Rate rate;
  for (int i = 0; i <= 1'000'000; ++i) rate.add(at(i / 100'000.0), static_cast<std::uint64_t>(i));
  CHECK(rounded(rate) / 10'000 == 10);
}
