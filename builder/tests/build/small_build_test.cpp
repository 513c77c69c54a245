// The small archive's image, from the recipe to the manifest.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "builder/base/digest.hpp"
#include "builder/base/text.hpp"
#include "builder/tests/build/small_archive.hpp"
#include "testing/catch.hpp"

namespace lifeboat::testing {
namespace {
namespace fs = std::filesystem;
using Strings = std::vector<std::string>;

Outcome must_build(const Workshop& shop, const Strings& more = {}) {
  Outcome outcome = shop.build(more);
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  return outcome;
}

nlohmann::json manifest_of(const Workshop& shop) {
  return nlohmann::json::parse(read_file(shop.output / "manifest.json"));
}

std::string version_of(const nlohmann::json& manifest, const std::string& name) {
  for (const auto& package : manifest.at("packages"))
    if (package.at("name") == name) return package.at("version");
  return "not there";
}

/// The root lies in the first archive of the initrd, uncompressed; its size is in the manifest.
fs::path unpack_squashfs(const Workshop& shop) {
  const std::string initrd = read_file(shop.output / "initrd.img");
  const std::size_t at = initrd.find("hsqs");
  REQUIRE(at != std::string::npos);
  const fs::path file = shop.folder.path() / "root.squashfs";
  replace_file(file, initrd.substr(at, manifest_of(shop).at("root_size")));
  return file;
}

/// "-rw-r--r-- root/root 17 2023-11-14 22:13 /etc/hello.conf" of every entry.
Strings list_squashfs(const fs::path& file) {
  const std::string text = run_checked({.argv = {"unsquashfs", "-lln", "-d", "", file.string()}});
  Strings lines;
  for (const std::string_view line : split_lines(text)) {
    std::vector<std::string> words;
    for (const std::string_view word : split_words(line)) words.emplace_back(word);
    lines.push_back(join(words, " "));
  }
  return lines;
}

bool holds(const Strings& lines, const std::string& line) {
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

bool names(const Strings& lines, const std::string& path) {
  return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) { return line.ends_with(" " + path); });
}

}  // namespace

TEST_CASE("a small image is built, and the manifest names each of its files with its digest") {
  const Workshop shop;
  must_build(shop);
  CHECK(faults_of_image(shop.output).empty());
  const auto files = files_below(shop.output);
  for (const char* name : {"vmlinuz", "initrd.img", "manifest.json"}) CHECK(files.contains(name));
  CHECK(files.at("vmlinuz") == sha256_of(small_kernel().files.at("boot/vmlinuz-6.1.0-1-test")));
  CHECK(shop.beside_output().empty());
  const auto manifest = manifest_of(shop);
  CHECK(manifest.at("time") == SmallArchive::first_date);
  CHECK(manifest.at("kernel_release") == "6.1.0-1-test");
  CHECK(manifest.at("packages").size() == 5);
}

TEST_CASE("the root of the small image holds the packages' files, what finishing made and the overlay") {
  const Workshop shop;
  must_build(shop);
  const Strings root = list_squashfs(unpack_squashfs(shop));
  CAPTURE(root);
  CHECK(holds(root, "-rw-r--r-- 0/0 17 2023-11-14 22:13 /etc/hello.conf"));
  CHECK(holds(root, "-rwxr-xr-x 0/0 10 2023-11-14 22:13 /usr/bin/laid-over"));
  CHECK(holds(root, "lrwxrwxrwx 0/0 9 2023-11-14 22:13 /usr/bin/linked -> laid-over"));
  for (const char* path :
       {"/usr/bin/hello", "/usr/lib/libhello.so.1", "/usr/bin/busybox", "/etc/passwd", "/etc/zebra/one",
        "/var/lib/dpkg/info/hello.conffiles", "/usr/lib/modules/6.1.0-1-test/kernel/drivers/net/virtio_net.ko",
        "/usr/lib/modules/6.1.0-1-test/kernel/net/core/failover.ko", "/usr/lib/modules/6.1.0-1-test/modules.dep"}) {
    CAPTURE(path);
    CHECK(names(root, path));
  }
  for (const char* path : {"/usr/share/doc/hello/changelog", "/boot/vmlinuz-6.1.0-1-test",
                           "/usr/lib/modules/6.1.0-1-test/kernel/sound/soundcore.ko"}) {
    CAPTURE(path);
    CHECK_FALSE(names(root, path));
  }
}

TEST_CASE("a damaged image is told from a complete one") {
  const Workshop shop;
  must_build(shop);
  replace_file(shop.output / "initrd.img", read_file(shop.output / "initrd.img") + "x");
  replace_file(shop.output / "left-over", "");
  fs::remove(shop.output / "vmlinuz");
  CHECK(faults_of_image(shop.output) == Strings{"vmlinuz is missing",
                                                "initrd.img has another size than the manifest says",
                                                "left-over is not in the manifest"});
}

TEST_CASE("the next build takes the newer version of a package, and a removed one is missed") {
  SmallArchive archive;
  const Workshop shop(archive);
  must_build(shop);
  CHECK(version_of(manifest_of(shop), "libhello1") == "1.0");

  archive.add(small_library("1.1"));
  archive.publish(SmallArchive::first_date + 3600);
  must_build(shop);
  CHECK(version_of(manifest_of(shop), "libhello1") == "1.1");
  CHECK(manifest_of(shop).at("time") == SmallArchive::first_date + 3600);

  archive.remove("libhello1");
  archive.publish(SmallArchive::first_date + 7200);
  const Outcome outcome = shop.build();
  CHECK(outcome.status == 1);
  CHECK(outcome.err.find("libhello1") != std::string::npos);
  CHECK(version_of(manifest_of(shop), "libhello1") == "1.1");
}

TEST_CASE("the cache alone is enough for another build with the same bytes") {
  const Workshop shop;
  must_build(shop);
  const auto first = files_below(shop.output);
  must_build(shop, {"--offline"});
  CHECK(files_below(shop.output) == first);
}

}  // namespace lifeboat::testing
