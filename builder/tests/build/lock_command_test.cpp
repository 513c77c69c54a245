// Locks as a person uses them: `lock`, `build --lock`, `outdated`, `plan`, `diff`, over an archive that moves on.
#include <algorithm>

#include "builder/base/text.hpp"
#include "builder/tests/build/small_archive.hpp"
#include "testing/catch.hpp"

namespace lifeboat::testing {
namespace {
namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

constexpr std::int64_t hour = 3600;

/// A workshop and an archive of its own, which the test changes.
struct World {
  SmallArchive archive;
  Workshop shop{archive};
  fs::path lock = shop.folder.path() / "recipes/small.lock";

  Outcome run_command(Strings argv) const {
    argv.insert(argv.begin(), LIFEBOAT_BINARY_DIR "/bin/lifeboat");
    argv.insert(argv.end(), {"--mirror", "test=" + shop.mirror, "--cache", shop.cache});
    return run({.argv = std::move(argv)});
  }
  Outcome make_lock(const Strings& more = {}) const {
    Strings argv{"lock", shop.recipe};
    argv.insert(argv.end(), more.begin(), more.end());
    return run_command(std::move(argv));
  }
  Outcome outdated() const { return run_command({"outdated", lock}); }
  Outcome build_locked(const Strings& more = {}) const {
    Strings argv{"--lock", lock};
    argv.insert(argv.end(), more.begin(), more.end());
    return shop.build(argv);
  }
  void move_on(std::int64_t date = SmallArchive::first_date + hour) {
    archive.add(small_library("1.1"));
    archive.add(small_program("1.1"));
    archive.publish(date);
  }
  void drop_old_versions() {
    for (const char* name : {"hello", "libhello1"}) archive.remove(name);
    move_on();
  }
};

void require_success(const Outcome& outcome) {
  INFO(outcome.out + outcome.err);
  REQUIRE(outcome.status == 0);
}

/// Status 1, and standard error is "lifeboat: error: " and exactly this, after progress lines.
void require_error(const Outcome& outcome, const std::string& text) {
  CAPTURE(outcome.err);
  REQUIRE(outcome.status == 1);
  const std::size_t at = outcome.err.find("lifeboat: error: ");
  REQUIRE(at != std::string::npos);
  CHECK(outcome.err.substr(at) == "lifeboat: error: " + text);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("a lock is written beside the recipe, names no host, and is not overwritten") {
  const World world;
  const Outcome outcome = world.make_lock();
  require_success(outcome);
  CHECK(outcome.out == world.lock.string() + ": 5 packages\n");
  const std::string text = read_file(world.lock);
  CHECK(text.find(world.shop.mirror) == std::string::npos);
  CHECK(text.find("date = \"Tue, 14 Nov 2023 22:13:20 UTC\"\n") != std::string::npos);
  require_error(world.make_lock(), "the lock " + world.lock.string() +
                                       " is there already\nhint: renew it: lifeboat lock " +
                                       world.shop.recipe.string() + " --output " + world.lock.string() +
                                       " --update, or only some of it: --update PACKAGE...\n");
  CHECK(read_file(world.lock) == text);
}

TEST_CASE("every output carries its lock, and building from that gives the same bytes") {
  World world;
  require_success(world.shop.build());
  const auto first = files_below(world.shop.output);
  world.lock = world.shop.folder.path() / "kept.lock";
  fs::copy_file(world.shop.output / "lock.toml", world.lock);
  world.move_on();
  require_success(world.build_locked({"--no-reuse"}));
  CHECK(files_below(world.shop.output) == first);
  require_success(world.shop.build());
  CHECK(files_below(world.shop.output) != first);
}

TEST_CASE("a lock and the cache are enough when the archive has dropped what is locked") {
  World world;
  require_success(world.make_lock());
  require_success(world.build_locked());
  const auto first = files_below(world.shop.output);
  world.drop_old_versions();
  fs::remove_all(world.shop.output);
  require_success(world.build_locked({"--offline", "--no-reuse"}));
  CHECK(files_below(world.shop.output) == first);
}

TEST_CASE("packages that are gone are all named, with how to renew the lock") {
  World world;
  require_success(world.make_lock());
  world.drop_old_versions();
  require_error(world.build_locked(),
                "2 package files are gone from every mirror:\n  hello_1.0_amd64.deb\n  libhello1_1.0_amd64.deb\n"
                "hint: renew the lock: lifeboat lock " +
                    world.shop.recipe.string() + " --output " + world.lock.string() +
                    " --update; or name an archive that keeps old packages in the mirrors file: MIRROR-snapshot = URL "
                    "with {date}\n");
  CHECK_FALSE(fs::exists(world.shop.output));
}

TEST_CASE("a dated snapshot archive serves what the moving one has dropped") {
  World world;
  require_success(world.make_lock());
  const fs::path snapshots = world.shop.folder.path() / "snapshots";
  fs::create_directories(snapshots);
  fs::copy(world.archive.root(), snapshots / "20231114T221320Z", fs::copy_options::recursive);
  world.drop_old_versions();
  replace_file(world.shop.folder.path() / "mirrors", "test-snapshot = file://" + snapshots.string() + "/{date}\n");
  require_success(world.build_locked({"--mirrors", world.shop.folder.path() / "mirrors"}));
  CHECK(faults_of_image(world.shop.output).empty());
  CHECK(read_file(world.shop.output / "lock.toml") == read_file(world.lock));
}

TEST_CASE("a lock for another request is refused, and the last good output stays") {
  const World world;
  require_success(world.make_lock());
  require_success(world.build_locked());
  const auto before = files_below(world.shop.output);
  world.shop.change_recipe("\"hello\"]", "\"hello\", \"nano\"]");
  require_error(world.build_locked(), "the lock " + world.lock.string() + " was not made for " +
                                          world.shop.recipe.string() + " as it is now:\n  packages added: nano\n" +
                                          "hint: renew it: lifeboat lock " + world.shop.recipe.string() + " --output " +
                                          world.lock.string() + " --update\n");
  CHECK(files_below(world.shop.output) == before);
}

TEST_CASE("a lock from an editor is judged by what the packages say of themselves") {
  const World world;
  require_success(world.make_lock());
  const std::string text = read_file(world.lock);
  SECTION("a package is missing") {
    const std::size_t start = text.find("\n[[package]]\nname = \"libhello1\"");
    REQUIRE(start != std::string::npos);
    replace_file(world.lock, std::string(text).erase(start, text.find("\n[[package]]", start + 1) - start));
    const Outcome outcome = world.build_locked();
    CAPTURE(outcome.err);
    CHECK(outcome.status == 1);
    CHECK(outcome.err.find("the locked packages do not fit together: ") != std::string::npos);
    CHECK(outcome.err.find("libhello1") != std::string::npos);
  }
  SECTION("a package has another version than it says") {
    replace_file(world.lock,
                 replaced(text, "name = \"hello\"\nversion = \"1.0\"", "name = \"hello\"\nversion = \"1.5\""));
    require_error(world.build_locked(),
                  "unpacking the package hello 1.5: its control file says Version: 1.0, the index "
                  "said 1.5\n");
  }
  SECTION("a package has another digest") {
    const std::size_t at = text.find("sha256 = \"", text.find("name = \"hello\"")) + 10;
    const std::string digest = text.substr(at, 64);
    replace_file(world.lock, replaced(text, digest, std::string(64, '0')));
    const Outcome outcome = world.build_locked();
    CAPTURE(outcome.err);
    CHECK(outcome.status == 1);
    for (const std::string& piece : {std::string("hello_1.0_amd64.deb"), std::string(64, '0'), digest})
      CHECK(outcome.err.find(piece) != std::string::npos);
  }
  CHECK_FALSE(fs::exists(world.shop.output));
}

TEST_CASE("outdated says what is newer and has a status of its own") {
  World world;
  require_success(world.make_lock());
  Outcome outcome = world.outdated();
  CHECK(outcome.status == 0);
  CHECK(outcome.out == "all 5 packages of " + world.lock.string() + " are the newest there are\n");
  world.move_on();
  outcome = world.outdated();
  CHECK(outcome.status == 10);
  CHECK(outcome.out ==
        "PACKAGE    LOCKED  NEWEST  REPOSITORY\n"
        "hello      1.0     1.1     teststable\n"
        "libhello1  1.0     1.1     teststable\n"
        "2 of 5 packages are out of date, 0 of them with a security update\n");
}

TEST_CASE("outdated marks what a security repository mends") {
  const SmallArchive archive;
  SignedRepository security("teststable-security", "testcode-security");
  security.publish({.date = SmallArchive::first_date});
  World world;
  std::string recipe = read_file(world.shop.recipe);
  recipe +=
      "[[repository]]\nmirror = \"mends\"\nsuite = \"teststable-security\"\ncomponents = [\"main\"]\nkeyring = \"" +
      security.keyring().string() + "\"\nfingerprints = [\"" + test_key() + "\"]\n";
  replace_file(world.shop.recipe, recipe);
  const std::string mirror = "mends=" + security.url();
  require_success(world.make_lock({"--mirror", mirror}));
  security.add(small_library("1.0.1"));
  security.publish({.date = SmallArchive::first_date + hour});
  world.move_on();
  const Outcome outcome = world.run_command({"outdated", world.lock, "--mirror", mirror});
  INFO(outcome.err);
  CHECK(outcome.status == 10);
  CHECK(outcome.out ==
        "PACKAGE    LOCKED  NEWEST  REPOSITORY\n"
        "hello      1.0     1.1     teststable\n"
        "libhello1  1.0     1.1     teststable  security\n"
        "2 of 5 packages are out of date, 1 of them with a security update\n");
}

TEST_CASE("update renews all of a lock and says what changed") {
  World world;
  require_success(world.make_lock());
  world.move_on();
  const Outcome outcome = world.make_lock({"--update"});
  require_success(outcome);
  CHECK(outcome.out == "  ~ hello 1.0 -> 1.1\n  ~ libhello1 1.0 -> 1.1\npackages: 0 added, 0 removed, 2 changed\n");
  CHECK(world.outdated().status == 0);
}

TEST_CASE("update renews one package and leaves the others as they are") {
  World world;
  require_success(world.make_lock());
  world.move_on();
  const Outcome outcome = world.make_lock({"--update", "libhello1"});
  require_success(outcome);
  CHECK(outcome.out == "  ~ libhello1 1.0 -> 1.1\npackages: 0 added, 0 removed, 1 changed\n");
}

TEST_CASE("update of one package keeps others that no repository lists any more") {
  World world;
  require_success(world.make_lock());
  require_success(world.build_locked());  // they are in the cache
  world.drop_old_versions();
  const Outcome outcome = world.make_lock({"--update", "libhello1"});
  require_success(outcome);
  CHECK(outcome.out == "  ~ libhello1 1.0 -> 1.1\npackages: 0 added, 0 removed, 1 changed\n");
  require_success(world.build_locked());
}

TEST_CASE("update of one package takes along what its new version needs") {
  World world;
  require_success(world.make_lock());
  TestPackage program = small_program("2.0");
  program.fields = "Depends: libhello1 (>= 2.0)\n";
  world.archive.add(program);
  world.archive.add(small_library("2.0"));
  world.archive.publish(SmallArchive::first_date + hour);
  const Outcome outcome = world.make_lock({"--update", "hello"});
  require_success(outcome);
  CHECK(outcome.out == "  ~ hello 1.0 -> 2.0\n  ~ libhello1 1.0 -> 2.0\npackages: 0 added, 0 removed, 2 changed\n");
}

TEST_CASE("update refuses a name that is not in the lock") {
  const World world;
  require_success(world.make_lock());
  require_error(world.make_lock({"--update", "libhelo1"}),
                "`libhelo1` is not in the lock " + world.lock.string() + "\nhint: did you mean `libhello1`?\n");
}

TEST_CASE("update and outdated refuse a repository that is older than the lock") {
  World world;
  require_success(world.make_lock());
  const std::string text = read_file(world.lock);
  world.move_on(SmallArchive::first_date - hour);
  for (const Outcome& outcome : {world.make_lock({"--update"}), world.outdated()}) {
    CAPTURE(outcome.err);
    CHECK(outcome.status == 1);
    CHECK(outcome.err.find("teststable InRelease") != std::string::npos);
    CHECK(outcome.err.find("Tue, 14 Nov 2023 22:13:20 UTC") != std::string::npos);
    CHECK(outcome.err.find("Tue, 14 Nov 2023 21:13:20 UTC") != std::string::npos);
  }
  CHECK(read_file(world.lock) == text);
}

TEST_CASE("plan says what a build would do, and does none of it") {
  const World world;
  Strings argv = world.shop.build_command();
  argv[1] = "plan";
  const Outcome outcome = run({.argv = argv});
  require_success(outcome);
  CHECK(outcome.err.empty());
  CHECK(outcome.out.find("  repository  teststable of Tue, 14 Nov 2023 22:13:20 UTC\n") != std::string::npos);
  CHECK(outcome.out.find("  packages    5 files, ") != std::string::npos);
  CHECK(outcome.out.find("  fetch       5 files, ") != std::string::npos);
  CHECK(outcome.out.find("; 0 are in the cache\n") != std::string::npos);
  CHECK(outcome.out.find("  squashfs    made anew, zstd level 1\n") != std::string::npos);
  CHECK(outcome.out.find("; nothing is there yet\n") != std::string::npos);
  CHECK_FALSE(fs::exists(world.shop.output));
  std::size_t packages = 0;
  for (const auto& [path, digest] : files_below(world.shop.cache / "sha256"))
    packages += fs::file_size(world.shop.cache / "sha256" / path) > 100'000 ? 1 : 0;
  CHECK(packages == 0);

  require_success(world.shop.build());
  const Outcome after = run({.argv = argv});
  CHECK(after.out.find("  write       nothing: " + world.shop.output.string() + " is build ") != std::string::npos);
}

TEST_CASE("diff of two outputs and of two locks names what changed and what grew") {
  World world;
  require_success(world.make_lock());
  require_success(world.shop.build());
  fs::rename(world.shop.output, world.shop.folder.path() / "out/monday");
  TestPackage program = small_program("1.1");
  program.files["usr/share/hello/large"] = noise(200'000, 9);
  world.archive.add(program);
  world.archive.publish(SmallArchive::first_date + hour);
  require_success(world.shop.build());
  const fs::path monday = world.shop.folder.path() / "out/monday";
  const auto diff = [](const fs::path& a, const fs::path& b) {
    return run({.argv = {LIFEBOAT_BINARY_DIR "/bin/lifeboat", "diff", a, b}});
  };
  const Outcome outcome = diff(monday, world.shop.output);
  require_success(outcome);
  CHECK(outcome.out.find("  ~ hello 1.0 -> 1.1, +195.3 KiB\npackages: 0 added, 0 removed, 1 changed\n"
                         "what grew most, unpacked:\n  +195.3 KiB hello\n") == 0);
  CHECK(outcome.out.find("\nimage: ") != std::string::npos);
  CHECK(outcome.out.find("  ~ initrd.img, ") != std::string::npos);
  CHECK(outcome.out.find("  ~ vmlinuz") == std::string::npos);
  const Outcome locks = diff(world.lock, world.shop.output / "lock.toml");
  require_success(locks);
  CHECK(locks.out == "  ~ hello 1.0 -> 1.1\npackages: 0 added, 0 removed, 1 changed\n");  // dpkg-deb notes no sizes
  CHECK(diff(monday, monday).out.find("no package has changed\n") == 0);
  require_error(diff(monday, "/nowhere"),
                "comparing /nowhere: there is no such file or folder\nhint: name two folders "
                "that `lifeboat build` wrote, or two locks\n");
}

}  // namespace lifeboat::testing
