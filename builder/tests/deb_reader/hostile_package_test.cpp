// Packages that no honest packer makes, by hand. Whole texts are compared: they are what a person has to work with.
#include "builder/base/error.hpp"
#include "builder/tests/deb_reader/deb_bytes.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
using namespace lifeboat::testing;

namespace {

/// The error of a package whose files are this tar, without the beginning that every error has.
std::string files_fault(const std::string& tar, const ArchiveLimits& limits = {}) {
  const std::string fault = fault_of({format, control_part(), {"data.tar", tar}}, limits);
  return fault.starts_with(start) ? fault.substr(start.size()) : fault;
}

std::string control_fault(const std::string& text) {
  const std::string fault = fault_of({format, control_part(text), data_part()});
  return fault.starts_with(start) ? fault.substr(start.size()) : fault;
}

Tree files_of(const std::string& tar) {
  Tree tree;
  unpack_into(tree, read_bytes(ar_of({format, control_part(), {"data.tar", tar}})).members, "hello");
  return tree;
}

std::string tar_of(unsigned type, unsigned mode, std::int64_t uid, std::int64_t gid) {
  return TarBuilder()
      .entry([&](archive_entry* it) {
        archive_entry_set_pathname(it, "usr/x");
        archive_entry_set_filetype(it, type);
        archive_entry_set_perm(it, static_cast<__LA_MODE_T>(mode));
        archive_entry_set_uid(it, uid);
        archive_entry_set_gid(it, gid);
      })
      .finish();
}

std::string file_of(unsigned mode, std::int64_t uid = 0, std::int64_t gid = 0) {
  return tar_of(AE_IFREG, mode, uid, gid);
}

}  // namespace

TEST_CASE("a package whose names lead out of the root is refused") {
  CHECK(files_fault(TarBuilder().file("../../etc/passwd", "x").finish()) ==
        R"(reading data.tar: ../../etc/passwd: the path "../../etc/passwd" holds "..")");
  CHECK(files_fault(TarBuilder().hard_link("x", "../../etc/shadow").finish()) ==
        R"(reading data.tar: x: the path "../../etc/shadow" holds "..")");
  CHECK(fault_of({format, {"control.tar", TarBuilder().file("../control", "").finish()}, data_part()}) ==
        start + R"(reading control.tar: ../control: the path "../control" holds "..")");
}

TEST_CASE("absolute names, and names through a link, stay inside of the root") {
  CHECK(files_of(TarBuilder().file("/etc/motd", "inside").finish()).read("etc/motd") == "inside");
  CHECK(files_of(TarBuilder().symlink("out", "../../..").file("out/etc/motd", "inside").finish()).read("etc/motd") ==
        "inside");
}

// Debian Policy 10.6 forbids them, and none of Debian's packages has one. dpkg would make them, as root, on the
// machine.
TEST_CASE("a package with a device or a named pipe is refused") {
  constexpr const char* rule = ", and a package may hold none (Debian Policy 10.6)";
  CHECK(files_fault(TarBuilder().device("dev/sda", AE_IFBLK, 8, 0).finish()) ==
        "/dev/sda: it is a block device" + std::string(rule));
  CHECK(files_fault(TarBuilder().device("dev/mem", AE_IFCHR, 1, 1).finish()) ==
        "/dev/mem: it is a character device" + std::string(rule));
  CHECK(files_fault(TarBuilder().device("run/initctl", AE_IFIFO, 0, 0).finish()) ==
        "/run/initctl: it is a named pipe" + std::string(rule));
}

// The rule for setuid and setgid. dpkg keeps the bits and looks the owner's *name* up on the machine; a rescue image's
// accounts are made after its files are there, so the number counts here. What packages legitimately have is kept:
// programs of root, and of the accounts that Debian numbers for every machine (Policy 9.2.2: 0-99 and 60000-64999).
// With any other number, the file would run as whoever gets that number in the image.
TEST_CASE("setuid and setgid files of root and of accounts with a fixed number are kept as they are") {
  for (const unsigned mode : {04755U, 04711U, 04754U, 06755U, 02755U}) {
    CAPTURE(mode);
    CHECK(files_of(file_of(mode)).find("usr/x")->mode == mode);
  }
  CHECK(files_of(file_of(04755, 6, 0)).find("usr/x")->uid == 6);    // man
  CHECK(files_of(file_of(02755, 0, 42)).find("usr/x")->gid == 42);  // shadow: expiry, chage
  CHECK(files_of(file_of(02755, 0, 64055)).find("usr/x")->gid == 64055);
  CHECK(files_of(tar_of(AE_IFDIR, 02775, 0, 50)).find("usr/x")->mode == 02775);  // staff: /usr/local
}

TEST_CASE("a setuid or setgid file of an account that is another one on every machine is refused") {
  CHECK(files_fault(file_of(04755, 1000, 0)) ==
        "/usr/x: it is setuid for user 1000, who is somebody else on every machine");
  CHECK(files_fault(file_of(04755, 100, 0)) ==
        "/usr/x: it is setuid for user 100, who is somebody else on every machine");
  CHECK(files_fault(file_of(02755, 0, 999)) ==
        "/usr/x: it is setgid for group 999, which is another one on every machine");
  CHECK(files_fault(tar_of(AE_IFDIR, 02775, 0, 1000)) ==
        "/usr/x: it is setgid for group 1000, which is another one on every machine");
  CHECK(files_fault(file_of(0755, 1000, 1000)) == "no error");  // it runs as whoever starts it
}

TEST_CASE("a setuid or setgid file that others may write is refused") {
  constexpr const char* fault = "/usr/x: it is setuid or setgid, and others than its owner may write it";
  CHECK(files_fault(file_of(04757)) == fault);
  CHECK(files_fault(file_of(04775)) == fault);
  CHECK(files_fault(file_of(02775)) == fault);
  CHECK(files_fault(tar_of(AE_IFDIR, 02777, 0, 0)) == "no error");  // a folder runs nothing
}

// dpkg reads no extended headers, so an attribute in a package is not Debian's. Capabilities are a setuid of their own.
TEST_CASE("a package with extended attributes is refused") {
  const std::string tar = TarBuilder()
                              .entry([](archive_entry* it) {
                                archive_entry_set_pathname(it, "usr/bin/ping");
                                archive_entry_xattr_add_entry(it, "security.capability", "\x01", 1);
                              })
                              .finish();
  CHECK(files_fault(tar) ==
        "/usr/bin/ping: it has the extended attribute security.capability, which dpkg takes from no package");
}

// dpkg's database keeps a package's files one to a line.
TEST_CASE("a package with a control character in a name or a link's target is refused") {
  CHECK(files_fault(TarBuilder().file("usr/a\n/etc/passwd", "").finish()) ==
        R"(/usr/a\x0a/etc/passwd: its name holds a control character)");
  CHECK(files_fault(TarBuilder().folder("usr/\x1b[2J").finish()) ==
        R"(/usr/\x1b[2J: its name holds a control character)");
  CHECK(files_fault(TarBuilder().file("x", "").hard_link("y\x7f", "x").finish()) ==
        R"(/y\x7f: its name holds a control character)");
  CHECK(files_fault(TarBuilder().symlink("usr/x", "a\nb\x1b").finish()) ==
        R"(/usr/x: its target a\x0ab\x1b holds a control character)");
  CHECK(files_fault(TarBuilder().file("usr/gr\xc3\xbcn and blanks", "").finish()) == "no error");
}

TEST_CASE("a package with two files under one name is refused") {
  CHECK(files_fault(TarBuilder().file("usr/x", "good").file("./usr/x", "evil").finish()) ==
        "/usr/x: it is in the package twice");
  CHECK(files_fault(TarBuilder().file("usr/x", "good").symlink("usr//x", "evil").finish()) ==
        "/usr/x: it is in the package twice");
  CHECK(files_fault(TarBuilder().file("usr/x", "").file("usr/y", "").hard_link("usr/x", "usr/y").finish()) ==
        "/usr/x: it is in the package twice");
  CHECK(files_fault(TarBuilder().folder("usr").file("usr/x", "").folder("usr/").finish()) == "no error");
}

TEST_CASE("a package that unpacks without end is refused, whatever its compression") {
  for (const char* filter : {"gzip", "xz", "zstd", "bzip2", "lzma"}) {
    CAPTURE(filter);
    const std::string bomb = TarBuilder(filter).file("bomb", std::string(20 << 20, '\0')).finish();
    REQUIRE(bomb.size() < 64 << 10);
    CHECK(files_fault(bomb, {.member_size = 19 << 20}) ==
          "reading data.tar: bomb: it is 20.0 MiB; the limit is 19.0 MiB");
    CHECK(files_fault(bomb, {.total_size = 19 << 20}) ==
          "reading data.tar: bomb: the files up to it are over the limit of 19.0 MiB");
    CHECK(fault_of({format, {"control.tar", bomb}, data_part()}) ==
          start + "reading control.tar: bomb: it is 20.0 MiB; the limit is 16.0 MiB");
  }
}

TEST_CASE("a hole of 2^40 bytes is refused") {
  const std::string tar = TarBuilder()
                              .entry([](archive_entry* it) {
                                archive_entry_set_pathname(it, "hole");
                                archive_entry_set_size(it, 1LL << 40);
                                archive_entry_sparse_add_entry(it, 0, 0);
                              })
                              .finish();
  CHECK(files_fault(tar) == "reading data.tar: hole: it is 1.0 TiB; the limit is 4.0 GiB");
}

TEST_CASE("a package whose bytes are garbage behind a good beginning is refused") {
  const auto spoiled = [](const char* filter) {
    std::string numbers;
    for (int i = 0; i < 5000; ++i) numbers += std::to_string(i * i);
    std::string tar = TarBuilder(filter).file("a", numbers).finish();
    for (std::size_t at = tar.size() / 2; at < tar.size(); ++at) tar[at] = static_cast<char>(at * 37);
    return files_fault(tar);
  };
  CHECK(spoiled("gzip") == "reading data.tar: gzip decompression failed");
  CHECK(spoiled("xz") == "reading data.tar: Lzma library error: Corrupted input data");
  CHECK(spoiled("zstd") == "reading data.tar: Zstd decompression failed: Data corruption detected");
  CHECK(spoiled("none") == "reading data.tar: Damaged tar archive");
}

TEST_CASE("a control file that is not one stanza of fields is refused with the line") {
  const std::string good = "Package: hello\nVersion: 1:2.10-3\nArchitecture: amd64\n";
  CHECK(control_fault(good) == "no error");
  CHECK(control_fault(good + "\n\n") == "no error");
  CHECK(control_fault(good + "Tab:\ta\n\tb\n") == "no error");
  CHECK(control_fault(good + "\nPackage: evil\nVersion: 1\n") == "its control file, line 4: an empty line");
  CHECK(control_fault(good + " \t\nPackage: evil\n") == "its control file, line 4: an empty line");
  CHECK(control_fault(good + "Package: evil\n") == "its control file, line 4: a second Package");
  CHECK(control_fault(good + "package: evil\n") == "its control file, line 4: a second package");
  CHECK(control_fault(good + "X: \x1b[2J\n") == R"(its control file, line 4: "X: \x1b[2J" holds a control character)");
  CHECK(control_fault(good + "X: a\rPackage: evil\n") ==
        R"(its control file, line 4: "X: a\x0dPackage: evil" holds a control character)");
  CHECK(control_fault(good + std::string("X: \0\n", 5)) ==
        R"(its control file, line 4: "X: \x00" holds a control character)");
  CHECK(control_fault(good + "no field\n") == R"(its control file, line 4: "no field" is no field)");
  CHECK(control_fault(good + ": x\n") == R"(its control file, line 4: ": x" is no field)");
  CHECK(control_fault(good + "-X: x\n") == R"(its control file, line 4: "-X: x" is no field)");
  CHECK(control_fault(" x\n" + good) == R"(its control file, line 1: " x" continues no field)");
}

TEST_CASE("a list of the control part that names a path out of the root is refused with the line") {
  const auto with = [](const std::string& list, const std::string& text) {
    const std::string tar = TarBuilder().file("control", hello_control).file(list, text).finish();
    const std::string fault = fault_of({format, {"control.tar", tar}, data_part()});
    return fault.starts_with(start) ? fault.substr(start.size()) : fault;
  };
  const std::string digest(32, 'a');
  CHECK(with("md5sums", digest + "  usr/bin/x\n" + digest + "  ../etc/passwd\n") ==
        R"(its file md5sums, line 2: the path "../etc/passwd" holds "..")");
  CHECK(with("conffiles", "/etc/x\nremove-on-upgrade /etc/../../y\n") ==
        R"(its file conffiles, line 2: the path "etc/../../y" holds "..")");
  CHECK(with("conffiles", "/../a name with blanks\n") ==
        R"(its file conffiles, line 1: the path "../a name with blanks" holds "..")");
  CHECK(with("triggers", "interest-noawait /usr/../../x\n") ==
        R"(its file triggers, line 1: the path "/usr/../../x" holds "..")");
  CHECK(with("triggers", "interest \x1b[2J\n") ==
        R"(its file triggers, line 1: "interest \x1b[2J" holds a control character)");
  CHECK(with("md5sums", digest + "  usr/a name with blanks\n\n") == "no error");
  CHECK(with("conffiles", "/etc/x\nremove-on-upgrade /etc/y\n") == "no error");
  CHECK(with("triggers", "# a comment\ninterest-noawait ldconfig\n") == "no error");
}

// They become files NAME.FILE of dpkg's database.
TEST_CASE("a file of the control part that is not one of a package is refused") {
  const auto with = [](const std::string& name) {
    const std::string tar = TarBuilder().file("control", hello_control).file(name, "").finish();
    return fault_of({format, {"control.tar", tar}, data_part()});
  };
  CHECK(with("list") == start + "its control part holds a file list, which dpkg alone writes");
  CHECK(with("status") == start + "its control part holds a file status, which dpkg alone writes");
  CHECK(with("a\nb") == start + R"(its control part holds a file with the name "a\x0ab")");
  CHECK(with("a b") == start + R"(its control part holds a file with the name "a b")");
  CHECK(with("./control") == start + "its control part holds /control twice");
  CHECK(with("templates") == "no error");
}
