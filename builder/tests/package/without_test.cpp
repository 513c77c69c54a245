#include "builder/package/without.hpp"

#include "testing/catch.hpp"

using namespace lifeboat;
namespace {

const std::vector<std::string> without{"xfsprogs/python3", "xfsprogs/libb"};

}  // namespace

TEST_CASE("a dependency that an image does without is taken out of the index's words, and no other") {
  Package package{.name = "xfsprogs", .version = "1", .architecture = "amd64"};
  package.depends = {
      {{.name = "libc6"}}, {{.name = "python3", .architecture = "any"}}, {{.name = "python3"}, {.name = "x"}}};
  package.pre_depends = {{{.name = "libb"}}};
  drop_dependencies(package, without);
  REQUIRE(package.depends.size() == 2);
  CHECK(package.depends[0].front().name == "libc6");
  CHECK(package.depends[1].size() == 2);
  CHECK(package.pre_depends.empty());
}

TEST_CASE("another package keeps the same dependency") {
  Package package{.name = "xfs", .version = "1", .architecture = "amd64"};
  package.depends = {{{.name = "python3"}}};
  drop_dependencies(package, without);
  CHECK(package.depends.size() == 1);
  CHECK(drop_dependencies("Package: xfs\nDepends: python3\n", "xfs", without) == "Package: xfs\nDepends: python3\n");
}

TEST_CASE("a dependency that an image does without is taken out of the control file, whatever its lines are") {
  CHECK(drop_dependencies("Package: xfsprogs\nDepends: libc6 (>= 2.34), python3:any, libz | python3,\n libb (>= 1)\n"
                          "Pre-Depends: python3\nDescription: x\n python3, too\n",
                          "xfsprogs", without) ==
        "Package: xfsprogs\nDepends: libc6 (>= 2.34), libz | python3\nDescription: x\n python3, too\n");
}
