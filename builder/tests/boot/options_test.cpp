#include "builder/base/file.hpp"
#include "builder/boot/boot.hpp"
#include "builder/tests/boot/message_of.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace fs = std::filesystem;
namespace {

BootOptions boot_of(const fs::path& output) {
  BootOptions options;
  options.medium_path = output;
  return options;
}

std::string refusal(const BootOptions& options) {
  return message_of([&] { boot_image(options); });
}

}  // namespace

TEST_CASE("a folder without an image is refused with the command that makes one") {
  const TempDir work(fs::temp_directory_path(), "options-test");
  const std::string folder = work.path().string();
  CHECK(refusal(boot_of(work.path())) == folder +
                                             " is no folder of a built image: it has no vmlinuz | "
                                             "build one first: lifeboat build recipes/debian-12.toml");
  replace_file(work.path() / "vmlinuz", "");
  CHECK(refusal(boot_of(work.path())) == folder +
                                             " is no folder of a built image: it has no initrd.img | "
                                             "build one first: lifeboat build recipes/debian-12.toml");
}

TEST_CASE("a manifest that is broken or says no kernel arguments is refused") {
  const TempDir work(fs::temp_directory_path(), "options-test");
  for (const char* name : {"vmlinuz", "initrd.img"}) replace_file(work.path() / name, "");
  for (const char* manifest : {"{", "[]", "{}", R"({"kernel_arguments": 1})"}) {
    replace_file(work.path() / "manifest.json", manifest);
    CHECK(refusal(boot_of(work.path())) ==
          "reading " + work.path().string() +
              "/manifest.json: it has no text \"kernel_arguments\" | build the image again");
  }
}

TEST_CASE("--run without a password is refused") {
  BootOptions options = boot_of("/");
  options.run = "true";
  options.no_password = true;
  CHECK(refusal(options) ==
        "--run logs in with the temporary password, and --no-password makes none | leave one of them out");
}
