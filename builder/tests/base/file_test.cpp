#include "builder/base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include "builder/base/error.hpp"
#include "builder/tests/base/message_of.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace fs = std::filesystem;
namespace {

struct Folder : TempDir {
  Folder() : TempDir(fs::temp_directory_path(), "file-test") {}
  fs::path operator/(const char* name) const { return path() / name; }
};

std::size_t count(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

mode_t mode_of(const fs::path& file) {
  struct stat status {};
  REQUIRE(::stat(file.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("a file is read whole") {
  const Folder folder;
  const std::string bytes = std::string(200000, 'x') + '\0' + "end";
  replace_file(folder / "x", bytes);
  CHECK(read_file(folder / "x") == bytes);
  CHECK(message_of([] { read_file("/nonexistent"); }) ==
        "reading /nonexistent: opening /nonexistent: No such file or directory");
  CHECK(message_of([] { read_file("/tmp"); }) == "reading /tmp: Is a directory");
}

TEST_CASE("a file that should be small is refused when it is not, or when it is no file") {
  const Folder folder;
  replace_file(folder / "x", std::string(2048, 'x'));
  CHECK(read_small_file(folder / "x", 2048).size() == 2048);
  const std::string reading = "reading " + folder.path().string();
  CHECK(message_of([&] { read_small_file(folder / "x", 2047); }) == reading + "/x: it is larger than 2.0 KiB");
  CHECK(message_of([] { read_small_file("/dev/zero", 9); }) == "reading /dev/zero: it is not a regular file");
  REQUIRE(::mkfifo((folder / "fifo").c_str(), 0600) == 0);
  CHECK(message_of([&] { read_small_file(folder / "fifo", 9); }) == reading + "/fifo: it is not a regular file");
}

TEST_CASE("a replaced file has the new content and the mode asked for, whatever the umask") {
  const Folder folder;
  const mode_t before = ::umask(077);
  replace_file(folder / "x", "old");
  replace_file(folder / "x", "new", 0755);
  ::umask(before);
  CHECK(read_file(folder / "x") == "new");
  CHECK(mode_of(folder / "x") == 0755);
  CHECK(count(folder.path()) == 1);
}

TEST_CASE("a file that cannot be replaced stays, and nothing is left beside it") {
  const Folder folder;
  fs::create_directory(folder / "x");
  replace_file(folder / "x/inside", "kept");
  CHECK(message_of([&] { replace_file(folder / "x", "new"); }) ==
        "replacing " + (folder / "x").string() + ": Is a directory");
  CHECK(read_file(folder / "x/inside") == "kept");
  CHECK(count(folder.path()) == 1);
  CHECK(message_of([] { replace_file("/nonexistent/x", ""); }) ==
        "creating a temporary file beside /nonexistent/x: No such file or directory");
}

TEST_CASE("a finished folder takes an empty place") {
  const Folder folder;
  fs::create_directory(folder / "made");
  replace_file(folder / "made/x", "new");
  replace_directory(folder / "made", folder / "target");
  CHECK(read_file(folder / "target/x") == "new");
  CHECK(count(folder.path()) == 1);
}

TEST_CASE("a finished folder takes the place of an old one, and nothing of the old one stays") {
  const Folder folder;
  fs::create_directory(folder / "target");
  replace_file(folder / "target/old", "old");
  fs::create_directory(folder / "made");
  replace_file(folder / "made/x", "new");
  replace_directory(folder / "made", folder / "target");
  CHECK(read_file(folder / "target/x") == "new");
  CHECK_FALSE(fs::exists(folder / "target/old"));
  CHECK(count(folder.path()) == 1);
}

TEST_CASE("a folder that cannot be put in place leaves the old one") {
  const Folder folder;
  fs::create_directory(folder / "target");
  replace_file(folder / "target/old", "old");
  CHECK_THROWS_AS(replace_directory(folder / "missing", folder / "target"), Error);
  CHECK(read_file(folder / "target/old") == "old");
  fs::create_directory(folder / "made");
  CHECK(message_of([&] { replace_directory(folder / "made", "/nonexistent/target"); }) ==
        "moving the result to /nonexistent/target: No such file or directory");
  CHECK(fs::exists(folder / "made"));
}

TEST_CASE("missing folders are made, and what is in the way is named") {
  const Folder folder;
  lifeboat::create_directories(folder / "a/b/c");
  lifeboat::create_directories(folder / "a/b/c");
  CHECK(fs::is_directory(folder / "a/b/c"));
  replace_file(folder / "file", "");
  CHECK(message_of([&] { lifeboat::create_directories(folder / "file/x"); }) ==
        "creating " + (folder / "file/x").string() + ": Not a directory");
}

TEST_CASE("a temporary folder goes with its owner") {
  fs::path path;
  {
    const Folder folder;
    path = folder.path();
    CHECK(mode_of(path) == 0700);
    fs::create_directory(folder / "sub");
    replace_file(folder / "sub/x", "");
  }
  CHECK_FALSE(fs::exists(path));
}

TEST_CASE("a temporary folder goes with its last owner, or stays when it is kept") {
  const Folder parent;
  {
    TempDir first(parent.path(), "x");
    const TempDir second = std::move(first);
    CHECK(count(parent.path()) == 1);
  }
  CHECK(count(parent.path()) == 0);
  TempDir(parent.path(), "x").keep();
  CHECK(count(parent.path()) == 1);
}

TEST_CASE("what a killed run left is swept, what a running one uses is not") {
  const Folder parent;
  const TempDir in_use(parent.path(), "build");
  const TempDir other_name(parent.path(), "fetch");
  TempDir(parent.path(), "build").keep();  // no lock any more: as after SIGKILL
  replace_file(parent / "build-notes", "");
  REQUIRE(count(parent.path()) == 4);
  remove_stale(parent.path(), "build");
  CHECK(count(parent.path()) == 3);
  CHECK(fs::exists(in_use.path()));
  CHECK(fs::exists(other_name.path()));
  CHECK_NOTHROW(remove_stale("/nonexistent", "build"));
}

TEST_CASE("a link with the name of a temporary folder is not followed by the sweep") {
  const Folder parent, elsewhere;
  replace_file(elsewhere / "precious", "kept");
  fs::create_directory_symlink(elsewhere.path(), parent / ".build-abcdef");
  remove_stale(parent.path(), "build");
  CHECK(read_file(elsewhere / "precious") == "kept");
}

TEST_CASE("reading past the end of a file is an error") {
  const Folder folder;
  replace_file(folder / "x", "12345");
  const Fd fd = open_file(folder / "x", O_RDWR);
  CHECK(read_exactly_at(fd, 1, 3, "x") == "234");
  CHECK(message_of([&] { read_exactly_at(fd, 3, 3, "the spool"); }) == "reading the spool: the file ends early");
  write_all_at(fd, "ab", 2, "x");
  CHECK(read_file(folder / "x") == "12ab5");
}

TEST_CASE("a descriptor has one owner and is closed with it") {
  int number = -1;
  {
    Fd first = open_file("/dev/null", O_RDONLY);
    number = first.get();
    CHECK((::fcntl(number, F_GETFD) & FD_CLOEXEC) != 0);
    const Fd second = std::move(first);
    CHECK(second.get() == number);
    CHECK_FALSE(first);  // NOLINT(bugprone-use-after-move): that it gave its descriptor away is the point
  }
  CHECK(::fcntl(number, F_GETFD) == -1);
}
