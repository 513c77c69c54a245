// What `--check-reproducible` does, and how it names what differs.
#include <algorithm>

#include "builder/base/error.hpp"
#include "builder/build/image_difference.hpp"
#include "builder/tests/build/small_archive.hpp"
#include "testing/catch.hpp"

namespace lifeboat::testing {
namespace {
namespace fs = std::filesystem;

/// The image as it is built with the overlay as `change` leaves it.
fs::path built(const Workshop& shop, const std::string& name, void (*change)(const fs::path& overlay)) {
  change(shop.overlays / "small");
  const Outcome outcome = shop.build();
  INFO(outcome.err);
  REQUIRE(outcome.status == 0);
  fs::rename(shop.output, shop.folder.path() / name);
  return shop.folder.path() / name / "initrd.img";
}

void leave(const fs::path&) {}

/// What first_difference says of the image before and after `change`.
std::string difference(void (*change)(const fs::path& overlay)) {
  const Workshop shop;
  const fs::path before = built(shop, "before", leave);
  const fs::path after = built(shop, "after", change);
  return first_difference(before, after, shop.folder.path());
}

}  // namespace

TEST_CASE("a build that is checked is built twice, and says so") {
  const Workshop shop;
  const Outcome outcome = shop.build({"--check-reproducible"});
  CAPTURE(outcome.err);
  REQUIRE(outcome.status == 0);
  CHECK(outcome.err.find("second build  the same bytes: another folder, time zone, language, umask, one core") !=
        std::string::npos);
  CHECK(faults_of_image(shop.output).empty());
  CHECK(shop.beside_output().empty());
}

TEST_CASE("an input that is not the same twice is found, and the file in the image named") {
  const Workshop shop;
  fs::remove(shop.init);
  fs::create_symlink("/proc/self/environ", shop.init);  // the second build has another environment
  const Outcome outcome = shop.build({"--check-reproducible"});
  CAPTURE(outcome.err);
  CHECK(outcome.status == 1);
  CHECK(outcome.err.find(
            "lifeboat: error: a second build from the same lock gave other bytes:\n  boot-http.ipxe: byte 30 differs\n"
            "  boot.ipxe: byte 30 differs\n  initrd-http.img: etc/lifeboat/boot.conf: byte 61 differs\n"
            "  initrd.img: etc/lifeboat/boot.conf: ") != std::string::npos);
  CHECK(outcome.err.find("\nhint: ") != std::string::npos);
  CHECK(shop.beside_output().empty());
}

TEST_CASE("a changed byte in a file of the root is found through initrd and squashfs") {
  CHECK(difference([](const fs::path& overlay) { replace_file(overlay / "etc/mango/two", "text of Two\n"); }) ==
        "initrd.img: lifeboat.squashfs: etc/mango/two: its content differs from byte 8 on");
}

TEST_CASE("a changed mode in the root is found through initrd and squashfs") {
  const std::string found =
      difference([](const fs::path& overlay) { fs::permissions(overlay / "etc/mango/two", fs::perms::owner_all); });
  CAPTURE(found);
  CHECK(found.find("initrd.img: lifeboat.squashfs: the entries `etc/mango/two R 1700000000 644 0 0 12 ") == 0);
  CHECK(found.find("` and `etc/mango/two R 1700000000 755 0 0 12 ") != std::string::npos);
}

TEST_CASE("what is the same has no difference") { CHECK(difference(leave).empty()); }

}  // namespace lifeboat::testing
