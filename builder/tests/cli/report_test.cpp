#include "builder/cli/report.hpp"

#include <csignal>

#include "builder/cli/command_line.hpp"
#include "builder/recipe/recipe.hpp"
#include "testing/catch.hpp"

namespace {
using namespace lifeboat;

TEST_CASE("an error is shown with its hint") {
  CHECK(error_text(Error("building x: no", "try y")) == "lifeboat: error: building x: no\nhint: try y\n");
}

TEST_CASE("an error without a hint is one line") { CHECK(error_text(Error("no")) == "lifeboat: error: no\n"); }

TEST_CASE("a recipe's faults are shown as they are, for editors that jump to file:line:column") {
  CHECK(error_text(RecipeError("a.toml:1:1: no\nb.toml:2:1: no")) == "a.toml:1:1: no\nb.toml:2:1: no\n");
}

TEST_CASE("an exception of the standard library is an error as well") {
  CHECK(error_text(std::runtime_error("out of luck")) == "lifeboat: error: out of luck\n");
}

TEST_CASE("control characters from outside do not reach the terminal") {
  CHECK(error_text(Error("bad name \x1b[2J", "rm \x07")) == "lifeboat: error: bad name \\x1b[2J\nhint: rm \\x07\n");
}

TEST_CASE("the exit status says what kind of failure it was") {
  CHECK(exit_status(Error("no")) == 1);
  CHECK(exit_status(std::runtime_error("no")) == 1);
  CHECK(exit_status(UsageError("no")) == 2);
  CHECK(exit_status(Interrupted(SIGINT)) == 130);
  CHECK(exit_status(Interrupted(SIGTERM)) == 143);
}

}  // namespace
