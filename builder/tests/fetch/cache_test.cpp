#include "builder/fetch/cache.hpp"

#include <cstdlib>

#include "builder/tests/fetch/message_of.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
using lifeboat::testing::message_of;
namespace fs = std::filesystem;

namespace {

const std::string content = "the bytes of a package";
const Sha256 digest = sha256_of(content);

/// Everything in the cache but its standing folders.
std::vector<std::string> files_below(const fs::path& folder) {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (!entry.is_directory() || entry.path().filename().string().starts_with("."))
      files.push_back(fs::relative(entry.path(), folder).string());
  return files;
}

struct Fixture {
  TempDir folder{"/tmp", "lb-cache"};
  Cache cache{folder.path() / "made/on/demand"};
  void take(const std::string& bytes) {
    replace_file(cache.part_of(digest), bytes);
    cache.take(cache.part_of(digest), digest, content.size(), "a.deb");
  }
};

}  // namespace

TEST_CASE("a whole file lands under its digest and leaves no part") {
  Fixture f;
  CHECK_FALSE(f.cache.has(digest));
  f.take(content);
  CHECK(f.cache.has(digest));
  CHECK(read_file(f.cache.path_of(digest)) == content);
  CHECK(files_below(f.cache.folder()) == std::vector<std::string>{"sha256/" + digest.substr(0, 2) + "/" + digest});
}

TEST_CASE("wrong bytes never land, and the error says what was expected and got") {
  Fixture f;
  const std::string wrong = "the bytes of a packagE";
  CHECK(message_of([&] { f.take(wrong); }) == "a.deb: expected SHA-256 " + digest + ", got " + sha256_of(wrong));
  CHECK(message_of([&] { f.take("short"); }) == "a.deb: expected 22 bytes, got 5");
  CHECK(files_below(f.cache.folder()).empty());
}

TEST_CASE("a file that was damaged on disk is found and removed") {
  Fixture f;
  f.take(content);
  CHECK(f.cache.has_intact(digest, content.size()));
  std::string damaged = content;
  damaged[3] ^= 1;
  replace_file(f.cache.path_of(digest), damaged);
  CHECK_FALSE(f.cache.has_intact(digest, content.size()));
  CHECK_FALSE(f.cache.has(digest));
}

TEST_CASE("what is not a digest is never a path") {
  Fixture f;
  CHECK(message_of([&] { f.cache.path_of("../../etc/passwd"); }) ==
        "\"../../etc/passwd\" is not a SHA-256 in lower-case digits");
  CHECK(message_of([&] { f.cache.part_of(std::string(64, 'A')); }) ==
        "\"" + std::string(64, 'A') + "\" is not a SHA-256 in lower-case digits");
}

TEST_CASE("two builds on one cache never write the same part, and both end with the file") {
  Fixture f;
  {
    Cache other(f.cache.folder());
    const fs::path part = other.part_of(digest);
    CHECK(part != f.cache.part_of(digest));
    f.take(content);
    replace_file(part, content);
    other.take(part, digest, content.size(), "a.deb");
    CHECK(read_file(f.cache.path_of(digest)) == content);
  }
  CHECK(files_below(f.cache.folder()).size() == 1);
}

TEST_CASE("a part is there again for the next run, which alone may use it") {
  const TempDir folder("/tmp", "lb-cache");
  {
    const Cache first(folder.path());
    replace_file(first.part_of(digest), "the by");
  }
  const Cache second(folder.path());
  CHECK(read_file(second.part_of(digest)) == "the by");
}

TEST_CASE("parts that nobody came back to for a week are swept") {
  const TempDir folder("/tmp", "lb-cache");
  fs::path old_part, new_part;
  {
    const Cache first(folder.path());
    old_part = first.part_of(sha256_of("old"));
    new_part = first.part_of(sha256_of("new"));
    replace_file(old_part, "o");
    replace_file(new_part, "n");
    fs::last_write_time(old_part, fs::file_time_type::clock::now() - std::chrono::hours(24 * 8));
  }
  const Cache second(folder.path());
  CHECK_FALSE(fs::exists(old_part));
  CHECK(fs::exists(new_part));
}

TEST_CASE("the private parts of a build that was killed are swept") {
  const TempDir folder("/tmp", "lb-cache");
  lifeboat::create_directories(folder.path() / ".parts-killed");
  replace_file(folder.path() / ".parts-killed/part", "half");
  const Cache cache(folder.path());
  CHECK(files_below(folder.path()).empty());
}

TEST_CASE("a note is kept under its key, whatever characters the key has") {
  Fixture f;
  CHECK_FALSE(f.cache.note("inrelease debian bookworm").has_value());
  f.cache.set_note("inrelease debian bookworm", "one");
  f.cache.set_note("inrelease debian bookworm", "two");
  f.cache.set_note("../x", "outside");
  f.cache.set_note(".", "dot");
  CHECK(f.cache.note("inrelease debian bookworm") == "two");
  CHECK(f.cache.note("../x") == "outside");
  CHECK(f.cache.note(".") == "dot");
  CHECK(files_below(f.cache.folder() / "notes").size() == 3);
}

TEST_CASE("a cache that cannot be made is an error that names the folder") {
  const TempDir folder("/tmp", "lb-cache");
  replace_file(folder.path() / "file", "");
  CHECK(message_of([&] { const Cache cache(folder.path() / "file/cache"); }) ==
        "creating " + (folder.path() / "file/cache/sha256").string() + ": Not a directory");
}

TEST_CASE("the default cache follows LIFEBOAT_CACHE, XDG_CACHE_HOME and HOME, in this order") {
  ::setenv("HOME", "/home/a", 1);
  ::setenv("XDG_CACHE_HOME", "/xdg", 1);
  ::setenv("LIFEBOAT_CACHE", "/own", 1);
  CHECK(Cache::default_folder() == "/own");
  ::unsetenv("LIFEBOAT_CACHE");
  CHECK(Cache::default_folder() == "/xdg/lifeboat");
  ::setenv("XDG_CACHE_HOME", "relative", 1);
  CHECK(Cache::default_folder() == "/home/a/.cache/lifeboat");
  ::unsetenv("XDG_CACHE_HOME");
  ::unsetenv("HOME");
  CHECK(message_of([] { Cache::default_folder(); }) ==
        "finding the cache: neither LIFEBOAT_CACHE nor XDG_CACHE_HOME nor HOME is set\nhint: name a folder with "
        "--cache DIR");
}
