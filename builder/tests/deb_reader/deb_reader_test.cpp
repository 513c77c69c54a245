// Packages made by the real dpkg-deb, and by hand where dpkg-deb would refuse.
#include "builder/package/deb_reader.hpp"

#include <fcntl.h>

#include <thread>

#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/tests/base/message_of.hpp"
#include "builder/tests/deb_reader/deb_bytes.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
using namespace lifeboat::testing;
namespace fs = std::filesystem;
namespace {

struct Folder : TempDir {
  Folder() : TempDir(fs::temp_directory_path(), "deb-test") {}

  void put(const fs::path& name, std::string_view text, unsigned mode = 0644) const {
    lifeboat::create_directories((path() / name).parent_path());
    write_all(open_file(path() / name, O_WRONLY | O_CREAT | O_TRUNC, mode), text, name.string());
  }

  /// A small package with everything that dpkg keeps, packed by dpkg-deb.
  fs::path real_deb(const std::string& compression) const {
    put("root/DEBIAN/control", hello_control);
    put("root/DEBIAN/postinst", "#!/bin/sh\ntouch /tmp/lifeboat-ran-a-script\n", 0755);
    put("root/DEBIAN/conffiles", "/etc/hello.conf\n");
    put("root/etc/hello.conf", "greeting=hello\n", 0640);
    put("root/usr/bin/hello", "ELF", 04755);
    fs::create_hard_link(path() / "root/usr/bin/hello", path() / "root/usr/bin/hi");
    fs::create_symlink("hello", path() / "root/usr/bin/greet");
    const fs::path deb = path() / "hello.deb";
    run_checked({.argv = {"dpkg-deb", "--root-owner-group", "-Z" + compression, "-b", (path() / "root").string(),
                          deb.string()}});
    return deb;
  }
};

}  // namespace

TEST_CASE("a package of dpkg-deb is read whole, whatever its compression") {
  for (const char* compression : {"xz", "gzip", "zstd", "none"}) {
    CAPTURE(compression);
    const Folder folder;
    const auto spool = Spool::create(folder.path());
    const UnpackedPackage unpacked = read_deb(folder.real_deb(compression), hello(), *spool);
    CHECK(unpacked.package.name == "hello");
    CHECK(unpacked.control.size() == 3);
    CHECK(unpacked.control.at("control") == hello_control);
    CHECK(unpacked.control.at("conffiles") == "/etc/hello.conf\n");
    CHECK(unpacked.control.at("postinst").starts_with("#!/bin/sh\n"));
    Tree tree;
    unpack_into(tree, unpacked.members, "hello");
    CHECK(tree.read("etc/hello.conf") == "greeting=hello\n");
    CHECK(tree.find("etc/hello.conf")->mode == 0640);
    CHECK(tree.find("usr/bin/hello")->mode == 04755);
    CHECK(tree.find("usr/bin/hello")->uid == 0);
    CHECK(tree.find("usr/bin/hello") == tree.find("usr/bin/hi"));
    CHECK(tree.find("usr/bin/greet")->target == "hello");
    CHECK_FALSE(fs::exists("/tmp/lifeboat-ran-a-script"));
  }
}

TEST_CASE("several packages are read at once into one spool") {
  const Folder folder;
  const auto spool = Spool::create(folder.path());
  const fs::path deb = folder.real_deb("xz");
  std::vector<UnpackedPackage> unpacked(8);
  std::vector<std::thread> threads;
  for (UnpackedPackage& one : unpacked) threads.emplace_back([&] { one = read_deb(deb, hello(), *spool); });
  for (std::thread& thread : threads) thread.join();
  for (const UnpackedPackage& one : unpacked) {
    Tree tree;
    unpack_into(tree, one.members, "hello");
    CHECK(tree.read("usr/bin/hi") == "ELF");
    CHECK(tree.read("etc/hello.conf") == "greeting=hello\n");
  }
}

TEST_CASE("members that begin with an underscore and members after the files are left alone") {
  const UnpackedPackage unpacked =
      read_bytes(ar_of({format, {"_gpgorigin", "odd"}, control_part(), {"_more", "x"}, data_part(), {"later", "y"}}));
  CHECK(unpacked.members.size() == 2);
}

TEST_CASE("another package than the index named is refused") {
  const auto with = [](const std::string& text) { return fault_of({format, control_part(text), data_part()}); };
  CHECK(with("Package: evil\nVersion: 1:2.10-3\nArchitecture: amd64\n") ==
        start + "its control file says Package: evil, the index said hello");
  CHECK(with("Package: hello\nVersion: 1:2.9\nArchitecture: amd64\n") ==
        start + "its control file says Version: 1:2.9, the index said 1:2.10-3");
  CHECK(with("Package: hello\nVersion: 1:2.10-3\nArchitecture: i386\n") ==
        start + "its control file says Architecture: i386, the index said amd64");
  CHECK(with("Package: \xff\n") == start + R"(its control file says Package: \xff, the index said hello)");
  CHECK(with("") == start + "its control file says Package: , the index said hello");
}

TEST_CASE("what is no package is refused") {
  CHECK(message_of([] { read_bytes(""); }) == start + "Unrecognized archive format");
  CHECK(message_of([] { read_bytes("<html>not found</html>"); }) == start + "Unrecognized archive format");
  CHECK(fault_of({}) == start + "it begins with \"\" instead of \"debian-binary\"");
  CHECK(fault_of({control_part(), data_part()}) ==
        start + "it begins with \"control.tar\" instead of \"debian-binary\"");
  CHECK(fault_of({{"debian-binary", "3.0\n"}, control_part(), data_part()}) ==
        start + "its format is \"3.0\"; only 2.x is known");
  CHECK(fault_of({format}) == start + "it has nothing where control.tar belongs");
  CHECK(fault_of({format, data_part()}) == start + "it has \"data.tar\" where control.tar belongs");
  CHECK(fault_of({format, control_part()}) == start + "it has nothing where data.tar belongs");
  CHECK(fault_of({format, control_part(), {"data.tar.xz", "garbage"}}) ==
        start + "reading data.tar.xz: Unrecognized archive format");
}

TEST_CASE("a control part is a few plain files") {
  const auto with = [](const std::string& tar) { return fault_of({format, {"control.tar", tar}, data_part()}); };
  CHECK(with(TarBuilder().folder("./").file("./md5sums", "").finish()) == start + "it has no control file");
  CHECK(with(TarBuilder().symlink("control", "/etc/passwd").finish()) ==
        start + "its control part holds /control, which is no plain file at its top");
  CHECK(with(TarBuilder().file("control", "").file("sub/control", "").finish()) ==
        start + "its control part holds /sub/control, which is no plain file at its top");
  CHECK(with(TarBuilder().file("x", "").hard_link("control", "x").finish()) ==
        start + "its control part holds /control, which is no plain file at its top");
  CHECK(with(TarBuilder("gzip").file("control", std::string(17 << 20, ' ')).finish()) ==
        start + "reading control.tar: control: it is 17.0 MiB; the limit is 16.0 MiB");
}

TEST_CASE("a package that is cut off at any byte is refused") {
  const std::string whole = ar_of({format, control_part(), data_part()});
  REQUIRE_NOTHROW(read_bytes(whole));
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    CAPTURE(size);
    CHECK_THROWS_AS(read_bytes(whole.substr(0, size)), Error);
  }
}

TEST_CASE("a package that is cut off after its files is refused") {
  const std::string whole = ar_of({format, control_part(), data_part(), {"later", std::string(100000, 'x')}});
  REQUIRE_NOTHROW(read_bytes(whole));
  CHECK_THROWS_AS(read_bytes(whole.substr(0, whole.size() - 1)), Error);
}

TEST_CASE("a real package that is cut off at any byte is refused") {
  const Folder folder;
  const std::string whole = read_file(folder.real_deb("xz"));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_THROWS_AS(read_bytes(whole.substr(0, size)), Error);
  }
}

TEST_CASE("a real package with one wrong byte is refused or read as it was") {
  const Folder folder;
  const std::string whole = read_file(folder.real_deb("xz"));
  const UnpackedPackage right = read_bytes(whole);
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    CAPTURE(at);
    std::string wrong = whole;
    wrong[at] ^= 0x10;
    try {
      const UnpackedPackage got = read_bytes(wrong);  // an owner or a time of the outer archive, which mean nothing
      CHECK(got.control == right.control);
      REQUIRE(got.members.size() == right.members.size());
      for (std::size_t i = 0; i < got.members.size(); ++i)
        CHECK(got.members[i].node.content.read() == right.members[i].node.content.read());
    } catch (const Error&) {
      ++refused;
    }
  }
  CHECK(refused > whole.size() / 2);
}

TEST_CASE("a package file that is not there says so") {
  CHECK(message_of([] { read_deb("/nonexistent/x.deb", hello(), *Spool::create("/tmp")); }) ==
        start + "opening /nonexistent/x.deb: No such file or directory");
}
