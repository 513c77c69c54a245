// The program as a person calls it: what it prints where, and its exit status.
#include "builder/base/run.hpp"
#include "testing/catch.hpp"

namespace {
using namespace lifeboat;

Outcome lifeboat_with(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), LIFEBOAT_BINARY_DIR "/bin/lifeboat");
  return run({.argv = arguments, .directory = LIFEBOAT_SOURCE_DIR});
}

TEST_CASE("help goes to standard output and is a success") {
  const Outcome outcome = lifeboat_with({"--help"});
  CHECK(outcome.status == 0);
  CHECK(outcome.out.starts_with("Builds and tries bootable rescue images.\n"));
  CHECK(outcome.err.empty());
}

TEST_CASE("a wrong command line ends with status 2") {
  const Outcome outcome = lifeboat_with({"build", "--ofline"});
  CHECK(outcome.status == 2);
  CHECK(outcome.out.empty());
  CHECK(outcome.err == "lifeboat: error: unknown option `--ofline`\nhint: did you mean `--offline`?\n");
}

TEST_CASE("a command that fails ends with status 1 and names a hint") {
  const Outcome outcome = lifeboat_with({"build", "recipes/debian-13.toml"});
  CHECK(outcome.status == 1);
  CHECK(outcome.out.empty());
  CHECK(outcome.err.starts_with("lifeboat: error: "));
  CHECK(outcome.err.ends_with("hint: did you mean `recipes/debian-12.toml`?\n"));
}

TEST_CASE("check knows the distributions and media that Lifeboat has") {
  const Outcome outcome = lifeboat_with({"check", "builder/tests/recipe/faults/value-not-allowed.toml"});
  CHECK(outcome.status == 1);
  CHECK(outcome.out.empty());
  CHECK(outcome.err.find("`debain` is not a distribution that Lifeboat knows") != std::string::npos);
  CHECK(outcome.err.find("hint: did you mean `debian`?") != std::string::npos);
  CHECK(outcome.err.find("`floppy` is not a medium that Lifeboat writes") != std::string::npos);
}

TEST_CASE("check accepts every recipe of the repository") {
  const Outcome outcome = lifeboat_with({"check", "recipes/debian-12.toml", "recipes/debian-12-cloud.toml"});
  CHECK(outcome.status == 0);
  CHECK(outcome.out.find("recipes/debian-12-cloud.toml: ok (") != std::string::npos);
  CHECK(outcome.err.empty());
}

}  // namespace
