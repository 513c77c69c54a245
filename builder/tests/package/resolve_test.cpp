#include "builder/package/resolve.hpp"

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"
#include "builder/tests/package/cases.hpp"
#include "testing/catch.hpp"

namespace {

using namespace lifeboat;

/// What resolve() says: "chosen: a=1 b=2", or its whole error with the hint.
std::string verdict(const Case& each) {
  try {
    const std::vector<Package> universe = read_universe(each.at("universe"));
    return "chosen: " + join(labels(universe, resolve(universe, request_of(each))), " ");
  } catch (const Error& error) {
    return "error: " + std::string(error.what()) + "\nhint: " + error.hint();
  }
}

std::string expected(const Case& each) {
  if (each.contains("chosen")) return "chosen: " + each.at("chosen");
  return "error: " + each.at("error") + "\nhint: " + each.at("hint");
}

TEST_CASE("every case of resolve-cases.txt is chosen, or refused in these words") {
  const std::vector<Case> cases = read_cases("resolve-cases.txt");
  REQUIRE(cases.size() > 30);
  for (const Case& each : cases) {
    INFO(each.at("case"));
    CHECK(verdict(each) == expected(each));
  }
}

TEST_CASE("the result does not depend on the order of the universe") {
  for (const Case& each : read_cases("resolve-cases.txt")) {
    if (!each.contains("chosen")) continue;
    INFO(each.at("case"));
    std::vector<Package> universe = read_universe(each.at("universe"));
    std::reverse(universe.begin(), universe.end());
    CHECK(join(labels(universe, resolve(universe, request_of(each))), " ") == each.at("chosen"));
  }
}

TEST_CASE("the same version in two repositories is chosen once, from the first") {
  std::vector<Package> universe = read_universe("cycles");
  const std::vector<Package> second = universe;
  universe.insert(universe.end(), second.begin(), second.end());
  const std::vector<std::size_t> chosen = resolve(universe, {"amd64", {"hen"}, {}, false});
  REQUIRE(labels(universe, chosen) == std::vector<std::string>{"egg=1.0", "hen=1.0", "rooster=1.0"});
  for (const std::size_t index : chosen) CHECK(index < second.size());
}

TEST_CASE("an empty universe with an empty request is an empty choice") {
  CHECK(resolve({}, {"amd64", {}, {}, true}).empty());
}

TEST_CASE("a long list of faults is cut, and the rest counted") {
  std::vector<Package> universe;
  ResolveRequest request{"amd64", {}, {}, false};
  for (int number = 10; number < 22; ++number) {
    Package package;
    package.name = "package-" + std::to_string(number);
    package.version = "1";
    package.depends = {{{"ghost"}}};
    universe.push_back(package);
    request.install.push_back(package.name);
  }
  std::string text;
  try {
    resolve(universe, request);
  } catch (const Error& error) {
    text = error.what();
  }
  CHECK(text.find("`package-10` 1 needs `ghost`") != std::string::npos);
  CHECK(text.ends_with("\n  and 2 more reasons of this kind"));
}

}  // namespace
