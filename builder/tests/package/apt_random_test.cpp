// Random package sets of Debian 12: solvable or not as apt says; and apt takes every result as it is, twice: over all
// of Debian it wants nothing more and nothing else, and apt-get -s finds an order to unpack and configure it.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <thread>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"
#include "builder/package/resolve.hpp"
#include "builder/tests/package/cases.hpp"
#include "builder/tests/package/debian.hpp"
#include "builder/tests/package/random_sets.hpp"
#include "builder/tests/package/seed.hpp"
#include "testing/catch.hpp"

namespace {

using namespace lifeboat;

struct Verdict {
  bool solvable = false;
  std::string fault;  ///< where apt sees it in another way
};

/// LIFEBOAT_RANDOM_SETS=N, or 200.
std::size_t wanted_sets() {
  const char* const wanted = std::getenv("LIFEBOAT_RANDOM_SETS");
  return wanted == nullptr ? 200 : std::stoul(wanted);
}

/// Asks apt once: where we found a choice, whether it holds; where we did not, whether there is one all the same.
Verdict judge(const Debian& debian, const std::vector<std::string>& names) {
  std::vector<std::string> chosen;
  try {
    chosen = labels(debian.universe, resolve(debian.universe, {"amd64", names, {}, true}));
  } catch (const Error& error) {
    if (std::string_view(error.what()).starts_with("the chosen packages do not fit together"))
      return {false, error.what()};  // our own judge found a choice that does not hold: no verdict on the set
    std::vector<std::string> question = names;
    question.emplace_back("?essential");
    const bool apt_can = debian.apt.install(question).solvable;
    return {false, apt_can ? "apt can, and we say: " + std::string(error.what()) : ""};
  }
  return {true, objection(debian, {chosen.begin(), chosen.end()})};
}

/// On every core: apt is asked twice for most sets.
std::vector<Verdict> judge_all(const Debian& debian, const std::vector<std::vector<std::string>>& sets) {
  std::vector<Verdict> verdicts(sets.size());
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < sets.size(); i = next++) try {
        verdicts[i] = judge(debian, sets[i]);
      } catch (const Error& error) {
        verdicts[i].fault = "asking apt failed: " + std::string(error.what());
      }
  };
  std::vector<std::jthread> others;
  for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i) others.emplace_back(work);
  work();
  others.clear();  // joins them
  return verdicts;
}

TEST_CASE("random sets are solvable or not as apt says, and apt takes every result as it is") {
  const unsigned seed = random_seed();
  RandomSets draws(debian().universe, seed);
  std::vector<std::vector<std::string>> sets(wanted_sets());
  for (auto& set : sets) set = draws.draw();
  static_cast<void>(debian().apt.install({}));  // makes apt's package cache anew, once for all that follow

  const auto begin = std::chrono::steady_clock::now();
  const std::vector<Verdict> verdicts = judge_all(debian(), sets);
  const auto seconds =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin).count();

  std::size_t solvable = 0;
  for (std::size_t i = 0; i < sets.size(); ++i) {
    INFO("LIFEBOAT_SEED=" << seed << ", set " << i << ": " << join(sets[i], " "));
    CHECK(verdicts[i].fault == "");
    solvable += verdicts[i].solvable ? 1 : 0;
  }
  std::cout << "random package sets: " << sets.size() << " judged by apt in " << seconds << " s, " << solvable
            << " solvable, " << sets.size() - solvable << " not; repeat with LIFEBOAT_SEED=" << seed << "\n";
  CHECK(sets.size() - solvable >= sets.size() / 8);  // every fourth is drawn so
  CHECK(solvable >= sets.size() / 2);
}

}  // namespace
