// A UKI of small parts: objcopy takes the sections out again, as a person would who wants to know what is inside.
#include "builder/base/digest.hpp"
#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/media/initrd.hpp"
#include "builder/media/media.hpp"
#include "builder/tests/base/message_of.hpp"
#include "builder/tests/media/secure_boot_keys.hpp"
#include "builder/tests/media/stub.hpp"
#include "testing/catch.hpp"

namespace lifeboat::testing {
namespace {
namespace fs = std::filesystem;

/// Everything that a medium is made of, small.
struct Parts {
  TempDir place{fs::temp_directory_path(), "uki-test"};
  fs::path kernel = file("vmlinuz", "MZ a kernel");
  fs::path root = file("root", std::string(2'000'000, 'r'));
  std::vector<fs::path> initramfs{file("drivers", "drivers1"), file("init", "init")};
  BootLoaders loaders{.shim = {}, .grub_efi = {}, .grub_pc = {}, .efi_stub = real_stub()};
  SecureBootKey secure_boot;
  std::string build_id = "0123456789abcdef0123456789abcdef";
  std::string title = "A \"small\" image";
  std::string arguments = "console=ttyS0 lifeboat.build_id=0123456789abcdef0123456789abcdef";
  fs::path folder = place.path() / "output";

  fs::path file(const char* name, const std::string& bytes) const {
    replace_file(place.path() / name, bytes);
    return place.path() / name;
  }
  MediaInput input() const {
    return {kernel, root,      initramfs,     loaders, secure_boot, build_id,
            title,  arguments, 1'700'000'000, folder,  place.path()};
  }
  fs::path write() const {
    lifeboat::create_directories(folder);
    Progress progress(true);
    Progress::Step step(progress, "media");
    const MediumFiles files = find_medium("uki").write(input(), step);
    REQUIRE(files.names == std::vector<std::string>{"rescue.efi"});
    return folder / "rescue.efi";
  }
  std::string section(const std::string& name) const {
    const fs::path out = place.path() / "section";
    run_checked({.argv = {"objcopy", "--dump-section", name + "=" + out.string(), (folder / "rescue.efi").string(),
                          (place.path() / "copy").string()}});
    return read_file(out);
  }
};

}  // namespace

TEST_CASE("a UKI holds the kernel, the initrd with the root inside, the command line and what boot menus show") {
  const Parts parts;
  parts.write();
  CHECK(parts.section(".osrel") ==
        "ID=lifeboat\nPRETTY_NAME=\"A \\\"small\\\" image\"\nBUILD_ID=0123456789abcdef0123456789abcdef\n");
  CHECK(parts.section(".cmdline") == parts.arguments);
  CHECK(parts.section(".linux") == "MZ a kernel");
  const fs::path initrd = parts.place.path() / "initrd";
  write_initrd(parts.input(), true, initrd);
  CHECK(parts.section(".initrd") == read_file(initrd));
}

TEST_CASE("the same parts give the same UKI, others another") {
  const Parts one, two;
  Parts three;
  three.title = "Another image";
  CHECK(sha256_of_file(one.write()) == sha256_of_file(two.write()));
  CHECK(sha256_of_file(one.folder / "rescue.efi") != sha256_of_file(three.write()));
}

TEST_CASE("with the operator's key a UKI is signed, and its sections are the same") {
  const SecureBootKeys keys;
  const Parts plain;
  Parts parts;
  parts.secure_boot = keys.pair();
  const fs::path file = parts.write();
  CHECK(run({.argv = {"sbverify", "--cert", keys / "certificate.pem", file.string()}}).status == 0);
  plain.write();
  for (const char* name : {".osrel", ".cmdline", ".initrd", ".linux"})
    CHECK(parts.section(name) == plain.section(name));
}

TEST_CASE("a stub that is none is named") {
  Parts parts;
  parts.loaders.efi_stub = parts.kernel;
  lifeboat::create_directories(parts.folder);
  CHECK(message_of([&] { parts.write(); }) == "reading " + parts.kernel.string() + ": it is no EFI program (PE)");
}

}  // namespace lifeboat::testing
