// A recipe's [budget]: what is over it fails, and the person learns where the bytes are.
#include "builder/tests/build/small_archive.hpp"
#include "testing/catch.hpp"

namespace lifeboat::testing {
namespace {

void set_budget(const Workshop& shop, const std::string& text) {
  replace_file(shop.recipe, read_file(shop.recipe) + "[budget]\n" + text);
}

std::string error_of(const Outcome& outcome) {
  CHECK(outcome.status == 1);
  const std::size_t at = outcome.err.find("lifeboat: error: ");
  REQUIRE(at != std::string::npos);
  return outcome.err.substr(at);
}

}  // namespace

TEST_CASE("an image within its budget is built") {
  const Workshop shop;
  set_budget(shop, "image_size = 1\nmemory = 200\n");
  const Outcome outcome = shop.build();
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
}

TEST_CASE("an image over its budget is refused with what is largest, and nothing is written") {
  SmallArchive archive;
  archive.add({.name = "heavy", .files = {{"usr/lib/heavy", noise(1'500'000, 5)}}});
  archive.publish();
  const Workshop shop(archive);
  shop.change_recipe("hello\"]", "hello\", \"heavy\"]");
  set_budget(shop, "image_size = 1\nmemory = 90\n");
  const std::string error = error_of(shop.build());
  CAPTURE(error);
  CHECK(error.find("lifeboat: error: the image is over the budget of " + shop.recipe.string() +
                   ":\n  image size: 1.8 MiB, and the recipe allows 1 MiB\n  memory needed: ") == 0);
  CHECK(error.find(", and the recipe allows 90 MiB\nlargest in the root, before compression:\n"
                   "     1.4 MiB  heavy\n   293.0 KiB  libhello1\n") != std::string::npos);
  CHECK(error.find("\nhint: ") != std::string::npos);
  CHECK(error.find("grown since") == std::string::npos);
  CHECK_FALSE(std::filesystem::exists(shop.output));
  CHECK(shop.beside_output().empty());
}

TEST_CASE("an image that has outgrown its budget names what grew since the last build, which stays") {
  SmallArchive archive;
  const Workshop shop(archive);
  set_budget(shop, "image_size = 1\n");
  REQUIRE(shop.build().status == 0);
  const auto before = files_below(shop.output);
  TestPackage library = small_library("1.1");
  library.files["usr/lib/libhello.so.1"] += noise(1'200'000, 6);
  archive.add(library);
  archive.publish(SmallArchive::first_date + 3600);
  const std::string error = error_of(shop.build());
  CAPTURE(error);
  CHECK(error.find("\ngrown since the last build (") != std::string::npos);
  CHECK(error.find("):\n    +1.1 MiB  libhello1 1.0 -> 1.1\nhint: ") != std::string::npos);
  CHECK(files_below(shop.output) == before);
}

}  // namespace lifeboat::testing
