// Same recipe, same packages, same bytes: whoever builds, where, when, in what language, with how many cores, and in
// whatever order the file system names its files.
#include <unistd.h>

#include <algorithm>
#include <set>
#include <thread>

#include "builder/base/error.hpp"
#include "builder/base/text.hpp"
#include "builder/tests/build/small_archive.hpp"
#include "builder/tests/build/surroundings.hpp"
#include "testing/catch.hpp"

namespace lifeboat::testing {
namespace {
namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

/// The same overlays as another clone has them: made in another order, years ago, closed to others.
void remake_overlays(const Workshop& from, const Workshop& to) {
  std::set<fs::path, std::greater<>> paths;
  for (const auto& entry : fs::recursive_directory_iterator(from.overlays)) paths.insert(entry.path());
  fs::remove_all(to.overlays);
  for (const fs::path& path : paths) {
    const fs::path copy = to.overlays / path.lexically_relative(from.overlays);
    fs::create_directories(copy.parent_path());
    if (fs::is_directory(path) && !fs::is_symlink(path)) continue;
    fs::copy(path, copy, fs::copy_options::copy_symlinks);
    if (fs::is_symlink(path)) continue;
    fs::permissions(copy, fs::perms::group_all | fs::perms::others_all, fs::perm_options::remove);
    fs::last_write_time(copy, fs::file_time_type::clock::now() - std::chrono::hours(24 * 4000));
  }
}

Workshop make_shop() {
  open_to_everybody(small_archive().root());
  Workshop shop;
  open_to_everybody(shop.folder.path());
  shop.program = program_for_everybody();
  return shop;
}

Files files_built(const Workshop& shop, const Surroundings& surroundings, const Strings& more = {}) {
  const Outcome outcome = surroundings.run(shop.build_command(more), shop.folder.path());
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  REQUIRE(faults_of_image(shop.output).empty());
  return files_below(shop.output);
}

/// What a program sees of its surroundings, a fact a line.
Strings facts(const Surroundings& surroundings) {
  const TempDir folder(fs::temp_directory_path(), "facts");
  for (const char* name : {"a", "b", "c"}) replace_file(folder.path() / name, "");
  const Outcome outcome = surroundings.run(
      {"sh", "-c", "umask; date +%Y; date +%H; ls -U | tr '\\n' ' '; echo; echo $HOME; echo $LC_ALL; nproc; id -u"},
      folder.path());
  const std::vector<std::string_view> lines = split_lines(outcome.out);
  Strings seen(lines.begin(), lines.end());
  if (std::thread::hardware_concurrency() == 1) seen[6] = "";
  if (::geteuid() != 0) seen[7] = "";
  return seen;
}

}  // namespace

TEST_CASE("the two surroundings differ in everything that a build is to be deaf to") {
  const Strings plain = facts(plain_surroundings());
  const Strings odd = facts(odd_surroundings());
  REQUIRE(plain.size() == 8);
  REQUIRE(odd.size() == 8);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    CAPTURE(i, plain[i], odd[i]);
    CHECK((plain[i] != odd[i] || plain[i].empty()));
  }
}

TEST_CASE("same recipe, same packages, same bytes: whoever builds it, where, when and in what order") {
  const Workshop plain = make_shop();
  Workshop odd = make_shop();
  odd.output = odd.folder.path() / "Bau hier/Öfen/image";
  odd.cache = odd.folder.path() / "other downloads";
  remake_overlays(plain, odd);
  CHECK(differences(files_built(plain, plain_surroundings()), files_built(odd, odd_surroundings())) == Strings{});
}

TEST_CASE("same recipe, same lock, same bytes: also when the archive has moved on") {
  SmallArchive archive;
  open_to_everybody(archive.root());
  Workshop plain(archive), odd(archive);
  for (Workshop* shop : {&plain, &odd}) {
    open_to_everybody(shop->folder.path());
    shop->program = program_for_everybody();
  }
  const Files first = files_built(plain, plain_surroundings());
  fs::copy_file(plain.output / "lock.toml", odd.folder.path() / "small.lock");
  fs::permissions(odd.folder.path() / "small.lock", fs::perms::others_read, fs::perm_options::add);
  archive.add(small_library("1.1"));
  archive.publish(SmallArchive::first_date + 3600);
  open_to_everybody(archive.root());
  remake_overlays(plain, odd);
  CHECK(differences(first, files_built(odd, odd_surroundings(), {"--lock", odd.folder.path() / "small.lock"})) ==
        Strings{});
}

TEST_CASE("same recipe, same packages, same bytes: from the cache alone, and over an older image") {
  const Workshop shop = make_shop();
  const Files first = files_built(shop, plain_surroundings());
  CHECK(differences(files_built(shop, plain_surroundings(), {"--offline", "--no-reuse"}), first) == Strings{});
}

}  // namespace lifeboat::testing
