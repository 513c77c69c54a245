#include "init/sys/worker.hpp"

#include <signal.h>
#include <unistd.h>

#include <optional>
#include <stdexcept>

#include "init/sys/secret.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;

namespace {

/// What became of the work; how often it was told is checked.
std::string outcome_of(std::function<std::string()> run, Milliseconds limit = Milliseconds(10'000)) {
  const auto loop = std::move(*Loop::create());
  std::optional<std::string> told;
  int times = 0;
  start_work(*loop,
             {.name = "the work", .limit = limit, .run = std::move(run), .ended = [&](const Result<std::string>& text) {
                ++times;
                told = text ? "text: " + *text : "failure: " + text.error();
              }});
  REQUIRE(loop->run_until([&] { return told.has_value(); }, Milliseconds(20'000)));
  static_cast<void>(loop->run_until([] { return false; }, Milliseconds(20)));  // a second answer would come now
  CHECK(times == 1);
  return *told;
}

}  // namespace

TEST_CASE("a worker's text arrives whole, an empty one too") {
  CHECK(outcome_of([] { return std::string("hello\n\0world", 12); }) == std::string("text: hello\n\0world", 18));
  CHECK(outcome_of([] { return std::string(); }) == "text: ");
  CHECK(outcome_of([] { return std::string(1 << 20, 'x'); }) == "text: " + std::string(1 << 20, 'x'));
}

TEST_CASE("a worker that hangs is given up at its limit") {
  const auto started = Clock::now();
  const std::string outcome = outcome_of(
      [] {
        while (true) ::pause();
        return std::string();
      },
      Milliseconds(1000));
  CHECK(outcome == "failure: the work: no answer within 1 seconds");
  CHECK(Clock::now() - started < Milliseconds(5000));
}

TEST_CASE("parts of a worker's answer arrive as they are told, each starts a new limit, and they outlive its end") {
  const auto loop = std::move(*Loop::create());
  std::vector<std::string> parts;
  std::optional<std::string> end;
  start_work(*loop, {.name = "the work",
                     .limit = Milliseconds(20'000),
                     .run =
                         [] {
                           tell_part("");
                           tell_part(std::string("a\0=+", 4) + std::string(100'000, 'x'));
                           while (true) ::pause();
                           return std::string();
                         },
                     .ended = [&](const Result<std::string>& text) { end = text ? *text : text.error(); },
                     .part =
                         [&](std::string part) {
                           parts.push_back(std::move(part));
                           return Milliseconds(parts.size() == 2 ? 1'000 : 20'000);
                         }});
  REQUIRE(loop->run_until([&] { return end.has_value(); }, Milliseconds(15'000)));
  CHECK(parts == std::vector<std::string>{"", std::string("a\0=+", 4) + std::string(100'000, 'x')});
  CHECK(*end == "the work: no answer within 1 seconds");
}

TEST_CASE("a worker that crashes, throws or leaves in the middle is a failure") {
  CHECK(outcome_of([]() -> std::string {
          ::kill(::getpid(), SIGKILL);
          return "x";
        }) == "failure: the work: signal 9 (Killed)");
  CHECK(outcome_of([]() -> std::string { throw std::runtime_error("x"); }) == "failure: the work: exit status 2");
  CHECK(outcome_of([]() -> std::string { ::_exit(0); }) == "failure: the work: exit status 0");
}

TEST_CASE("a worker that floods is stopped") {
  CHECK(outcome_of([] { return std::string(5 << 20, 'x'); }) == "failure: the work: an answer of more than 4 MiB");
}

TEST_CASE("what a worker's child leaves open does not hold up the answer") {
  CHECK(outcome_of([] {
          if (::fork() == 0) {
            ::sleep(3);
            ::_exit(0);
          }
          return std::string("done");
        }) == "text: done");
}

TEST_CASE("a secret leaves no copy in what it was moved from") {
  std::string given = "a short one";
  const char* bytes = given.data();
  Secret first(std::move(given));
  CHECK(std::string(bytes, 11) == std::string(11, '\0'));
  Secret second(std::move(first));
  CHECK(first.empty());  // NOLINT: what is left is the point
  CHECK(second.view() == "a short one");
}
