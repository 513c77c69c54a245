#include "builder/package/resolve.hpp"
#include "builder/tests/package/cases.hpp"
#include "testing/catch.hpp"

namespace {

using namespace lifeboat;
using Faults = std::vector<std::string>;

Package package(const std::string& name, const std::string& version = "1.0") {
  Package made;
  made.name = name;
  made.version = version;
  made.architecture = "amd64";
  return made;
}

Faults judge(const std::vector<Package>& chosen, const std::vector<std::string>& install = {},
             const std::vector<std::string>& provided = {}) {
  return check_closure(chosen, {"amd64", install, provided, false});
}

Alternative less_than(const std::string& name, const std::string& version) {
  return {name, "", Alternative::Relation::less, version};
}

TEST_CASE("a closed set has no faults") {
  Package app = package("app");
  app.depends = {{{"ghost"}, {"lib", "", Alternative::Relation::greater_equal, "1.0"}}};
  CHECK(judge({app, package("lib")}, {"app"}).empty());
}

TEST_CASE("a requested name that is not there is a fault") {
  CHECK(judge({package("app")}, {"app", "tool"}) == Faults{"`tool` is asked for and not chosen"});
}

TEST_CASE("a name chosen twice is a fault") {
  CHECK(judge({package("app"), package("app", "2.0")}) == Faults{"`app` is chosen twice"});
}

TEST_CASE("an unmet Depends is a fault, and so is an unmet Pre-Depends") {
  Package app = package("app");
  app.depends = {{less_than("lib", "1.0"), {"ghost"}}};
  app.pre_depends = {{{"loader"}}};
  CHECK(judge({app, package("lib")}) ==
        Faults{"`app` 1.0 needs `loader`, which no chosen package meets",
               "`app` 1.0 needs `lib (<< 1.0) | ghost`, which no chosen package meets"});
}

TEST_CASE("a versioned dependency is not met by an unversioned Provides") {
  Package app = package("app"), lib = package("lib", "9.0");
  app.depends = {{{"abi", "", Alternative::Relation::greater_equal, "2"}}};
  lib.provides = {{"abi"}};
  CHECK(judge({app, lib}) == Faults{"`app` 1.0 needs `abi (>= 2)`, which no chosen package meets"});
  lib.provides = {{"abi", "", Alternative::Relation::equal, "2"}};
  CHECK(judge({app, lib}).empty());
}

TEST_CASE("name:any is met only by a package that allows it") {
  Package app = package("app"), tool = package("tool");
  app.depends = {{{"tool", "any"}}};
  tool.multi_arch = "foreign";
  CHECK(judge({app, tool}) == Faults{"`app` 1.0 needs `tool:any`, which no chosen package meets"});
  tool.multi_arch = "allowed";
  CHECK(judge({app, tool}).empty());
}

TEST_CASE("a dependency on another architecture is met by nothing here") {
  Package app = package("app");
  app.depends = {{{"tool", "i386"}}};
  CHECK(judge({app, package("tool")}, {}, {"tool"}).size() == 2);  // unmet, and `tool` is there though provided
  CHECK(judge({app}, {}, {"tool"}) == Faults{"`app` 1.0 needs `tool:i386`, which no chosen package meets"});
}

TEST_CASE("a Conflicts that hits is a fault, by name, by version and through a Provides") {
  Package app = package("app"), other = package("other", "2.0");
  app.conflicts = {{"other"}};
  CHECK(judge({app, other}) == Faults{"`app` 1.0 conflicts with `other`, and `other` 2.0 is chosen"});
  app.conflicts = {less_than("other", "2.0")};
  CHECK(judge({app, other}).empty());
  app.conflicts = {less_than("other", "2.1")};
  CHECK(judge({app, other}) == Faults{"`app` 1.0 conflicts with `other (<< 2.1)`, and `other` 2.0 is chosen"});
  app.conflicts = {{"role"}};
  other.provides = {{"role"}, {"role", "", Alternative::Relation::equal, "3"}};
  CHECK(judge({app, other}) == Faults{"`app` 1.0 conflicts with `role`, and `other` 2.0 is chosen"});
}

TEST_CASE("a Breaks that hits is a fault") {
  Package app = package("app");
  app.breaks = {less_than("other", "3")};
  CHECK(judge({app, package("other", "2.0")}) == Faults{"`app` 1.0 breaks `other (<< 3)`, and `other` 2.0 is chosen"});
}

TEST_CASE("a package may refuse the name that it provides itself") {
  Package mailer = package("mailer");
  mailer.provides = {{"mail-transport-agent"}};
  mailer.conflicts = {{"mail-transport-agent"}, {"mailer"}};
  CHECK(judge({mailer}).empty());
}

TEST_CASE("a provided name meets any version, is refused by nobody, and must not be chosen") {
  Package kernel = package("kernel");
  kernel.depends = {{{"initramfs-tools", "", Alternative::Relation::greater_equal, "99"}}};
  kernel.breaks = {less_than("initramfs-tools", "99")};
  CHECK(judge({kernel}, {}, {"initramfs-tools"}).empty());
  CHECK(judge({package("initramfs-tools")}, {}, {"initramfs-tools"}) ==
        Faults{"`initramfs-tools` 1.0 is chosen, though the image provides `initramfs-tools` itself"});
}

}  // namespace
