// The real tar2sqfs writes, the real unsquashfs reads back; rdsquashfs and the superblock say what those two do not.
#include "builder/media/squashfs.hpp"

#include <sched.h>

#include "builder/base/digest.hpp"
#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/tests/base/message_of.hpp"
#include "builder/tests/tree/rich_tree.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace fs = std::filesystem;
namespace {

struct Image {
  TempDir folder{fs::temp_directory_path(), "squashfs-test"};
  std::shared_ptr<Spool> spool = Spool::create(fs::temp_directory_path());
  fs::path file = folder.path() / "root.squashfs";

  void write(const Tree& tree, const Recipe::Squashfs& settings = {.level = 3}) const {
    Progress progress(true);
    Progress::Step step(progress, "squashfs");
    write_squashfs(tree, settings, latest, file, step);
  }
};

/// While it lives, this thread and what it starts run on the first of its processors alone.
class OneProcessor {
 public:
  OneProcessor() {
    ::sched_getaffinity(0, sizeof all_, &all_);
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++cpu)
      if (CPU_ISSET(cpu, &all_)) CPU_SET(cpu, &one);
    ::sched_setaffinity(0, sizeof one, &one);
  }
  ~OneProcessor() { ::sched_setaffinity(0, sizeof all_, &all_); }

 private:
  cpu_set_t all_{};
};

}  // namespace

TEST_CASE("a tree with one of everything becomes a squashfs, whatever the compression") {
  const Image image;
  const Tree tree = rich_tree(*image.spool);
  const std::vector<Recipe::Squashfs> all{{.compression = "zstd", .level = 3, .block_size = 262144},
                                          {.compression = "xz", .level = 1, .block_size = 1048576},
                                          {.compression = "gzip", .level = 1, .block_size = 4096}};
  for (const Recipe::Squashfs& settings : all) {
    CAPTURE(settings.compression);
    REQUIRE_NOTHROW(image.write(tree, settings));
    const std::string about = run_checked({.argv = {"unsquashfs", "-stat", image.file.string()}});
    CHECK(about.find("Compression " + settings.compression + "\n") != std::string::npos);
    CHECK(about.find("Block size " + std::to_string(settings.block_size) + "\n") != std::string::npos);
    CHECK(about.find("Creation or last append time Tue Nov 14 22:13:20 2023\n") != std::string::npos);
  }
}

TEST_CASE("capabilities and other extended attributes are in the image") {
  const Image image;
  Tree tree;
  tree.add("ping", file_node(image.spool->append("ELF"), 0755));
  tree.find("ping")->xattrs = {
      {"security.capability", std::string("\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20)},
      {"user.note", "text"}};
  image.write(tree);
  CHECK(run_checked({.argv = {"rdsquashfs", "-x", "/ping", image.file.string()}}) ==
        "user.note=text\nsecurity.capability=0x0100000200200000000000000000000000000000\n");
}

TEST_CASE("the same tree gives the same squashfs for any number of processors and in any folder") {
  const Image first, second;
  first.write(rich_tree(*first.spool));
  {
    const OneProcessor one;
    second.spool->append("moves every offset");
    second.write(rich_tree(*second.spool));
  }
  CHECK(sha256_of_file(first.file) == sha256_of_file(second.file));
}

TEST_CASE("another time gives another squashfs") {
  const Image first, second;
  Tree tree;
  tree.add("x", file_node(first.spool->append("x")));
  first.write(tree);
  tree.find("x")->mtime = 1;
  second.write(tree);
  CHECK(sha256_of_file(first.file) != sha256_of_file(second.file));
}

TEST_CASE("an empty tree becomes a squashfs") {
  const Image image;
  CHECK_NOTHROW(image.write(Tree()));
}

TEST_CASE("a squashfs is written over an old one") {
  const Image image;
  replace_file(image.file, std::string(100000, 'x'));
  CHECK_NOTHROW(image.write(Tree()));
}

TEST_CASE("what tar2sqfs cannot take stops the build with its own words") {
  const Image image;
  Tree tree;
  tree.add("x", file_node({}));
  tree.find("x")->xattrs = {{"system.unknown", "value"}};
  const std::string message = message_of([&] { image.write(tree); });
  CHECK(message.starts_with("writing " + image.file.string() + ": `tar2sqfs --quiet "));
  CHECK(message.find("system.unknown") != std::string::npos);
}

TEST_CASE("a level that the compression does not have stops the build with tar2sqfs' own words") {
  const Image image;
  const std::string message = message_of([&] { image.write(Tree(), {.compression = "xz", .level = 19}); });
  CHECK(message.starts_with("writing " + image.file.string() + ": `tar2sqfs --quiet "));
  CHECK(message.find("ended with status 1") != std::string::npos);
}

TEST_CASE("a folder that is not there is named") {
  Progress progress(true);
  Progress::Step step(progress, "squashfs");
  const std::string message = message_of([&] { write_squashfs(Tree(), {}, 0, "/nonexistent/x.squashfs", step); });
  CHECK(message.starts_with("writing /nonexistent/x.squashfs: `tar2sqfs --quiet "));
}
