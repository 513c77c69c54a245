// Archives that no honest packer makes. Whole texts are compared: they are what a person has to work with.
#include <cstdio>

#include "builder/base/run.hpp"
#include "builder/tests/base/message_of.hpp"
#include "builder/tests/tree/tar_builder.hpp"
#include "builder/tree/archive.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace fs = std::filesystem;
namespace {

Tree unpacked(const std::string& tar, const ArchiveLimits& limits = {}) {
  Tree tree;
  const auto spool = Spool::create(fs::temp_directory_path());
  unpack_into(tree, read_tar(in_pieces(tar), *spool, "bad.deb", limits), "bad.deb");
  return tree;
}

std::string fault_of(const std::string& tar, const ArchiveLimits& limits = {}) {
  return message_of([&] { unpacked(tar, limits); });
}

/// An entry whose fields are set by hand.
std::string tar_with(const std::function<void(archive_entry*)>& fill) {
  return TarBuilder()
      .entry([&](archive_entry* it) {
        archive_entry_set_pathname(it, "x");
        fill(it);
      })
      .finish();
}

/// POSIX.1-2001, "ustar Interchange Format".
std::string header_of(const std::string& name, const std::string& type, std::size_t size, const std::string& link) {
  std::string header(512, '\0');
  const auto put = [&](std::size_t at, const std::string& text) { header.replace(at, text.size(), text); };
  char digits[12];
  std::snprintf(digits, sizeof digits, "%011zo", size);
  put(0, name);
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  put(124, digits);
  put(136, "00000000000");
  put(148, "        ");
  put(156, type);
  put(157, link);
  put(257, "ustar");
  put(263, "00");
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  std::snprintf(digits, sizeof digits, "%06o", sum);
  put(148, std::string(digits) + '\0');
  return header;
}

/// A hard link x -> y with `size` bytes behind it, which the pax format allows: the extended header says that it is
/// one.
std::string link_with_body(std::size_t size) {
  std::string record = "11 mtime=1\n";
  std::string tar = header_of("extended", "x", record.size(), "");
  record.resize(512);
  return tar + record + header_of("x", "1", size, "y") + std::string(size, '\0') + std::string(1024, '\0');
}

}  // namespace

TEST_CASE("a name that leads out of the root is refused") {
  CHECK(fault_of(TarBuilder().file("../x", "").finish()) == R"(reading bad.deb: ../x: the path "../x" holds "..")");
  CHECK(fault_of(TarBuilder().file("usr/../../x", "").finish()) ==
        R"(reading bad.deb: usr/../../x: the path "usr/../../x" holds "..")");
  CHECK(fault_of(TarBuilder().folder("a/../..").finish()) ==
        R"(reading bad.deb: a/../../: the path "a/../../" holds "..")");
}

TEST_CASE("an absolute name lies below the root") {
  CHECK(unpacked(TarBuilder().file("/etc/passwd", "inside").finish()).read("etc/passwd") == "inside");
}

TEST_CASE("a hard link that leads out of the root is refused") {
  CHECK(fault_of(TarBuilder().hard_link("x", "../../etc/shadow").finish()) ==
        R"(reading bad.deb: x: the path "../../etc/shadow" holds "..")");
  CHECK(fault_of(TarBuilder().hard_link("x", "/").finish()) == "reading bad.deb: x: it is a hard link to nothing");
  CHECK(fault_of(TarBuilder().hard_link("x", "/etc/shadow").finish()) ==
        "unpacking bad.deb: adding the hard link /x: there is no file /etc/shadow to link to");
}

TEST_CASE("a path through a symbolic link stays inside of the root") {
  for (const char* target : {"/", "..", "../../..", "/../.."}) {
    CAPTURE(target);
    const Tree tree = unpacked(TarBuilder().symlink("a/out", target).file("a/out/etc/shadow", "caught").finish());
    CHECK(tree.read("etc/shadow") == "caught");
    CHECK(tree.find("a/out")->target == target);
  }
}

TEST_CASE("a hard link through a symbolic link stays inside of the root") {
  CHECK(fault_of(TarBuilder().symlink("out", "../../etc").hard_link("x", "out/passwd").finish()) ==
        "unpacking bad.deb: adding the hard link /x: there is no file /out/passwd to link to");
}

TEST_CASE("a file through a file is refused") {
  CHECK(fault_of(TarBuilder().file("x", "").file("x/y", "").finish()) ==
        "unpacking bad.deb: adding /x/y: /x is not a folder");
}

TEST_CASE("control characters of a name never reach the terminal") {
  CHECK(fault_of(TarBuilder().file("a\x1b[2J\n/../x", "").finish()) ==
        R"(reading bad.deb: a\x1b[2J\x0a/../x: the path "a\x1b[2J\x0a/../x" holds "..")");
  const Tree tree = unpacked(TarBuilder().file("a\nb", "kept").finish());
  CHECK(tree.read("a\nb") == "kept");
}

TEST_CASE("a symbolic link to nothing is refused") {
  CHECK(fault_of(TarBuilder().symlink("x", "").finish()) == "reading bad.deb: x: it is a symbolic link to nothing");
  CHECK(fault_of(TarBuilder().symlink("x", std::string(4096, 't')).finish()) ==
        "reading bad.deb: x: its link target is over 4095 bytes");
}

TEST_CASE("a symbolic link has one mode, whatever the archive says") {
  const std::string tar = TarBuilder()
                              .entry([](archive_entry* it) {
                                archive_entry_set_pathname(it, "x");
                                archive_entry_set_filetype(it, AE_IFLNK);
                                archive_entry_set_symlink(it, "y");
                                archive_entry_set_perm(it, 06700);
                              })
                              .finish();
  CHECK(unpacked(tar).find("x")->mode == 0777);
}

TEST_CASE("a file through links that go round is refused") {
  CHECK(fault_of(TarBuilder().symlink("a", "b").symlink("b", "a").file("a/x", "").finish()) ==
        "unpacking bad.deb: adding /a/x: too many symbolic links on the way to /a/x");
}

TEST_CASE("a hard link to a folder or a symbolic link is refused") {
  CHECK(fault_of(TarBuilder().folder("etc").hard_link("x", "etc").finish()) ==
        "unpacking bad.deb: adding the hard link /x: there is no file /etc to link to");
  CHECK(fault_of(TarBuilder().symlink("y", "etc/shadow").hard_link("x", "y").finish()) ==
        "unpacking bad.deb: adding the hard link /x: there is no file /y to link to");
}

TEST_CASE("the root can only be a folder") {
  CHECK(fault_of(TarBuilder().file("./.", "x").finish()) == "reading bad.deb: ./.: only a folder can be the root");
  CHECK(fault_of(TarBuilder().symlink(".", "/etc").finish()) == "reading bad.deb: .: only a folder can be the root");
}

TEST_CASE("numbers that no inode can hold are refused") {
  CHECK(fault_of(tar_with([](archive_entry* it) { archive_entry_set_uid(it, 4294967296); })) ==
        "reading bad.deb: x: its owner is 4294967296");
  CHECK(fault_of(tar_with([](archive_entry* it) { archive_entry_set_gid(it, 1LL << 40); })) ==
        "reading bad.deb: x: its group is 1099511627776");
  CHECK(fault_of(TarBuilder().device("x", AE_IFBLK, 4096, 0).finish()) ==
        "reading bad.deb: x: its major number is 4096");
}

TEST_CASE("a file over the limit is refused before a byte of it is kept, whatever the compression") {
  const std::string filter = GENERATE("gzip", "xz", "zstd", "bzip2", "lzma");
  const std::string tar = TarBuilder(filter).file("bomb", std::string(1 << 20, '\0')).finish();
  REQUIRE(tar.size() < 4096);
  CHECK(fault_of(tar, {.member_size = 1 << 19}) == "reading bad.deb: bomb: it is 1.0 MiB; the limit is 512.0 KiB");
  CHECK(fault_of(tar, {.member_size = (1 << 20) - 1}) != "no error");
  CHECK(fault_of(tar, {.member_size = 1 << 20}) == "no error");
}

TEST_CASE("files that are too much together are refused") {
  const std::string tar = TarBuilder().file("a", std::string(600, 'a')).file("b", std::string(600, 'b')).finish();
  CHECK(fault_of(tar, {.total_size = 1199}) == "reading bad.deb: b: the files up to it are over the limit of 1.2 KiB");
  CHECK(fault_of(tar, {.total_size = 1200}) == "no error");
}

// libarchive skips what stands behind such a link; without a limit of its own, for as long as a bomb goes on.
TEST_CASE("an archive that hides its bulk where nobody reads it is given up") {
  const std::string filter = GENERATE("gzip", "xz", "zstd");
  const std::string tar = run_checked({.argv = {filter, "-c"}, .input = link_with_body(64 << 20)});
  REQUIRE(tar.size() < 128 << 10);
  CHECK(fault_of(tar, {.total_size = 1000, .members = 10}) == "reading bad.deb: it unpacks to more than 1.0 MiB");
  CHECK(fault_of(tar) == "unpacking bad.deb: adding the hard link /x: there is no file /y to link to");
}

TEST_CASE("holes count against the limit") {
  const std::string tar = TarBuilder()
                              .entry([](archive_entry* it) {
                                archive_entry_set_pathname(it, "hole");
                                archive_entry_set_size(it, 1LL << 40);
                                archive_entry_sparse_add_entry(it, 0, 0);
                              })
                              .finish();
  CHECK(fault_of(tar) == "reading bad.deb: hole: it is 1.0 TiB; the limit is 4.0 GiB");
}

TEST_CASE("too many members are refused") {
  const std::string tar = TarBuilder().file("a", "").file("b", "").file("c", "").finish();
  CHECK(fault_of(tar, {.members = 2}) == "reading bad.deb: it has over 2 members");
  CHECK(fault_of(tar, {.members = 3}) == "no error");
}

TEST_CASE("what is no archive is refused") {
  CHECK(fault_of("") == "reading bad.deb: Unrecognized archive format");
  CHECK(fault_of("hello") == "reading bad.deb: Unrecognized archive format");
  CHECK(fault_of(std::string(5000, 'x')) == "reading bad.deb: Unrecognized archive format");
}

TEST_CASE("an archive that is cut off anywhere is refused") {
  for (const char* filter : {"gzip", "xz", "zstd", "bzip2"}) {
    CAPTURE(filter);
    const std::string tar = TarBuilder(filter).file("a", "first").file("b", std::string(3000, 'b')).finish();
    for (std::size_t size = 0; size < tar.size(); ++size) {
      CAPTURE(size, tar.size());
      CHECK(fault_of(tar.substr(0, size)).starts_with("reading bad.deb: "));
    }
  }
}
