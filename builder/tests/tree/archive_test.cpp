#include "builder/tree/archive.hpp"

#include "builder/base/error.hpp"
#include "builder/tests/tree/tar_builder.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace fs = std::filesystem;
namespace {

std::shared_ptr<Spool> spool() {
  static const auto shared = Spool::create(fs::temp_directory_path());
  return shared;
}

std::vector<ArchiveMember> read(const std::string& tar, std::size_t piece = 1000) {
  return read_tar(in_pieces(tar, piece), *spool(), "test.tar");
}

}  // namespace

TEST_CASE("every compression that packages use is read") {
  for (const char* filter : {"none", "gzip", "xz", "zstd", "bzip2", "lzma"}) {
    CAPTURE(filter);
    const auto members = read(TarBuilder(filter).folder("./").file("./etc/motd", "hello").finish(), 7);
    REQUIRE(members.size() == 2);
    CHECK(members[0].path.is_root());
    CHECK(members[1].path == TreePath("etc/motd"));
    CHECK(members[1].node.content.read() == "hello");
  }
}

TEST_CASE("a compression that no package uses is not read") {
  CHECK_THROWS_AS(read(TarBuilder("compress").file("x", "x").finish()), Error);
}

TEST_CASE("an entry keeps its mode, owner, time and attributes") {
  const std::string capability("\x01\x00\x00\x02\x00\x20", 6);
  const auto members = read(TarBuilder()
                                .entry([&](archive_entry* it) {
                                  archive_entry_set_pathname(it, "bin/ping");
                                  archive_entry_set_perm(it, 06755);
                                  archive_entry_set_uid(it, 4294967294);
                                  archive_entry_set_gid(it, 70000);
                                  archive_entry_set_mtime(it, -5, 0);
                                  archive_entry_xattr_add_entry(it, "security.capability", capability.data(), 6);
                                })
                                .finish());
  REQUIRE(members.size() == 1);
  const Node& node = members[0].node;
  CHECK(node.mode == 06755);
  CHECK(node.uid == 4294967294);
  CHECK(node.gid == 70000);
  CHECK(node.mtime == -5);
  CHECK(node.xattrs == std::map<std::string, std::string>{{"security.capability", capability}});
}

TEST_CASE("links and devices keep what makes them") {
  const std::string long_target = "../" + std::string(150, 't');
  const auto members = read(TarBuilder()
                                .symlink("l", long_target)
                                .device("dev/console", AE_IFCHR, 5, 1)
                                .device("dev/sda", AE_IFBLK, 8, 1048575)
                                .device("pipe", AE_IFIFO, 0, 0)
                                .finish());
  REQUIRE(members.size() == 4);
  CHECK(members[0].node.type == NodeType::symlink);
  CHECK(members[0].node.target == long_target);
  CHECK(members[1].node.type == NodeType::character_device);
  CHECK(members[1].node.device_major == 5);
  CHECK(members[1].node.device_minor == 1);
  CHECK(members[2].node.type == NodeType::block_device);
  CHECK(members[2].node.device_minor == 1048575);
  CHECK(members[3].node.type == NodeType::fifo);
}

TEST_CASE("long names and names in UTF-8 arrive whole") {
  const std::string name = "usr/" + std::string(60, 'd') + "/gr\xc3\xbc\xc3\x9f" + "e/" + std::string(200, 'f');
  const auto members = read(TarBuilder().file(name, "x").symlink("l", "\xc3\xbc/" + std::string(120, 't')).finish());
  REQUIRE(members.size() == 2);
  CHECK(members[0].path.str() == name);
  CHECK(members[1].node.target == "\xc3\xbc/" + std::string(120, 't'));
}

TEST_CASE("a hard link becomes a second name of one file") {
  Tree tree;
  const auto members =
      read(TarBuilder().file("usr/bin/perl", "perl").hard_link("usr/bin/perl5", "./usr/bin/perl").finish());
  unpack_into(tree, members, "perl.deb");
  CHECK(tree.find("usr/bin/perl") == tree.find("usr/bin/perl5"));
  CHECK(tree.read("usr/bin/perl5") == "perl");
}

TEST_CASE("a sparse file is read with its holes and takes no room for them") {
  const std::uint64_t size = std::uint64_t{1} << 30;
  const std::string tar = TarBuilder()
                              .entry(
                                  [&](archive_entry* it) {
                                    archive_entry_set_pathname(it, "image");
                                    archive_entry_set_size(it, static_cast<la_int64_t>(size));
                                    archive_entry_sparse_add_entry(it, 4096, 4096);
                                  },
                                  std::string(4096, '\0') + std::string(4096, 'x'))
                              .finish();
  REQUIRE(tar.size() < 65536);
  const auto members = read(tar);
  REQUIRE(members.size() == 1);
  const Content& content = members[0].node.content;
  CHECK(content.size == size);
  CHECK(content.read_part(0, 4096) == std::string(4096, '\0'));
  CHECK(content.read_part(4096, 4096) == std::string(4096, 'x'));
  CHECK(content.read_part(size - 4096, 8192) == std::string(4096, '\0'));
}

TEST_CASE("a later member of the same name wins") {
  Tree tree;
  unpack_into(tree, read(TarBuilder().file("x", "first").file("./x", "second").finish()), "x.tar");
  CHECK(tree.read("x") == "second");
}

TEST_CASE("an archive without members is empty") { CHECK(read(TarBuilder().finish()).empty()); }

TEST_CASE("what the source of the bytes throws comes through") {
  const auto failing = []() -> std::string_view { throw Error("the disk is gone", "look at dmesg"); };
  try {
    read_tar(failing, *spool(), "x.tar");
    FAIL("no error");
  } catch (const Error& error) {
    CHECK(std::string(error.what()) == "reading x.tar: the disk is gone");
    CHECK(error.hint() == "look at dmesg");
  }
}
