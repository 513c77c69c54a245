#include "builder/tree/tree.hpp"

#include <vector>

#include "builder/base/error.hpp"
#include "builder/tests/base/message_of.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace fs = std::filesystem;
namespace {

Node file(std::string_view text, std::uint32_t mode = 0644) {
  return file_node(Spool::create(fs::temp_directory_path())->append(text), mode);
}

std::vector<std::string> paths_of(const Tree& tree) {
  std::vector<std::string> paths;
  for (const auto& [path, node] : tree.nodes()) paths.push_back(path.str());
  return paths;
}

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("a new tree holds its root") {
  const Tree tree;
  CHECK(paths_of(tree) == Strings{""});
  CHECK(tree.find("/")->type == NodeType::directory);
  CHECK(tree.find("/")->mode == 0755);
}

TEST_CASE("missing folders on the way are made") {
  Tree tree;
  tree.add("usr/share/doc/x", file("text"));
  CHECK(paths_of(tree) == Strings{"", "usr", "usr/share", "usr/share/doc", "usr/share/doc/x"});
  CHECK(tree.find("usr/share")->mode == 0755);
  CHECK(tree.read("usr/share/doc/x") == "text");
}

TEST_CASE("a folder over a folder keeps its children and takes the new attributes") {
  Tree tree;
  tree.add("srv/x", file("x"));
  Node folder = directory_node(01777);
  folder.uid = 7;
  folder.mtime = 99;
  tree.add("srv", folder);
  CHECK(tree.find("srv")->mode == 01777);
  CHECK(tree.find("srv")->uid == 7);
  CHECK(tree.find("srv")->mtime == 99);
  CHECK(tree.read("srv/x") == "x");
}

TEST_CASE("the root takes new attributes") {
  Tree tree;
  tree.add("x", file("x"));
  tree.add("/", directory_node(0700));
  CHECK(tree.find("")->mode == 0700);
  CHECK(tree.read("x") == "x");
}

TEST_CASE("a merged /usr works whatever a package writes") {
  Tree tree;
  tree.add("usr/lib", directory_node());
  tree.add("lib", symlink_node("usr/lib"));
  tree.add("lib", directory_node(0700));
  tree.add("lib/x86_64-linux-gnu/libc.so.6", file("libc"));
  CHECK(tree.find("lib")->type == NodeType::symlink);
  CHECK(tree.find("usr/lib")->mode == 0755);
  CHECK(tree.read("usr/lib/x86_64-linux-gnu/libc.so.6") == "libc");
  CHECK(tree.read("lib/x86_64-linux-gnu/libc.so.6") == "libc");
  CHECK(paths_of(tree) ==
        Strings{"", "lib", "usr", "usr/lib", "usr/lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu/libc.so.6"});
}

TEST_CASE("a folder over a link to nothing is made where the link points") {
  Tree tree;
  tree.add("lib64", symlink_node("/usr/lib64"));
  tree.add("lib64", directory_node(0711));
  CHECK(tree.find("lib64")->type == NodeType::symlink);
  REQUIRE(tree.find("usr/lib64") != nullptr);
  CHECK(tree.find("usr/lib64")->mode == 0711);
}

TEST_CASE("a file through a link to nothing lands where the link points") {
  Tree tree;
  tree.add("lib64", symlink_node("usr/lib64"));
  tree.add("lib64/ld.so", file("ld"));
  CHECK(tree.read("usr/lib64/ld.so") == "ld");
  CHECK(tree.find("lib64")->type == NodeType::symlink);
}

TEST_CASE("no link leads out of the root") {
  Tree tree;
  for (const char* target : {"/etc", "../../../../etc", "../etc", "/../../etc", "./../x/../../etc"}) {
    CAPTURE(target);
    tree.add("var/way", symlink_node(target));
    tree.add("var/way/passwd", file(target));
    CHECK(tree.read("etc/passwd") == target);
    CHECK(tree.resolve("var/way/passwd") == TreePath("etc/passwd"));
  }
}

TEST_CASE("a chain of links is followed, a loop is an error") {
  Tree tree;
  tree.add("a", symlink_node("b"));
  tree.add("b", symlink_node("c/"));
  tree.add("c/x", file("x"));
  CHECK(tree.read("a/x") == "x");
  CHECK(tree.resolve("a") == TreePath("a"));
  tree.add("loop", symlink_node("loop"));
  CHECK(message_of([&] { return tree.resolve("loop/x"); }) == "too many symbolic links on the way to /loop/x");
  CHECK(message_of([&] { tree.add("loop/x", file("")); }) ==
        "adding /loop/x: too many symbolic links on the way to /loop/x");
  CHECK(tree.find("loop/x") == nullptr);
  CHECK(tree.find("loop")->type == NodeType::symlink);
  CHECK(tree.find_followed("loop") == nullptr);
}

TEST_CASE("links that multiply on the way end as a loop") {
  Tree tree;
  tree.add("l0", symlink_node("."));
  for (int i = 1; i < 40; ++i) {
    const std::string before = "l" + std::to_string(i - 1);
    tree.add("l" + std::to_string(i), symlink_node(before + "/" + before));
  }
  CHECK_THROWS_AS(tree.resolve("l39/x"), Error);
}

TEST_CASE("a way through a file is an error") {
  Tree tree;
  tree.add("etc/passwd", file("x"));
  CHECK(message_of([&] { tree.add("etc/passwd/x", file("")); }) == "adding /etc/passwd/x: /etc/passwd is not a folder");
  CHECK(tree.find("etc/passwd/x") == nullptr);
}

TEST_CASE("a link target that no path can be leads nowhere") {
  Tree tree;
  tree.add("l", symlink_node(std::string(300, 'n')));
  CHECK(tree.find("l/x") == nullptr);
  CHECK(tree.find_followed("l") == nullptr);
  CHECK_THROWS_AS(tree.resolve("l/x"), Error);
}

TEST_CASE("a file, link or device replaces any non-folder") {
  Tree tree;
  tree.add("x", file("old"));
  tree.add("x", symlink_node("y"));
  tree.add("x", file("new"));
  CHECK(tree.read("x") == "new");
  CHECK(tree.find("y") == nullptr);
  tree.add("x", Node{.type = NodeType::fifo});
  CHECK(tree.find("x")->type == NodeType::fifo);
}

TEST_CASE("only an empty folder gives way to a file") {
  Tree tree;
  tree.add("d", directory_node());
  tree.add("d", file("f"));
  CHECK(tree.read("d") == "f");
  tree.add("e/x", file("x"));
  CHECK(message_of([&] { tree.add("e", file("")); }) ==
        "adding /e: the folder /e is not empty; only a folder can take its place");
  CHECK(message_of([&] { tree.add("", file("")); }) ==
        "adding /: the folder / is not empty; only a folder can take its place");
  tree.add("e.x", file("a neighbour is not a child"));
  tree.remove("e/x");
  CHECK_NOTHROW(tree.add("e", file("f")));
}

TEST_CASE("a folder cannot take the place of a file") {
  Tree tree;
  tree.add("x", file("x"));
  CHECK(message_of([&] { tree.add("x", directory_node()); }) ==
        "adding /x: a folder cannot take the place of a file: /x");
}

TEST_CASE("hard links share one node until one name is replaced") {
  Tree tree;
  tree.add("bin/a", file("text"));
  tree.add_hard_link("bin/b", "bin/a");
  CHECK(tree.find("bin/a") == tree.find("bin/b"));
  tree.find("bin/a")->mode = 04755;
  CHECK(tree.find("bin/b")->mode == 04755);
  tree.add("bin/a", file("other"));
  CHECK(tree.read("bin/b") == "text");
  CHECK(tree.read("bin/a") == "other");
}

TEST_CASE("a hard link needs a file") {
  Tree tree;
  tree.add("d", directory_node());
  tree.add("l", symlink_node("d"));
  for (const std::string existing : {"missing", "d", "l"})
    CHECK(message_of([&] { tree.add_hard_link("x", existing); }) ==
          "adding the hard link /x: there is no file /" + existing + " to link to");
  CHECK(tree.find("x") == nullptr);
}

TEST_CASE("a hard link to itself changes nothing") {
  Tree tree;
  tree.add("x", file("x"));
  tree.add_hard_link("x", "x");
  CHECK(tree.read("x") == "x");
}

TEST_CASE("removing takes all below and nothing beside") {
  Tree tree;
  for (const char* path : {"a/b/c", "a/d", "a-b", "a.b/c"}) tree.add(path, file(path));
  tree.remove("a");
  CHECK(paths_of(tree) == Strings{"", "a-b", "a.b", "a.b/c"});
  tree.remove("missing/way");
  tree.remove("");
  CHECK(paths_of(tree) == Strings{""});
}

TEST_CASE("removing a link leaves its target") {
  Tree tree;
  tree.add("usr/lib/x", file("x"));
  tree.add("lib", symlink_node("usr/lib"));
  tree.remove("lib/x");
  CHECK(tree.find("usr/lib/x") == nullptr);
  tree.remove("lib");
  CHECK(tree.find("lib") == nullptr);
  CHECK(tree.find("usr/lib") != nullptr);
}

TEST_CASE("a glob removes what it matches with all below") {
  Tree tree;
  for (const char* path : {"usr/share/doc/a/copyright", "usr/share/doc/b", "usr/share/man/x", "usr/lib/x.la"})
    tree.add(path, file(path));
  CHECK(tree.remove_matching("usr/share/doc/*") == 3);
  CHECK(tree.remove_matching("/usr/**.la") == 1);
  CHECK(tree.remove_matching("usr/nothing*") == 0);
  CHECK(paths_of(tree) ==
        Strings{"", "usr", "usr/lib", "usr/share", "usr/share/doc", "usr/share/man", "usr/share/man/x"});
}

TEST_CASE("the root survives every glob") {
  Tree tree;
  tree.add("a/b", file(""));
  CHECK(tree.remove_matching("**") == 2);
  CHECK(paths_of(tree) == Strings{""});
}

TEST_CASE("reading says what is missing") {
  Tree tree;
  tree.add("d", directory_node());
  CHECK(message_of([&] { return tree.read("etc/passwd"); }) == "/etc/passwd is not in the tree");
  CHECK(message_of([&] { return tree.read("d"); }) == "/d is not a regular file");
}

TEST_CASE("a copy of a tree changes on its own and keeps its hard links") {
  Tree tree;
  tree.add("a", file("text"));
  tree.add_hard_link("b", "a");
  Tree copy = tree;
  copy.find("a")->mode = 0700;
  copy.remove("b");
  CHECK(tree.find("a")->mode == 0644);
  CHECK(tree.find("b") == tree.find("a"));
  CHECK(copy.read("a") == "text");
  const Tree again = tree;
  CHECK(again.find("a") == again.find("b"));
}
