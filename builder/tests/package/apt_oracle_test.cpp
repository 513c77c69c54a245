// What apt would choose, against what resolve() chooses: over the hand-made universes and Debian 12's real index.
#include "builder/tests/package/apt_oracle.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <limits>
#include <map>
#include <optional>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"
#include "builder/package/deb_index.hpp"
#include "builder/package/resolve.hpp"
#include "builder/tests/package/cases.hpp"
#include "builder/tests/package/debian.hpp"
#include "testing/catch.hpp"

namespace {

using namespace lifeboat;
using Labels = std::set<std::string>;

/// Our choice, or nothing when there is none.
std::optional<Labels> our_choice(std::span<const Package> universe, const ResolveRequest& request) {
  try {
    const std::vector<std::string> chosen = labels(universe, resolve(universe, request));
    return Labels(chosen.begin(), chosen.end());
  } catch (const Error&) {
    return std::nullopt;
  }
}

AptOracle::Answer ask(const AptOracle& apt, const ResolveRequest& request) {
  std::vector<std::string> names = request.install;
  if (request.essential) names.emplace_back("?essential");
  return apt.install(names, request.provided);
}

/// "ours NAME" or "apt NAME" for every package that only one side has in that version.
std::set<std::string> differences(const Labels& ours, const Labels& apts) {
  std::vector<std::string> only_ours, only_apts;
  std::set_difference(ours.begin(), ours.end(), apts.begin(), apts.end(), std::back_inserter(only_ours));
  std::set_difference(apts.begin(), apts.end(), ours.begin(), ours.end(), std::back_inserter(only_apts));
  std::set<std::string> all;
  for (const std::string& label : only_ours) all.insert("ours " + label.substr(0, label.find('=')));
  for (const std::string& label : only_apts) all.insert("apt " + label.substr(0, label.find('=')));
  return all;
}

/// The differences of one case that apt-differences.txt explains: "ours NAME", "apt NAME", "solved-by ours|apt".
std::set<std::string> explained(const std::string& name) {
  for (const Case& each : read_cases("apt-differences.txt")) {
    if (each.at("case") != name) continue;
    std::set<std::string> all;
    for (const auto& [key, values] : each)
      if (key != "case" && key != "why")
        for (const std::string_view value : split_words(values)) all.insert(key + " " + std::string(value));
    return all;
  }
  return {};
}

/// One case: the verdicts and the choices differ only as explained, and apt takes ours as it is.
void compare(const Case& each, std::span<const Package> universe, const AptOracle& apt) {
  INFO(each.at("case"));
  const ResolveRequest request = request_of(each);
  const std::optional<Labels> ours = our_choice(universe, request);
  const AptOracle::Answer apts = ask(apt, request);
  INFO(apts.reason);
  const bool apt_solves = apts.solvable && !apts.removes;
  std::set<std::string> found;
  if (ours.has_value() != apt_solves) found = {apt_solves ? "solved-by apt" : "solved-by ours"};
  if (ours && apt_solves) found = differences(*ours, apts.chosen);
  CHECK(found == explained(each.at("case")));
  if (ours) CHECK(objection(apt, *ours, request.provided) == "");
}

TEST_CASE("apt agrees with every hand-made case") {
  std::map<std::string, std::vector<Case>> by_universe;
  for (const Case& each : read_cases("resolve-cases.txt")) by_universe[each.at("universe")].push_back(each);
  for (const auto& [name, cases] : by_universe) {
    const AptOracle apt(std::vector<std::string>{universe_text(name)});
    const std::vector<Package> universe = read_universe(name);
    for (const Case& each : cases) compare(each, universe, apt);
  }
}

TEST_CASE("the rescue image's packages are what apt chooses, but for explained differences") {
  for (Case each : read_cases("apt-sets.txt")) {
    each["essential"] = "yes";
    compare(each, debian().universe, debian().apt);
  }
}

TEST_CASE("every explanation belongs to a case and says why") {
  std::set<std::string> names;
  for (const char* file : {"apt-sets.txt", "resolve-cases.txt"})
    for (const Case& each : read_cases(file)) CHECK(names.insert(each.at("case")).second);
  for (const Case& each : read_cases("apt-differences.txt")) {
    INFO(each.at("case"));
    CHECK(names.contains(each.at("case")));
    CHECK_FALSE(each.at("why").empty());
  }
}

#ifndef __SANITIZE_ADDRESS__
/// Of this process (RUSAGE_SELF) or of those it has run and waited for (RUSAGE_CHILDREN).
double processor_seconds(int whose) {
  ::rusage used{};
  ::getrusage(whose, &used);
  const auto seconds = [](const ::timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// The machine's other work disturbs one run or another, and none of them makes it quicker.
template <class Action>
double quickest_of_three(const Action& action) {
  double quickest = std::numeric_limits<double>::max();
  for (int run = 0; run < 3; ++run) {
    const double start = processor_seconds(RUSAGE_SELF);
    action();
    quickest = std::min(quickest, processor_seconds(RUSAGE_SELF) - start);
  }
  return quickest;
}

/// What apt takes to read the same indexes and to answer one question: a yardstick for a machine of any speed.
double processor_seconds_of_apt(const Debian& all) {
  const double start = processor_seconds(RUSAGE_CHILDREN);
  const AptOracle apt(all.texts);
  REQUIRE(apt.install({"base-files"}).solvable);
  return processor_seconds(RUSAGE_CHILDREN) - start;
}

TEST_CASE("all of Debian is read and resolved as quickly as by apt") {
  const Debian& all = debian();
  const double apt = processor_seconds_of_apt(all);
  const double reading = quickest_of_three([&] {
    std::size_t packages = 0;
    for (const std::string& text : all.texts) packages += parse_deb_index(text, "amd64", "debian", "Packages").size();
    CHECK(packages > 60000);
  });
  const double resolving = quickest_of_three([&] {
    CHECK(resolve(all.universe, {"amd64", {"openssh-server", "linux-image-amd64"}, {}, true}).size() > 100);
  });
  std::cout << all.universe.size() << " packages read in " << reading << " s, resolved in " << resolving
            << " s; apt reads and resolves in " << apt << " s\n";
  CHECK(reading < apt);
  CHECK(resolving < apt);
}
#endif

}  // namespace
