// Bad input and bad luck, met as a person would: the program is run, its words and its exit status are looked at, and
// the last good output must still be there, with nothing left beside it. The packages come from the cache that `make
// images` fills, so the phases that are interrupted are the real ones.
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "builder/base/fd.hpp"
#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "testing/catch.hpp"

namespace lifeboat {
namespace {

namespace fs = std::filesystem;
const std::string program = LIFEBOAT_BINARY_DIR "/bin/lifeboat";
const fs::path recipes = LIFEBOAT_SOURCE_DIR "/recipes";

std::string cache_folder() {
  const char* named = std::getenv("LIFEBOAT_CACHE");
  return named != nullptr ? named : std::string(std::getenv("HOME")) + "/.cache/lifeboat";
}

/// A folder for one test, with a recipe and what stands for the last good output.
struct Workshop {
  TempDir folder{fs::temp_directory_path(), "build-faults"};
  fs::path output = folder.path() / "out/image";
  fs::path recipe = folder.path() / "recipes/image.toml";

  Workshop() {
    fs::create_directories(output);
    replace_file(output / "manifest.json", "the last good output\n");
    fs::create_directories(recipe.parent_path());
    fs::create_directory_symlink(recipes / "sets", recipe.parent_path() / "sets");
    replace_file(recipe, read_file(recipes / "debian-12-cloud.toml"));
  }

  void change_recipe(const std::string& from, const std::string& to) const {
    std::string text = read_file(recipe);
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    replace_file(recipe, text.replace(at, from.size(), to));
  }

  std::vector<std::string> build_command(const std::string& cache = cache_folder()) const {
    return {program,     "build",      recipe,
            "--output",  output,       "--cache",
            cache,       "--overlays", LIFEBOAT_SOURCE_DIR "/overlays",
            "--offline", "--fast",     "--no-reuse"};
  }

  Outcome build() const { return run({.argv = build_command()}); }

  /// The last good output as it was, and nothing beside it.
  void require_untouched() const {
    REQUIRE(read_file(output / "manifest.json") == "the last good output\n");
    std::vector<std::string> beside;
    for (const auto& entry : fs::directory_iterator(output.parent_path())) beside.push_back(entry.path().filename());
    REQUIRE(beside == std::vector<std::string>{"image"});
  }
};

void require_all_in(const std::string& text, const std::vector<std::string>& pieces) {
  for (const std::string& piece : pieces) {
    INFO(text);
    CAPTURE(piece);
    REQUIRE(text.find(piece) != std::string::npos);
  }
}

/// Runs the command and sends SIGINT once its standard error has said `moment`. Returns status and standard error.
Outcome interrupt_at(const std::vector<std::string>& argv, const std::string& moment) {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::dup2(write_end.get(), 2);
    ::execv(words[0], words.data());
    ::_exit(127);
  }
  write_end.reset();
  Outcome outcome;
  bool sent = false;
  char buffer[4096];
  for (ssize_t n; (n = ::read(read_end.get(), buffer, sizeof buffer)) > 0;) {
    outcome.err.append(buffer, static_cast<std::size_t>(n));
    if (sent || outcome.err.find(moment) == std::string::npos) continue;
    ::kill(pid, SIGINT);
    sent = true;
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

}  // namespace

TEST_CASE("a missing recipe is named, and nothing is made") {
  const Workshop shop;
  fs::remove(shop.recipe);
  const Outcome outcome = shop.build();
  REQUIRE(outcome.status == 1);
  require_all_in(outcome.err, {"lifeboat: error: ", shop.recipe.string(), "No such file or directory"});
  shop.require_untouched();
}

TEST_CASE("broken TOML is shown with its place") {
  const Workshop shop;
  replace_file(shop.recipe, "name = \"image\"\ntitle = \n");
  const Outcome outcome = shop.build();
  REQUIRE(outcome.status == 1);
  require_all_in(outcome.err, {shop.recipe.string() + ":2:", "title ="});
  shop.require_untouched();
}

TEST_CASE("an unknown package comes with the one that was meant") {
  const Workshop shop;
  replace_file(shop.folder.path() / "recipes/more.toml", "packages = [\"openssh-sever\"]\n");
  shop.change_recipe("include = [", "include = [\"more.toml\", ");
  const Outcome outcome = shop.build();
  REQUIRE(outcome.status == 1);
  require_all_in(outcome.err, {"openssh-sever", "hint: ", "openssh-server"});
  shop.require_untouched();
}

TEST_CASE("a mirror that cannot be reached is named with its reason") {
  const Workshop shop;
  replace_file(shop.recipe,
               "name = \"image\"\ntitle = \"An image\"\ndistribution = \"debian\"\narchitecture = \"amd64\"\n"
               "packages = [\"bash\"]\nmedia = [\"netboot\"]\n"
               "[[repository]]\nmirror = \"nowhere\"\nsuite = \"no-such-suite\"\ncomponents = [\"main\"]\n"
               "keyring = \"/usr/share/keyrings/debian-archive-keyring.gpg\"\n"
               "fingerprints = [\"B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8\"]\n"
               "[kernel]\npackage = \"linux-image-amd64\"\n");
  const Outcome outcome =
      run({.argv = {program, "build", shop.recipe, "--output", shop.output, "--cache", shop.folder.path() / "cache",
                    "--overlays", LIFEBOAT_SOURCE_DIR "/overlays", "--mirror", "nowhere=http://127.0.0.1:9/debian"}});
  REQUIRE(outcome.status == 1);
  require_all_in(outcome.err, {"InRelease", "http://127.0.0.1:9/debian", "onnect", "hint: ", "--mirror nowhere=URL"});
  shop.require_untouched();
}

TEST_CASE("a full disk is said, and the last good output stays") {
  const Workshop shop;
  const fs::path disk = shop.folder.path() / "disk";
  fs::create_directories(disk);
  // The tmpfs lives in a mount namespace of the script's own and goes with it.
  const std::string script =
      "mount -t tmpfs -o size=64m full \"$1\" && mkdir -p \"$1/out/image\" && echo good > "
      "\"$1/out/image/manifest.json\" && "
      "shift && \"$@\" ; status=$?; cat \"$DISK/out/image/manifest.json\"; ls -A \"$DISK/out\"; exit $status";
  std::vector<std::string> argv{"unshare", "--mount", "--map-root-user", "sh", "-c", script, "sh", disk};
  for (const std::string& word : shop.build_command())
    argv.push_back(word == shop.output ? (disk / "out/image").string() : word);
  const Outcome outcome = run({.argv = argv, .environment = {{"DISK", disk}}});
  CAPTURE(outcome.err);
  REQUIRE(outcome.status == 1);
  REQUIRE(outcome.out == "good\nimage\n");
  require_all_in(outcome.err, {"No space left on device", "hint: ", "df -h"});
}

TEST_CASE("Ctrl-C in any phase stops at once with status 130 and leaves nothing behind") {
  const std::string moment =
      GENERATE(as<std::string>{}, "building", "repositories ", "resolve ", "fetch ", "unpack ", "finish ", "squashfs ");
  const Workshop shop;
  const auto start = std::chrono::steady_clock::now();
  const Outcome outcome = interrupt_at(shop.build_command(), "  " + moment);
  CAPTURE(moment, outcome.err);
  REQUIRE(outcome.status == 130);
  require_all_in(outcome.err, {"lifeboat: error: interrupted"});
  shop.require_untouched();
  // A whole build takes longer than this on any machine that the tests have met; an interrupted one has no reason to.
  REQUIRE(std::chrono::steady_clock::now() - start < std::chrono::seconds(60));
}

TEST_CASE("what a killed build left is swept by the next") {
  const Workshop shop;
  fs::create_directories(shop.output.parent_path() / ".lifeboat-build-killed/output");
  const Outcome outcome = interrupt_at(shop.build_command(), "  unpack ");
  CAPTURE(outcome.err);
  REQUIRE(outcome.status == 130);
  shop.require_untouched();
}

}  // namespace lifeboat
