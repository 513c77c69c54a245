// A hybrid image of small parts and the real boot loaders, judged by readers that are not ours: xorriso, fdisk, mtools.
// That it boots is what the QEMU tests show.
#include <cstring>

#include "builder/base/digest.hpp"
#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/media/arguments_place.hpp"
#include "builder/media/image_arguments.hpp"
#include "builder/media/media.hpp"
#include "builder/tests/base/message_of.hpp"
#include "builder/tests/distro/real_file.hpp"
#include "init/contract/medium_mark.hpp"
#include "testing/catch.hpp"

namespace lifeboat::testing {
namespace {
namespace fs = std::filesystem;

/// Everything that a medium is made of, small.
struct Parts {
  TempDir place{fs::temp_directory_path(), "hybrid-test"};
  fs::path kernel = file("vmlinuz", "a kernel");
  fs::path root = file("root", std::string(3'000'000, 'r'));
  std::vector<fs::path> initramfs{file("drivers", "drivers1"), file("init", "init")};
  BootLoaders loaders{
      .shim = fetch_real_file("shim-signed", "usr/lib/shim/shimx64.efi.signed"),
      .grub_efi = fetch_real_file("grub-efi-amd64-signed", "usr/lib/grub/x86_64-efi-signed/gcdx64.efi.signed"),
      .grub_pc = fetch_real_file("grub-pc-bin", "usr/lib/grub/i386-pc"),
      .efi_stub = {}};
  SecureBootKey secure_boot;
  std::string build_id = "0123456789abcdef0123456789abcdef";
  std::string title = "Bob's image";
  std::string arguments = "console=ttyS0 lifeboat.build_id=0123456789abcdef0123456789abcdef";
  fs::path folder = made("output"), scratch = made("scratch");

  fs::path made(const char* name) const {
    lifeboat::create_directories(place.path() / name);
    return place.path() / name;
  }
  fs::path file(const char* name, const std::string& bytes) const {
    replace_file(place.path() / name, bytes);
    return place.path() / name;
  }
  fs::path write(const char* medium) const {
    Progress progress(true);
    Progress::Step step(progress, "media");
    const MediumFiles files = find_medium(medium).write(
        {kernel, root, initramfs, loaders, secure_boot, build_id, title, arguments, 1'700'000'000, folder, scratch},
        step);
    REQUIRE(files.names.size() == 1);
    CHECK(files.size == fs::file_size(folder / files.names.front()));
    return folder / files.names.front();
  }
  std::string on_iso(const std::string& path) const {
    const fs::path to = place.path() / "extracted";
    fs::remove(to);
    run_checked({.argv = {"xorriso", "-osirrox", "on", "-indev", (folder / "rescue.iso").string(), "-extract", path,
                          to.string()}});
    return read_file(to);
  }
};

std::string said(const std::vector<std::string>& argv) {
  const Outcome outcome = run({.argv = argv});
  return outcome.out + outcome.err;
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("the hybrid image holds kernel, initrd and root image, and says which build it is") {
  const Parts parts;
  const std::string image = read_file(parts.write("iso"));
  CHECK(parts.on_iso("/boot/vmlinuz") == "a kernel");
  CHECK(parts.on_iso("/boot/initrd.img") == "drivers1init");
  CHECK(parts.on_iso("/lifeboat/root.squashfs") == std::string(3'000'000, 'r'));
  CHECK(contract::parse_medium_mark(image.substr(contract::medium_mark_offset, contract::medium_mark_size)) ==
        parts.build_id);
}

TEST_CASE("BIOS and EFI find what they start, on a CD and on a disk") {
  const Parts parts;
  const fs::path iso = parts.write("iso");
  const std::string boot =
      said({"xorriso", "-indev", iso.string(), "-report_el_torito", "plain", "-report_system_area", "plain"});
  CAPTURE(boot);
  CHECK(has(boot, "El Torito img path :   1  /boot/grub/bios.img"));
  CHECK(has(boot, "El Torito boot img :   2  UEFI  y   none"));
  CHECK(has(boot, "grub2-mbr"));
  const std::string table = said({"fdisk", "-l", "-o", "Type-UUID,Type", iso.string()});
  CAPTURE(table);
  CHECK(has(table, "Disk identifier: 01234567-89AB-4DEF-A123-456789ABCDEF"));
  CHECK(has(table, "C12A7328-F81F-11D2-BA4B-00A0C93EC93B EFI System"));
  CHECK_FALSE(has(table, "corrupt"));
}

TEST_CASE("the EFI system partition holds shim and GRUB, byte for byte the distribution's") {
  const Parts parts;
  const fs::path iso = parts.write("iso");
  const std::string table = said({"fdisk", "-l", "-o", "Start,Type", iso.string()});
  const std::size_t line = table.find(" EFI System");
  REQUIRE(line != std::string::npos);
  const std::string start = table.substr(table.rfind('\n', line) + 1, line - table.rfind('\n', line) - 1);
  const std::string esp = iso.string() + "@@" + std::to_string(std::stoull(start) * 512);
  const fs::path to = parts.place.path() / "efi";
  run_checked({.argv = {"mcopy", "-i", esp, "::/EFI/BOOT/BOOTX64.EFI", to.string()}});
  CHECK(sha256_of_file(to) == sha256_of_file(parts.loaders.shim));
  run_checked({.argv = {"mcopy", "-o", "-i", esp, "::/EFI/BOOT/grubx64.efi", to.string()}});
  CHECK(sha256_of_file(to) == sha256_of_file(parts.loaders.grub_efi));
  CHECK(has(said({"mdir", "-i", esp, "::"}), "Volume Serial Number is 0123-4567"));
}

TEST_CASE("a partition takes the password and key files that a cloud injects, and is no operating system") {
  const Parts parts;
  const fs::path image = parts.write("raw");
  const std::string table = said({"sfdisk", "-d", image.string()});
  CAPTURE(table);
  const std::size_t line = table.find("rescue.raw3 :"), start = table.find("start=", line);
  REQUIRE(line != std::string::npos);
  const std::string partition =
      image.string() + "?offset=" + std::to_string(std::stoull(table.substr(start + 6)) * 512);
  const auto in_it = [&](const std::string& command) { return said({"debugfs", "-R", command, partition}); };
  CHECK(has(in_it("cat etc/shadow"), "root:*:19000:0:99999:7:::\n"));
  CHECK(has(in_it("cat etc/passwd"), "root:x:0:0:root:/root:/bin/bash\n"));
  CHECK(has(in_it("stat etc/shadow"), "Mode:  0600"));
  CHECK(has(in_it("stat etc/shadow"), "User:     0   Group:     0"));
  CHECK(has(in_it("stat root/.ssh"), "Mode:  0700"));
  CHECK(has(in_it("ls etc"), "fstab"));
  CHECK_FALSE(has(in_it("ls etc"), "os-release"));
  const fs::path alone = parts.place.path() / "partition";
  run_checked({.argv = {"dd", "if=" + image.string(), "of=" + alone.string(), "bs=512", "status=none",
                        "skip=" + std::to_string(std::stoull(table.substr(start + 6))), "count=2048"}});
  CHECK(run({.argv = {"e2fsck", "-fn", alone.string()}}).status == 0);
  CHECK(run_checked({.argv = {"blkid", "-p", "-o", "value", "-s", "LABEL", alone.string()}}) == "lifeboat-files\n");
}

TEST_CASE("the menu's entries and quoting are GRUB's: its own parser takes them") {
  Parts parts;
  parts.title = "Bob's; \"$image\" {";
  parts.arguments = "console=ttyS0 module.x=$y;z dyndbg='a'";
  parts.write("iso");
  const fs::path menu = parts.file("grub.cfg", parts.on_iso("/boot/grub/grub.cfg"));
  CAPTURE(read_file(menu));
  CHECK(run({.argv = {"grub-script-check", menu.string()}}).status == 0);
  CHECK(has(read_file(menu), "menuentry 'Bob'\\''s; \"$image\" { [r]' --hotkey=r {\n"));
  CHECK(
      has(read_file(menu), "/boot/vmlinuz 'console=ttyS0' 'module.x=$y;z' 'dyndbg='\\''a'\\''' $lifeboat_arguments\n"));
}

TEST_CASE("iso and raw are the same bytes, and qcow2 the same disk") {
  const Parts parts;
  const Sha256 iso = sha256_of_file(parts.write("iso"));
  CHECK(sha256_of_file(parts.write("raw")) == iso);
  const fs::path back = parts.place.path() / "back";
  run_checked({.argv = {"qemu-img", "convert", "-O", "raw", parts.write("qcow2").string(), back.string()}});
  CHECK(sha256_of_file(back) == iso);
}

TEST_CASE("the same parts give the same image, another build id another") {
  const Parts one, two;
  Parts three;
  three.build_id = "1123456789abcdef0123456789abcdef";
  const Sha256 first = sha256_of_file(one.write("iso"));
  CHECK(sha256_of_file(two.write("iso")) == first);
  CHECK(sha256_of_file(three.write("iso")) != first);
}

TEST_CASE("extra kernel arguments are written in place and read back, whatever the medium") {
  for (const char* medium : {"iso", "raw", "qcow2"}) {
    CAPTURE(medium);
    const Parts parts;
    const fs::path image = parts.write(medium);
    const std::string built = read_file(image);
    CHECK(read_image_arguments(image).arguments.empty());
    write_image_arguments(image, "console=ttyS1 a.b=$c;d");
    const ImageArguments found = read_image_arguments(image);
    CHECK(found.arguments == "console=ttyS1 a.b=$c;d");
    std::string patched = read_file(image);
    CHECK(patched != built);
    CHECK(sha256_without_arguments(image, found) == sha256_of(built));
    std::memcpy(patched.data() + found.offset, built.data() + found.offset, arguments_place_size);
    CHECK(patched == built);
    write_image_arguments(image, "");
    CHECK(read_file(image) == built);
  }
}

TEST_CASE("what has no place for arguments is refused and left alone") {
  const Parts parts;
  const fs::path iso = parts.write("iso");
  const std::string built = read_file(iso);
  CHECK(message_of([&] { write_image_arguments(iso, "a='b'"); }) == "the kernel arguments `a='b'` hold `'`");
  CHECK(message_of([&] {
          write_image_arguments(iso, std::string(1024, 'x'));
        }).ends_with("have 1024 characters, and the place in the image takes 925"));
  CHECK(read_file(iso) == built);
  const fs::path other = parts.file("disk.raw", std::string(100'000, '\0'));
  CHECK(message_of([&] { write_image_arguments(other, "a"); }) ==
        other.string() +
            " has no place for kernel arguments: no ISO 9660 file system with /boot/grub/arguments.cfg is "
            "on it");
  CHECK(read_file(other) == std::string(100'000, '\0'));
}

}  // namespace lifeboat::testing
