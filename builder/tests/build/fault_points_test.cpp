// A build that dies or finds the disk full, at points all the way from its first folder to its last rename. Whatever
// the point: what the cache holds is what its names say, the last good output is whole, and the same command once more
// gives the image of an undisturbed build.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "builder/base/digest.hpp"
#include "builder/base/error.hpp"
#include "builder/base/text.hpp"
#include "builder/tests/build/small_archive.hpp"
#include "builder/tests/fetch/http_server.hpp"
#include "testing/catch.hpp"
#include "testing/whole_matrix.hpp"

namespace lifeboat::testing {
namespace {
namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

void copy_folder(const fs::path& from, const fs::path& to) {
  fs::create_directories(to.parent_path());
  fs::copy(from, to, fs::copy_options::recursive);
}

/// Each file of the cache whose bytes are not those of its name.
Strings faults_of_cache(const fs::path& cache) {
  Strings faults;
  if (!fs::exists(cache / "sha256")) return faults;
  for (const auto& [name, digest] : files_below(cache / "sha256"))
    if (fs::path(name).filename() != digest) faults.push_back("the cache's " + name + " has other bytes");
  return faults;
}

/// Evenly spread, beside each rename and link: with an empty and with a filled cache more than 50 of each kind, in the
/// core more than 50 of both.
std::size_t points_each() { return is_whole_matrix() ? 25 : 13; }

/// Hundreds of builds, each of which syncs its files: in memory where there is such a folder.
fs::path quick_folder() {
  const fs::path memory = "/dev/shm";
  return ::access(memory.c_str(), W_OK) == 0 ? memory : fs::temp_directory_path();
}

Strings calls_that_need_room(const Strings& calls) {
  Strings room;
  std::copy_if(calls.begin(), calls.end(), std::back_inserter(room),
               [](const std::string& call) { return call.starts_with("room "); });
  return room;
}

Strings lines_of(const fs::path& file) {
  const std::string text = read_file(file);
  Strings lines;
  for (const std::string_view line : split_lines(text)) lines.emplace_back(line);
  return lines;
}

/// Which calls are the ones to fail: evenly from the first to the last, and each that puts something into its place.
std::set<std::size_t> points_of(const Strings& calls) {
  std::set<std::size_t> points;
  for (std::size_t i = 0; i < points_each(); ++i) points.insert(1 + i * (calls.size() - 1) / (points_each() - 1));
  for (std::size_t i = 0; i < calls.size(); ++i)
    if (calls[i].starts_with("room rename") || calls[i].starts_with("room link")) points.insert(i + 1);
  return points;
}

/// What every point begins with, made once: an archive that has moved on since the last good image was built.
class Stage {
 public:
  Stage() {
    const Workshop before(archive_, server_.url());
    require_success(before.build(options_));
    copy_folder(before.output, good_);
    copy_folder(before.cache, filled_);
    good_files_ = files_below(good_);
    archive_.add(small_library("1.1"));
    archive_.publish(SmallArchive::first_date + 3600);
    add_half_a_part();
    new_files_ = undisturbed();
  }

  /// The folder of one point: the last good output in its place, and a cache that is empty or that of the last build.
  void set_up(bool filled) {
    fs::remove_all(place_.path() / "run");
    fs::create_directories(temporary());
    shop_.output = place_.path() / "run/out/image";
    shop_.cache = place_.path() / "run/cache";
    copy_folder(good_, shop_.output);
    if (filled) copy_folder(filled_, shop_.cache);
  }

  Outcome build(Environment environment = {}) const {
    environment["TMPDIR"] = temporary();
    return shop_.build(options_, environment);
  }

  /// What became of a build that was to meet a fault at a point, and whether it came that far: a download arrives in as
  /// many pieces as the network makes of it, so that one build has a call or two more than another.
  struct Disturbed {
    Outcome outcome;
    bool met = false;
  };
  /// `kind` is "kill", "fail" or "full", as in preload/faults.cpp; the last two count the calls that need room.
  Disturbed disturb(const std::string& kind, std::size_t point) const {
    const fs::path log = call_log();
    Disturbed that{
        build(preloaded({{"LIFEBOAT_FAULT", kind + " " + std::to_string(point)}, {"LIFEBOAT_FAULT_LOG", log}}))};
    const Strings done = lines_of(log);
    that.met = (kind == "kill" ? done : calls_that_need_room(done)).size() >= point;
    return that;
  }

  /// A build on a disk of its own, of this many KiB, which is copied to the point's folder when it has ended. What the
  /// programs write that a build starts meets the same disk.
  Outcome build_on_disk_of(std::size_t kibibytes) const {
    const fs::path disk = place_.path() / "disk";
    fs::create_directories(disk);
    // The disk is in memory, in a mount namespace of the script's own, and goes with it.
    constexpr const char* script =
        "set -e; disk=$1 size=$2 good=$3 run=$4; shift 4; mount -t tmpfs -o size=${size}k small \"$disk\"; "
        "mkdir \"$disk/out\" \"$disk/tmp\"; cp -r \"$good\" \"$disk/out/image\"; "
        "status=0; \"$@\" || status=$?; rm -r \"$run\"; cp -r \"$disk\" \"$run\"; exit $status";
    std::vector<std::string> argv{"unshare",
                                  "--mount",
                                  "--map-root-user",
                                  "sh",
                                  "-c",
                                  script,
                                  "sh",
                                  disk,
                                  std::to_string(kibibytes),
                                  good_,
                                  place_.path() / "run"};
    for (std::string word : shop_.build_command(options_)) {
      const std::string run_folder = place_.path() / "run";
      if (word.starts_with(run_folder)) word.replace(0, run_folder.size(), disk);
      argv.push_back(word);
    }
    return run({.argv = argv, .environment = {{"TMPDIR", disk / "tmp"}}});
  }

  /// The calls of an undisturbed build, in order: "room write /path" or "free unlink /path".
  Strings calls() const {
    const fs::path log = call_log();
    require_success(build(preloaded({{"LIFEBOAT_FAULT_LOG", log}})));
    return lines_of(log);
  }

  Strings faults_after_disturbance() const {
    Strings faults = faults_of_cache(shop_.cache);
    const Files now = files_below(shop_.output);
    if (now != good_files_ && now != new_files_) faults.emplace_back("the output is neither the old nor the new image");
    return faults;
  }

  /// Of the same command once more. A child that was being started when the build was killed holds the locks of the
  /// build's folders until it runs, which may be a while on a busy machine: what it keeps from being swept is swept by
  /// the run after that.
  Strings faults_of_rerun() const {
    const Outcome outcome = build();
    if (outcome.status != 0) return {"the same command once more failed: " + outcome.err};
    if (!left_over().empty()) require_success(build());
    Strings faults = faults_of_cache(shop_.cache);
    if (files_below(shop_.output) != new_files_) faults.emplace_back("the same command once more gave other bytes");
    for (const std::string& name : left_over()) faults.push_back(name + " is left");
    return faults;
  }

  const Workshop& shop() const { return shop_; }

 private:
  static void require_success(const Outcome& outcome) {
    if (outcome.status != 0) throw Error("an undisturbed build failed: " + outcome.err);
  }

  /// As a killed download leaves it: the next one goes on from there.
  void add_half_a_part() const {
    const std::string bytes = read_file(archive_.root() / "pool/main/l/libhello1/libhello1_1.1_amd64.deb");
    replace_file(filled_ / "parts" / sha256_of(bytes), std::string_view(bytes).substr(0, bytes.size() / 2));
  }

  Files undisturbed() {
    set_up(false);
    require_success(build());
    for (const auto& [name, digest] : files_below(shop_.cache)) cache_names_.insert(name);
    for (const auto& [name, digest] : files_below(filled_)) cache_names_.insert(name);
    return files_below(shop_.output);
  }

  /// Where the next build notes its calls; empty.
  fs::path call_log() const {
    fs::path log = place_.path() / "calls";
    fs::remove(log);
    return log;
  }

  fs::path temporary() const { return place_.path() / "run/tmp"; }

  /// What a build should have taken away: in the cache under names that nobody asks for again, among the temporary
  /// files and beside the output.
  Strings left_over() const {
    Strings names = shop_.beside_output();
    for (const auto& [name, digest] : files_below(shop_.cache))
      if (!cache_names_.contains(name)) names.push_back("the cache's " + name);
    for (const auto& entry : fs::directory_iterator(temporary())) names.push_back(entry.path().filename());
    return names;
  }

  // Hundreds of builds: zstd sets up tens of megabytes for its better levels.
  static inline const Strings options_{"--fast"};

  SmallArchive archive_;
  HttpServer server_{archive_.root()};
  Workshop shop_{archive_, server_.url()};
  TempDir place_{quick_folder(), "fault-points"};
  fs::path good_ = place_.path() / "good";
  fs::path filled_ = place_.path() / "filled";
  Files good_files_, new_files_;
  std::set<std::string> cache_names_;
};

Stage& stage() {
  static Stage made_once;
  return made_once;
}

/// What a full disk may and may not do to the person: status 1, the reason, a hint, and nothing left lying about.
Strings faults_of_full_disk(const Stage& the, const Outcome& outcome) {
  Strings faults = the.faults_after_disturbance();
  if (outcome.status != 1) faults.push_back("the exit status is " + std::to_string(outcome.status));
  if (outcome.err.find("No space left on device") == std::string::npos &&
      outcome.err.find("I/O error") == std::string::npos)  // tar2sqfs's word for it
    faults.emplace_back("it does not say why");
  for (const char* word : {"lifeboat: error: ", "\nhint: ", "df -h"})
    if (outcome.err.find(word) == std::string::npos) faults.push_back("it does not say " + std::string(word));
  for (const std::string& name : the.shop().beside_output()) faults.push_back(name + " is left beside the output");
  return faults;
}

}  // namespace

TEST_CASE("a build that is killed at any point leaves the last good output and an honest cache") {
  const bool filled = GENERATE(false, true);
  Stage& the = stage();
  the.set_up(filled);
  const Strings calls = the.calls();
  REQUIRE(calls.size() > 100);
  std::size_t missed = 0;
  for (const std::size_t point : points_of(calls)) {
    the.set_up(filled);
    const auto [outcome, met] = the.disturb("kill", point);
    if (!met) ++missed;
    CAPTURE(filled, point, calls[point - 1], outcome.err);
    CHECK(outcome.status == (met ? 128 + SIGKILL : 0));
    CHECK(the.faults_after_disturbance() == Strings{});
    CHECK(the.faults_of_rerun() == Strings{});
  }
  CHECK(missed <= 5);  // the last calls of all, if any
}

TEST_CASE("a disk that is full at any point is said, and nothing is lost") {
  const std::string kind = GENERATE(as<std::string>{}, "fail", "full");
  const bool filled = GENERATE(false, true);
  if (filled != (kind == "full") && !is_whole_matrix()) return;
  Stage& the = stage();
  the.set_up(filled);
  const Strings calls = calls_that_need_room(the.calls());
  REQUIRE(calls.size() > 100);
  std::size_t missed = 0;
  for (const std::size_t point : points_of(calls)) {
    the.set_up(filled);
    const auto [outcome, met] = the.disturb(kind, point);
    CAPTURE(kind, filled, point, calls[point - 1], outcome.err);
    if (met) {
      CHECK(faults_of_full_disk(the, outcome) == Strings{});
    } else {
      ++missed;
      CHECK(outcome.status == 0);
    }
    CHECK(the.faults_of_rerun() == Strings{});
  }
  CHECK(missed <= 5);  // the last calls of all, if any
}

TEST_CASE("a disk of any size is large enough or said to be full, also where a program that a build starts fills it") {
  if (run({.argv = {"unshare", "--mount", "--map-root-user", "true"}}).status != 0) {
    WARN("not tried: this machine lets nobody mount a small disk");
    return;
  }
  Stage& the = stage();
  std::size_t too_small = 0;
  Outcome outcome{.status = 1, .out = {}, .err = {}};
  for (std::size_t kibibytes = 800; outcome.status != 0 && kibibytes < 8000; kibibytes += 60) {
    the.set_up(false);
    outcome = the.build_on_disk_of(kibibytes);
    if (outcome.status == 0) break;
    ++too_small;
    CAPTURE(kibibytes, outcome.err);
    CHECK(faults_of_full_disk(the, outcome) == Strings{});
    CHECK(the.faults_of_rerun() == Strings{});
  }
  CAPTURE(outcome.err);
  CHECK(too_small > 10);
  CHECK(outcome.status == 0);
  CHECK(the.faults_after_disturbance() == Strings{});
}

}  // namespace lifeboat::testing
