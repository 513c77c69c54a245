// The writers, judged by independent readers: cpio, bsdtar and our own archive reader.
#include "builder/tree/write.hpp"

#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"
#include "builder/tests/base/message_of.hpp"
#include "builder/tests/tree/rich_tree.hpp"
#include "builder/tests/tree/tar_builder.hpp"
#include "builder/tree/archive.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace fs = std::filesystem;
namespace {

std::string tar_of(const Tree& tree) {
  std::string bytes;
  write_tar(tree, latest, [&](std::string_view piece) { bytes += piece; });
  return bytes;
}

std::string cpio_of(const Tree& tree) {
  std::string bytes;
  write_cpio(tree, latest, [&](std::string_view piece) { bytes += piece; });
  return bytes;
}

}  // namespace

TEST_CASE("a tar gives back the same tree") {
  const auto spool = Spool::create(fs::temp_directory_path());
  const Tree tree = rich_tree(*spool);
  Tree again;
  unpack_into(again, read_tar(in_pieces(tar_of(tree), 65536), *spool, "tree.tar"), "tree.tar");
  REQUIRE(again.nodes().size() == tree.nodes().size());
  for (const auto& [path, node] : tree.nodes()) {
    CAPTURE(path.str());
    const Node* other = again.find(path);
    REQUIRE(other != nullptr);
    CHECK(other->type == node->type);
    CHECK(other->mode == node->mode);
    CHECK(other->uid == node->uid);
    CHECK(other->gid == node->gid);
    CHECK(other->mtime == std::clamp<std::int64_t>(node->mtime, 0, latest));
    CHECK(other->target == node->target);
    CHECK(other->xattrs == node->xattrs);
    CHECK(other->device_major == node->device_major);
    CHECK(other->device_minor == node->device_minor);
    CHECK(other->content.read() == node->content.read());
  }
  CHECK(again.find("zlast") == again.find("usr/bin/su"));
}

TEST_CASE("bsdtar lists a tar as the tree is") {
  const auto spool = Spool::create(fs::temp_directory_path());
  Tree tree;
  tree.add("etc/motd", file_node(spool->append("hello"), 0640));
  tree.find("etc/motd")->mtime = latest;
  tree.add_hard_link("etc/news", "etc/motd");
  tree.add("lib", symlink_node("usr/lib"));
  tree.add("dev/null", {.type = NodeType::character_device, .mode = 0666, .device_major = 1, .device_minor = 3});
  CHECK(run_checked({.argv = {"bsdtar", "-tvf", "-", "--numeric-owner"}, .input = tar_of(tree)}) ==
        "drwxr-xr-x  0 0      0           0 Jan  1  1970 ./\n"
        "drwxr-xr-x  0 0      0           0 Jan  1  1970 dev/\n"
        "crw-rw-rw-  0 0      0         1,3 Jan  1  1970 dev/null\n"
        "drwxr-xr-x  0 0      0           0 Jan  1  1970 etc/\n"
        "-rw-r-----  0 0      0           5 Nov 14  2023 etc/motd\n"
        "hrw-r-----  0 0      0           0 Nov 14  2023 etc/news link to etc/motd\n"
        "lrwxrwxrwx  0 0      0           0 Jan  1  1970 lib -> usr/lib\n");
}

TEST_CASE("GNU tar reads the extended headers") {
  const auto spool = Spool::create(fs::temp_directory_path());
  const Tree tree = rich_tree(*spool);
  const std::string listing = run_checked({.argv = {"tar", "--numeric-owner", "-tvf", "-"}, .input = tar_of(tree)});
  CHECK(split_lines(listing).size() == tree.nodes().size());
  CHECK(listing.find("4294967294/3000000") != std::string::npos);
  CHECK(listing.find(" long/" + std::string(99, 'n') + "/" + std::string(255, 'x') + "\n") != std::string::npos);
}

TEST_CASE("cpio lists an initramfs as the tree is") {
  const auto spool = Spool::create(fs::temp_directory_path());
  Tree tree;
  tree.add("init", file_node(spool->append("0123456789"), 0755));
  tree.find("init")->mtime = latest + 100;
  tree.add_hard_link("sbin/init", "init");
  tree.add("bin", symlink_node("usr/bin"));
  tree.add("dev/console", {.type = NodeType::character_device, .mode = 0600, .device_major = 5, .device_minor = 1});
  tree.add("etc", directory_node(0700));
  tree.find("etc")->uid = 1;
  tree.find("etc")->gid = 2;
  CHECK(run_checked({.argv = {"cpio", "-itvn", "--quiet"}, .input = cpio_of(tree)}) ==
        "drwxr-xr-x   2 0        0               0 Jan  1  1970 .\n"
        "lrwxrwxrwx   1 0        0               7 Jan  1  1970 bin -> usr/bin\n"
        "drwxr-xr-x   2 0        0               0 Jan  1  1970 dev\n"
        "crw-------   1 0        0          5,   1 Jan  1  1970 dev/console\n"
        "drwx------   2 1        2               0 Jan  1  1970 etc\n"
        "-rwxr-xr-x   2 0        0               0 Nov 14  2023 init\n"
        "drwxr-xr-x   2 0        0               0 Jan  1  1970 sbin\n"
        "-rwxr-xr-x   2 0        0              10 Nov 14  2023 sbin/init\n");
}

TEST_CASE("cpio and bsdtar unpack an initramfs with its hard links and its bytes") {
  const auto spool = Spool::create(fs::temp_directory_path());
  Tree tree;
  tree.add("a", file_node(spool->append("shared bytes"), 0755));
  tree.add_hard_link("b/c", "a");
  tree.add_hard_link("d", "a");
  tree.add("odd", file_node(spool->append(std::string((1 << 20) + 1, 'o'))));
  tree.add("empty", file_node({}));
  const std::vector<std::vector<std::string>> readers{{"cpio", "-id", "--quiet"}, {"bsdtar", "-xf", "-"}};
  for (const auto& reader : readers) {
    CAPTURE(reader[0]);
    TempDir folder(fs::temp_directory_path(), "cpio-test");
    run_checked({.argv = reader, .directory = folder.path(), .input = cpio_of(tree)});
    for (const char* name : {"a", "b/c", "d"}) CHECK(read_file(folder.path() / name) == "shared bytes");
    CHECK(fs::hard_link_count(folder.path() / "a") == 3);
    CHECK(read_file(folder.path() / "odd") == std::string((1 << 20) + 1, 'o'));
    CHECK(fs::is_empty(folder.path() / "empty"));
  }
}

TEST_CASE("every part of an initramfs starts at a multiple of four") {
  const auto spool = Spool::create(fs::temp_directory_path());
  const std::string bytes = cpio_of(rich_tree(*spool));
  CHECK(bytes.size() % 4 == 0);
  CHECK(bytes.starts_with("070701"));
  CHECK(bytes.substr(bytes.size() - 124, 6) == "070701");
  CHECK(bytes.find("TRAILER!!!") == bytes.size() - 14);
}

TEST_CASE("an initramfs cannot hold a file over 4 GiB") {
  const auto spool = Spool::create(fs::temp_directory_path());
  Tree tree;
  tree.add("huge", file_node(spool->reserve(std::uint64_t{1} << 32)));
  CHECK(message_of([&] { cpio_of(tree); }) == "/huge is over 4 GiB, too much for an initramfs");
}

TEST_CASE("a tar holds a file over 8 GiB") {
  const auto spool = Spool::create(fs::temp_directory_path());
  Tree tree;
  const std::uint64_t size = (std::uint64_t{1} << 33) + 5;
  tree.add("huge", file_node(spool->reserve(size)));
  std::string start;
  struct Enough {};
  const auto first_piece = [&](std::string_view piece) {
    start = piece;
    throw Enough();
  };
  CHECK_THROWS_AS(write_tar(tree, latest, first_piece), Enough);
  CHECK(start.find("19 size=8589934597\n") != std::string::npos);
}

TEST_CASE("the same tree gives the same bytes, whatever the order it grew in") {
  const auto spool = Spool::create(fs::temp_directory_path());
  const auto other_spool = Spool::create(fs::temp_directory_path());
  other_spool->append("moves every offset");
  const Tree tree = rich_tree(*spool);
  CHECK(tar_of(tree) == tar_of(rich_tree(*other_spool)));
  CHECK(cpio_of(tree) == cpio_of(rich_tree(*other_spool)));
  Tree forwards, backwards;
  for (const char* path : {"a", "b/c", "d"}) forwards.add(path, file_node(spool->append(path)));
  for (const char* path : {"d", "b/c", "a"}) backwards.add(path, file_node(spool->append(path)));
  CHECK(tar_of(forwards) == tar_of(backwards));
  CHECK(cpio_of(forwards) == cpio_of(backwards));
}
