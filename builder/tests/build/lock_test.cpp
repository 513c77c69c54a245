// The lock as text: what is written is read again, and what is wrong with it is said at its place.
#include "builder/build/lock.hpp"

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "testing/catch.hpp"

namespace lifeboat {
namespace {

Lock small_lock() {
  Lock lock{.name = "small",
            .architecture = "amd64",
            .install = {"bash", "linux-image-test"},
            .provided = {"init"},
            .without = {},
            .boot = {"shim-signed"},
            .repositories = {},
            .packages = {},
            .boot_packages = {}};
  Lock::Repository repository;
  repository.where = {.name = "stable",
                      .mirror = "test",
                      .suite = "stable",
                      .components = {"main", "contrib"},
                      .keyring = "/usr/share/keyrings/test.gpg",
                      .fingerprints = {"4D64FEC119C2029067D6E791F8D2585B8783D481"},
                      .snapshot = "test-snapshot"};
  repository.date = "Sat, 06 Sep 2025 09:57:01 UTC";
  repository.date_unix = 1'757'152'621;  // date -u -d '2025-09-06 09:57:01' +%s
  lock.repositories.push_back(repository);
  Package bash{.name = "bash", .version = "5.2.15-2+b7", .architecture = "amd64"};
  bash.source_version = "5.2.15-2";
  bash.repository = "stable";
  bash.path = "pool/main/b/bash/bash_5.2.15-2+b7_amd64.deb";
  bash.size = 1491328;
  bash.sha256 = std::string(64, 'a');
  bash.installed_size = 7'336'960;
  Package kernel{.name = "linux-image-test", .version = "1:6.1~rc1-1", .architecture = "all"};
  kernel.source = "linux";
  kernel.repository = "stable";
  kernel.path = "pool/main/l/linux/linux-image-test_6.1_all.deb";
  kernel.size = 7;
  kernel.sha256 = std::string(64, 'b');
  lock.packages = {bash, kernel};
  Package shim{.name = "shim-signed", .version = "1.51+16.1-2", .architecture = "amd64"};
  shim.repository = "stable";
  shim.path = "pool/main/s/shim-signed/shim-signed_1.51+16.1-2_amd64.deb";
  shim.size = 350384;
  shim.sha256 = std::string(64, 'c');
  lock.boot_packages = {shim};
  return lock;
}

/// The text of small_lock with `from` replaced, and what parse_lock says of it.
std::string error_for(const std::string& from, const std::string& to) {
  std::string text = to_text(small_lock());
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  text.replace(at, from.size(), to);
  try {
    parse_lock(text, "x.lock");
    return "accepted";
  } catch (const Error& error) {
    return error.what();
  }
}

Recipe recipe_of(const Lock& lock) {
  Recipe recipe;
  recipe.file = "small.toml";
  recipe.name = lock.name;
  recipe.architecture = lock.architecture;
  recipe.packages = {"bash"};
  recipe.kernel.package = "linux-image-test";
  recipe.provided = lock.provided;
  for (const Lock::Repository& repository : lock.repositories) recipe.repositories.push_back(repository.where);
  return recipe;
}

std::string refusal(const Recipe& recipe) {
  try {
    check_lock_is_for(recipe, lock_request(recipe, {"shim-signed"}), small_lock(), "small.lock");
    return "accepted";
  } catch (const Error& error) {
    return std::string(error.what()) + "\nhint: " + error.hint();
  }
}

}  // namespace

TEST_CASE("a lock is a TOML file in which a change is a line") {
  CHECK(to_text(small_lock()) ==
        "# The exact packages of small for amd64, written by `lifeboat lock`. Renew it with `lifeboat lock RECIPE "
        "--update`.\n"
        "format = 1\n"
        "name = \"small\"\n"
        "architecture = \"amd64\"\n"
        "install = [\n  \"bash\",\n  \"linux-image-test\",\n]\n"
        "provided = [\n  \"init\",\n]\n"
        "boot = [\n  \"shim-signed\",\n]\n"
        "\n[[repository]]\n"
        "name = \"stable\"\n"
        "mirror = \"test\"\n"
        "snapshot = \"test-snapshot\"\n"
        "suite = \"stable\"\n"
        "components = [\n  \"main\",\n  \"contrib\",\n]\n"
        "keyring = \"/usr/share/keyrings/test.gpg\"\n"
        "fingerprints = [\n  \"4D64FEC119C2029067D6E791F8D2585B8783D481\",\n]\n"
        "date = \"Sat, 06 Sep 2025 09:57:01 UTC\"\n"
        "\n[[package]]\n"
        "name = \"bash\"\n"
        "version = \"5.2.15-2+b7\"\n"
        "architecture = \"amd64\"\n"
        "source_version = \"5.2.15-2\"\n"
        "repository = \"stable\"\n"
        "path = \"pool/main/b/bash/bash_5.2.15-2+b7_amd64.deb\"\n"
        "size = 1491328\n"
        "sha256 = \"" +
            std::string(64, 'a') +
            "\"\n"
            "installed_size = 7336960\n"
            "\n[[package]]\n"
            "name = \"linux-image-test\"\n"
            "version = \"1:6.1~rc1-1\"\n"
            "architecture = \"all\"\n"
            "source = \"linux\"\n"
            "repository = \"stable\"\n"
            "path = \"pool/main/l/linux/linux-image-test_6.1_all.deb\"\n"
            "size = 7\n"
            "sha256 = \"" +
            std::string(64, 'b') +
            "\"\n"
            "\n[[boot_package]]\n"
            "name = \"shim-signed\"\n"
            "version = \"1.51+16.1-2\"\n"
            "architecture = \"amd64\"\n"
            "repository = \"stable\"\n"
            "path = \"pool/main/s/shim-signed/shim-signed_1.51+16.1-2_amd64.deb\"\n"
            "size = 350384\n"
            "sha256 = \"" +
            std::string(64, 'c') + "\"\n");
}

TEST_CASE("a lock that was written is read as it was") {
  const std::string text = to_text(small_lock());
  const Lock read = parse_lock(text, "x.lock");
  CHECK(to_text(read) == text);
  CHECK(read.repositories.front().date_unix == 1'757'152'621);
  CHECK(read.time() == 1'757'152'621);
  CHECK(read.packages.front().installed_size == 7'336'960);
}

TEST_CASE("packages in another order are the same lock") {
  Lock turned = small_lock();
  std::swap(turned.packages[0], turned.packages[1]);
  CHECK(to_text(parse_lock(to_text(turned), "x.lock")) == to_text(small_lock()));
}

TEST_CASE("what is wrong with a lock is said at its place") {
  CHECK(error_for("format = 1", "format = 2") ==
        "reading the lock:\nx.lock:2:10: `format` goes from 1 to 1, not 2\n    2 | format = 2\n      |          "
        "^\nhint: for example: format = 1");
  CHECK(error_for("size = 7\n", "size = \"7\"\n") ==
        "reading the lock:\nx.lock:49:8: `package.size` must be a whole number, not a string\n   49 | size = \"7\"\n   "
        "   "
        "|        ^~~\nhint: for example: size = 1491328");
  CHECK(error_for(std::string(64, 'a'), std::string(63, 'a') + "A")
            .find("x.lock:39:10: `" + std::string(63, 'a') + "A` is not 64 lower-case hexadecimal digits\n") !=
        std::string::npos);
  CHECK(error_for("pool/main/b/", "../../etc/").find("is not a path below the mirror\n") != std::string::npos);
  CHECK(error_for("5.2.15-2+b7", "5.2.15 2").find("`5.2.15 2` is not a version\n") != std::string::npos);
  CHECK(error_for("date = \"Sat", "date = \"Sun, or so, ").find("is not a date as a Release has it\n") !=
        std::string::npos);
  CHECK(error_for("size = 7\n", "size = 7\nlenght = 8\n").find("unknown key `lenght`\n") != std::string::npos);
  CHECK(error_for("size = 7\n", "").find("the key `size` is missing\n") != std::string::npos);
  CHECK(
      error_for("\nname = \"linux-image-test\"", "\nname = \"bash\"") ==
      "reading the lock:\nx.lock:1:1: `bash` is locked twice\n    1 | # The exact packages of small for amd64, written "
      "by `lifeboat lock`. Renew it with `lifeboat lock RECIPE --update`.\n      | ^");
  CHECK(error_for("repository = \"stable\"", "repository = \"unstable\"")
            .find("`bash` is from the repository `unstable`, which this lock does not have") != std::string::npos);
  CHECK(error_for("name = \"shim-signed\"", "name = \"shim\"")
            .find("`boot` asks for shim-signed, and [[boot_package]] locks shim\n") != std::string::npos);
  CHECK(error_for("name = \"shim-signed\"", "name = \"bash\"").find("`bash` is locked in two versions\n") !=
        std::string::npos);
  CHECK(error_for("[[package]]", "[[package").find("reading the lock:\nx.lock:31:") == 0);
}

TEST_CASE("a lock is for one request, and what differs is named") {
  CHECK(refusal(recipe_of(small_lock())) == "accepted");
  Recipe other = recipe_of(small_lock());
  other.packages = {"nano", "vim-tiny"};
  other.provided = {};
  other.repositories.front().suite = "testing";
  CHECK(refusal(other) ==
        "the lock small.lock was not made for small.toml as it is now:\n"
        "  packages added: nano, vim-tiny\n"
        "  packages taken out: bash\n"
        "  provided taken out: init\n"
        "  repositories added: stable (mirror test, suite testing, components main contrib)\n"
        "  repositories taken out: stable (mirror test, suite stable, components main contrib)\n"
        "hint: renew it: lifeboat lock small.toml --output small.lock --update");
}

TEST_CASE("a package that is in the root and a boot loader's too is fetched once") {
  Lock lock = small_lock();
  lock.packages.push_back(lock.boot_packages.front());
  const std::vector<Package> all = lock.all_packages();
  REQUIRE(all.size() == 3);
  CHECK(all[2].name == "shim-signed");
  CHECK(small_lock().all_packages().size() == 3);
}

TEST_CASE("a medium that is new in the recipe wants its boot loader in the lock") {
  Lock older = small_lock();
  older.boot.clear();
  older.boot_packages.clear();
  const Recipe recipe = recipe_of(older);
  CHECK_THROWS_WITH(check_lock_is_for(recipe, lock_request(recipe, {"shim-signed"}), older, "small.lock"),
                    "the lock small.lock was not made for small.toml as it is now:\n"
                    "  boot loader packages added: shim-signed");
}

TEST_CASE("a huge file is no lock") {
  try {
    parse_lock(std::string((16 << 20) + 1, '#'), "x.lock");
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(std::string(error.what()) == "the lock x.lock has 16.0 MiB; no lock is over 16.0 MiB");
  }
}

}  // namespace lifeboat
