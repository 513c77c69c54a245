// The check of a squashfs is only worth something when it finds every difference: the real listing of a real image is
// compared with trees that differ from it in one point each.
#include "builder/media/squashfs_listing.hpp"

#include <functional>

#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/tests/base/message_of.hpp"
#include "builder/tests/tree/rich_tree.hpp"
#include "builder/tree/write.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace fs = std::filesystem;
namespace {

std::shared_ptr<Spool> spool() {
  static const auto shared = Spool::create(fs::temp_directory_path());
  return shared;
}

/// What unsquashfs says of the tree's image.
std::string listing_of(const Tree& tree) {
  TempDir folder(fs::temp_directory_path(), "listing-test");
  const std::string image = (folder.path() / "x.squashfs").string();
  Pipe pipe({.argv = {"tar2sqfs", "--quiet", image}});
  write_tar(tree, latest, [&](std::string_view bytes) { pipe.write(bytes); });
  pipe.finish();
  return run_checked({.argv = {"unsquashfs", "-quiet", "-no-progress", "-pf", "/dev/stdout", image}});
}

std::string fault_of(const Tree& tree, std::string_view text, std::size_t piece = 1000) {
  return message_of([&] {
    SquashfsListing listing(tree, latest);
    for (std::size_t at = 0; at < text.size(); at += piece) listing.feed(text.substr(at, piece));
    listing.finish();
  });
}

Tree small_tree() {
  Tree tree;
  tree.add("dev/loop", {.type = NodeType::block_device, .mode = 0660, .device_major = 7, .device_minor = 2});
  tree.add("etc/motd", file_node(spool()->append("hello")));
  tree.find("etc/motd")->mtime = 1000;
  tree.add_hard_link("etc/news", "etc/motd");
  tree.add("lib", symlink_node("usr/lib"));
  tree.add("odd \\ \"name\"'\n", file_node(spool()->append("odd")));
  return tree;
}

const std::string start = "the squashfs differs from the tree at ";

}  // namespace

TEST_CASE("the image of a tree is like the tree, in whatever pieces its listing comes") {
  const Tree small = small_tree();
  const std::string listing = listing_of(small);
  for (const std::size_t piece : {1U, 2U, 7U, 36U, 1000000U}) CHECK(fault_of(small, listing, piece) == "no error");
  const Tree rich = rich_tree(*spool());
  CHECK(fault_of(rich, listing_of(rich)) == "no error");
}

TEST_CASE("every difference of one entry is found and named") {
  const std::string listing = listing_of(small_tree());
  const auto fault = [&](const std::function<void(Tree&)>& change) {
    Tree tree = small_tree();
    change(tree);
    return fault_of(tree, listing);
  };
  const std::string reads = ", unsquashfs reads `etc/motd R 1000 644 0 0 5 0`";
  CHECK(fault([](Tree& tree) { tree.find("etc/motd")->mtime = 1001; }) ==
        start + "/etc/motd: it should hold `etc/motd R 1001 644 0 0 5 0`" + reads);
  CHECK(fault([](Tree& tree) { tree.find("etc/motd")->mode = 04755; }) ==
        start + "/etc/motd: it should hold `etc/motd R 1000 4755 0 0 5 0`" + reads);
  CHECK(fault([](Tree& tree) { tree.find("etc/motd")->uid = 1; }) ==
        start + "/etc/motd: it should hold `etc/motd R 1000 644 1 0 5 0`" + reads);
  CHECK(fault([](Tree& tree) { tree.find("etc/motd")->gid = 1; }) ==
        start + "/etc/motd: it should hold `etc/motd R 1000 644 0 1 5 0`" + reads);
  CHECK(fault([](Tree& tree) { tree.find("etc/motd")->content = spool()->append("longer"); }) ==
        start + "/etc/motd: it should hold `etc/motd R 1000 644 0 0 6 0`" + reads);
  CHECK(fault([](Tree& tree) { tree.find("etc/motd")->type = NodeType::fifo; }) ==
        start + "/etc/motd: it should hold `etc/motd I 1000 644 0 0 f`" + reads);
  CHECK(fault([](Tree& tree) { tree.find("etc/motd")->content = spool()->append("hellO"); }) ==
        start + "/etc/motd: other bytes in the file");
  CHECK(fault([](Tree& tree) { tree.find("lib")->target = "usr/lib2"; }) ==
        start + "/lib: it should hold `lib S 0 777 0 0 usr/lib2`, unsquashfs reads `lib S 0 777 0 0 usr/lib`");
  CHECK(fault([](Tree& tree) { tree.find("lib")->target = "usr/li"; }) ==
        start + "/lib: it should hold `lib S 0 777 0 0 usr/li`, unsquashfs reads `lib S 0 777 0 0 usr/lib`");
  CHECK(fault([](Tree& tree) { tree.find("dev/loop")->device_minor = 3; }) ==
        start + "/dev/loop: it should hold `dev/loop B 0 660 0 0 7 3`, unsquashfs reads `dev/loop B 0 660 0 0 7 2`");
  CHECK(fault([](Tree& tree) { tree.find("")->mode = 0700; }) ==
        start + "/: it should hold `/ D 0 700 0 0`, unsquashfs reads `/ D 0 755 0 0`");
}

TEST_CASE("a missing, a surplus and a doubled file are found and named") {
  const std::string listing = listing_of(small_tree());
  Tree more = small_tree();
  more.add("extra", file_node({}));
  CHECK(fault_of(more, listing) ==
        start + "/extra: it should hold `extra R 0 644 0 0 0 5`, unsquashfs reads `lib S 0 777 0 0 usr/lib`");
  Tree more_at_the_end = small_tree();
  more_at_the_end.add("z", file_node({}));
  CHECK(fault_of(more_at_the_end, listing) ==
        start + "/z: it should hold `z R 0 644 0 0 0 8`, unsquashfs reads nothing");
  Tree less = small_tree();
  less.remove("lib");
  CHECK(fault_of(less, listing).find("unsquashfs reads `lib S 0 777 0 0 usr/lib`") != std::string::npos);
  Tree less_at_the_end = small_tree();
  less_at_the_end.remove("odd \\ \"name\"'\n");
  CHECK(fault_of(less_at_the_end, listing) ==
        R"(the squashfs holds more than the tree: unsquashfs reads `odd\ \\\ \"name\"\'`)");
  Tree copied = small_tree();
  copied.add("etc/news", *small_tree().find("etc/motd"));
  CHECK(fault_of(copied, listing) ==
        start + "/etc/news: it should hold `etc/news R 1000 644 0 0 5 5`, unsquashfs reads `etc/news L etc/motd`");
}

TEST_CASE("bytes that end early or go on are found") {
  const Tree tree = small_tree();
  const std::string listing = listing_of(tree);
  CHECK(fault_of(tree, listing.substr(0, listing.size() - 1)) == start + R"(/odd \ "name"'\x0a: its bytes end early)");
  CHECK(fault_of(tree, listing + "x") == "the squashfs holds more bytes than the files of the tree");
  CHECK(fault_of(tree, "") == start + "/: it should hold `/ D 0 755 0 0`, unsquashfs reads nothing");
}

TEST_CASE("a listing that never ends is not kept") {
  const Tree tree;
  SquashfsListing listing(tree, latest);
  const std::string line(1000, 'x');
  CHECK_THROWS_AS(
      [&] {
        for (int i = 0; i < 100; ++i) listing.feed(line);
      }(),
      Error);
}

TEST_CASE("the lines that later releases of unsquashfs add are understood") {
  Tree tree;
  tree.add("a b", file_node(spool()->append("12")));
  CHECK(fault_of(tree,
                 "/ D 0 755 0 0\n/ x user.note=0sAAAA\na\\ b R 0 644 0 0 2 0 0\na\\ b x user.note=0tvalue\n"
                 "#\n# START OF DATA - DO NOT MODIFY\n#\n12") == "no error");
}
