#include "builder/tree/path.hpp"

#include <algorithm>
#include <vector>

#include "builder/base/error.hpp"
#include "builder/tests/base/message_of.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
using Paths = std::vector<TreePath>;

TEST_CASE("every way of writing a path gives the same path") {
  for (const char* text : {"usr/bin", "/usr/bin", "./usr/bin", "usr/bin/", "usr//bin", "usr/./bin", "///usr/bin//."}) {
    CAPTURE(text);
    CHECK(TreePath(text).str() == "usr/bin");
  }
  for (const char* text : {"", "/", ".", "./", "//."}) CHECK(TreePath(text).is_root());
}

TEST_CASE("a path knows its name and its parent") {
  CHECK(TreePath("usr/bin/ls").name() == "ls");
  CHECK(TreePath("usr").name() == "usr");
  CHECK(TreePath().name().empty());
  CHECK(TreePath("usr/bin/ls").parent() == TreePath("usr/bin"));
  CHECK(TreePath("usr").parent().is_root());
  CHECK(TreePath().parent().is_root());
}

TEST_CASE("paths are joined below the left one") {
  CHECK(TreePath("usr") / "bin/ls" == TreePath("usr/bin/ls"));
  CHECK(TreePath("usr") / "/etc" == TreePath("usr/etc"));
  CHECK(TreePath() / "etc" == TreePath("etc"));
  CHECK(TreePath("usr") / "" == TreePath("usr"));
}

TEST_CASE("a folder contains itself and what is below, not what is named alike") {
  CHECK(TreePath("usr").contains("usr"));
  CHECK(TreePath("usr").contains("usr/bin/ls"));
  CHECK(TreePath().contains("usr"));
  CHECK_FALSE(TreePath("usr").contains("usr2"));
  CHECK_FALSE(TreePath("usr").contains("us"));
  CHECK_FALSE(TreePath("usr/bin").contains("usr"));
}

TEST_CASE("a folder comes right before what it holds") {
  Paths paths{"a.b", "a/z", "a", "b", "a-b", "", "a/c/d", "a/c"};
  std::sort(paths.begin(), paths.end());
  CHECK(paths == Paths{"", "a", "a/c", "a/c/d", "a/z", "a-b", "a.b", "b"});
}

TEST_CASE("siblings are in the order of their bytes") {
  Paths paths{"\xc3\xa4", "z", "Z", "\x01", "\xff"};
  std::sort(paths.begin(), paths.end());
  CHECK(paths == Paths{"\x01", "Z", "z", "\xc3\xa4", "\xff"});
}

TEST_CASE("what no package may hold is refused") {
  CHECK(message_of([] { TreePath path("../x"); }) == R"(the path "../x" holds "..")");
  CHECK(message_of([] { TreePath path("usr/../../x"); }) == R"(the path "usr/../../x" holds "..")");
  CHECK(message_of([] { TreePath path("usr/.."); }) == R"(the path "usr/.." holds "..")");
  CHECK(message_of([] { return TreePath("usr") / "../etc"; }) == R"(the path "usr/../etc" holds "..")");
  CHECK(message_of([] { TreePath path(std::string("a\0b", 3)); }) == R"(the path "a\x00b" holds a NUL byte)");
  const std::string long_name(256, 'n');
  CHECK(message_of([&] { TreePath path("a/" + long_name); }) ==
        "the path \"a/" + std::string(198, 'n') + "...\" has a name over 255 bytes");
  CHECK_NOTHROW(TreePath("a/" + std::string(255, 'n')));
}

TEST_CASE("a path may have 4095 bytes and no more") {
  std::string path;
  while (path.size() < 4094) path += "d/";
  CHECK(TreePath(path + "x").str().size() == 4095);
  CHECK_THROWS_AS(TreePath(path + "xy"), Error);
}

TEST_CASE("names that only look dangerous are names") {
  for (const char* text : {"...", "..a", "a..", ".hidden", "a\nb", "\xff\xfe", "-rf", "*"})
    CHECK(TreePath(text).str() == text);
}

TEST_CASE("a path is shown with a leading slash and without control characters") {
  CHECK(TreePath().shown() == "/");
  CHECK(TreePath("usr/a\nb\x1b[2J").shown() == R"(/usr/a\x0ab\x1b[2J)");
}
