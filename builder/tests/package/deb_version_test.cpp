#include "builder/package/deb_version.hpp"

#include <random>

#include "builder/base/run.hpp"
#include "builder/base/text.hpp"
#include "builder/package/deb_syntax.hpp"
#include "builder/tests/package/cases.hpp"
#include "builder/tests/package/seed.hpp"
#include "testing/catch.hpp"

namespace {

using namespace lifeboat;

struct Pair {
  std::string left, right;
};

char order_of(const Pair& pair) {
  const std::strong_ordering order = compare_deb_versions(pair.left, pair.right);
  return std::is_lt(order) ? '<' : std::is_gt(order) ? '>' : '=';
}

/// dpkg's verdicts: one of < = > for every pair.
std::string ask_dpkg(const std::vector<Pair>& pairs) {
  Command command{{"sh", "-c",
                   "while read a b; do if dpkg --compare-versions $a lt $b; then printf '<'; "
                   "elif dpkg --compare-versions $a gt $b; then printf '>'; else printf '='; fi; done"}};
  for (const Pair& pair : pairs) command.input += pair.left + " " + pair.right + "\n";
  return run_checked(command);
}

void require_same_as_dpkg(const std::vector<Pair>& pairs) {
  const std::string verdicts = ask_dpkg(pairs);
  REQUIRE(verdicts.size() == pairs.size());
  for (std::size_t at = 0; at < pairs.size(); ++at) {
    INFO(pairs[at].left << " against " << pairs[at].right);
    CHECK(order_of(pairs[at]) == verdicts[at]);
    const Pair turned{pairs[at].right, pairs[at].left};
    CHECK(order_of(turned) == (verdicts[at] == '<' ? '>' : verdicts[at] == '>' ? '<' : '='));
  }
}

TEST_CASE("the table of versions is ordered as it says, and as dpkg orders it") {
  std::vector<Pair> pairs;
  for (const std::string& line : read_data_lines("versions.txt")) {
    const std::vector<std::string_view> words = split_words(line);
    REQUIRE(words.size() == 3);
    pairs.push_back({std::string(words[0]), std::string(words[2])});
    INFO(line);
    CHECK(order_of(pairs.back()) == words[1][0]);
    CHECK((is_deb_version(words[0]) && is_deb_version(words[2])));
  }
  REQUIRE(pairs.size() > 40);
  require_same_as_dpkg(pairs);
}

class RandomVersions {
 public:
  explicit RandomVersions(unsigned seed) : random_(seed) {}

  /// Two versions that are often alike in their beginnings.
  Pair pair() {
    const std::string head = below(3) == 0 ? "" : version();
    return {head.empty() ? version() : head + tail(), head.empty() ? version() : head + tail()};
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }

  std::string version() {
    std::string text = below(4) == 0 ? std::to_string(below(3)) + ":" : "";
    text += std::to_string(below(12));
    return text + tail();
  }

  /// Ends in a letter or digit, so that a revision is never empty.
  std::string tail() {
    static constexpr std::string_view alphabet = "0019aAzZ~~++..--";
    std::string text;
    for (std::size_t length = below(6); length > 0; --length) text += alphabet[below(alphabet.size())];
    return text + "0a1Z"[below(4)];
  }

  std::mt19937 random_;
};

TEST_CASE("random versions are ordered as dpkg orders them") {
  const unsigned seed = random_seed();
  INFO("LIFEBOAT_SEED=" << seed);
  RandomVersions versions(seed);
  std::vector<Pair> pairs;
  while (pairs.size() < 300) pairs.push_back(versions.pair());
  require_same_as_dpkg(pairs);
}

}  // namespace
