#include "builder/boot/machine.hpp"

#include <algorithm>

#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"
#include "builder/tests/boot/message_of.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace fs = std::filesystem;
namespace {

Machine example() {
  Machine machine;
  machine.kernel = DirectKernel{"/out/vmlinuz", "/out/initrd.img", "console=ttyS0 quiet"};
  machine.config_drive = "/tmp/work/config.iso";
  machine.originals = {{"/disks/a,b.raw", "raw"}, {"/disks/c.qcow2", "qcow2"}};
  machine.accelerator = "tcg,thread=multi";
  machine.uuid = "11111111-2222-4333-8444-555555555555";
  return machine;
}

bool has(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// An image made by qemu-img.
fs::path make_image(const fs::path& folder, const std::string& name, std::vector<std::string> words) {
  const fs::path image = folder / name;
  words.insert(words.begin(), {"qemu-img", "create", "-q"});
  words.insert(words.end(), {image, "1M"});
  run_checked({.argv = words, .needed_for = "the test"});
  return image;
}

}  // namespace

TEST_CASE("original disks are virtio disks in their order, and a temporary overlay takes the writes") {
  const std::vector<std::string> words = qemu_command(example(), {5, 6});
  CHECK(has(words, "if=none,id=original0,file=/disks/a,,b.raw,format=raw,snapshot=on"));
  CHECK(has(words, "if=none,id=original1,file=/disks/c.qcow2,format=qcow2,snapshot=on"));
  const auto first = std::find(words.begin(), words.end(), "virtio-blk-pci,drive=original0");
  const auto second = std::find(words.begin(), words.end(), "virtio-blk-pci,drive=original1");
  CHECK(first < second);
  CHECK(second != words.end());
}

TEST_CASE("with --write the originals themselves are written") {
  Machine machine = example();
  machine.write = true;
  CHECK(has(qemu_command(machine, {5, 6}), "if=none,id=original0,file=/disks/a,,b.raw,format=raw"));
}

TEST_CASE("the config drive is a read-only CD, and only QEMU's own line has it") {
  const std::string drive = "if=none,id=config,format=raw,readonly=on,file=/tmp/work/config.iso";
  CHECK(has(qemu_command(example(), {5, 6}), drive));
  CHECK(repeat_line(example()).find("config.iso") == std::string::npos);
}

TEST_CASE("the rescue medium comes before the originals, is booted first, and is never written") {
  Machine machine = example();
  machine.rescue = RescueDrive{{"/out/rescue.raw", "raw"}, false, &find_bus("virtio")};
  const std::vector<std::string> words = qemu_command(machine, {5, 6});
  CHECK(has(words, "if=none,id=rescue,format=raw,snapshot=on,file=/out/rescue.raw"));
  const auto medium = std::find(words.begin(), words.end(), "virtio-blk-pci,drive=rescue,bootindex=0");
  CHECK(medium < std::find(words.begin(), words.end(), "virtio-blk-pci,drive=original0"));

  machine.rescue = RescueDrive{{"/out/rescue.iso", "raw"}, true, &find_bus("usb")};
  const std::vector<std::string> with_cd = qemu_command(machine, {5, 6});
  CHECK(has(with_cd, "if=none,id=rescue,format=raw,media=cdrom,readonly=on,file=/out/rescue.iso"));
  CHECK(has(with_cd, "qemu-xhci,id=usb"));
}

TEST_CASE("the web server of a network boot is one command of QEMU's, whatever the folder is called") {
  Machine machine = example();
  machine.network = {.card = "e1000", .boot = Network::Boot::http, .folder = "/out/a, b"};
  CHECK(has(qemu_command(machine, {5, 6}),
            "user,id=net,hostfwd=tcp:127.0.0.1:0-:22,bootfile=http://10.0.2.100/boot-http.ipxe,"
            "guestfwd=tcp:10.0.2.100:80-cmd:busybox httpd -i -h '/out/a,, b'"));
  CHECK(has(qemu_command(machine, {5, 6}), "e1000,netdev=net,bootindex=0"));
}

TEST_CASE("the line for a person makes the disk of a unified kernel image first") {
  const TempDir work(fs::temp_directory_path(), "machine-test");
  replace_file(work.path() / "rescue.efi", "MZ");
  Machine machine = example();
  machine.efi_program = work.path() / "rescue.efi";
  machine.rescue = RescueDrive{{"/tmp/gone.fat", "raw"}, false, &find_bus("virtio")};
  const std::string line = repeat_line(machine);
  CHECK(line.starts_with("truncate -s 4096K rescue.fat && mformat -i rescue.fat "));
  CHECK(line.find("/tmp/gone.fat") == std::string::npos);
}

TEST_CASE("the line for a person is quoted, shows the console and forwards port 2222") {
  const std::string line = repeat_line(example());
  CHECK(line.starts_with("qemu-system-x86_64 "));
  CHECK(line.find(" -append 'console=ttyS0 quiet' ") != std::string::npos);
  CHECK(line.find("hostfwd=tcp:127.0.0.1:2222-:22") != std::string::npos);
  CHECK(line.ends_with(" -serial mon:stdio"));
}

TEST_CASE("raw and qcow2 images are told apart") {
  const TempDir work(fs::temp_directory_path(), "machine-test");
  CHECK(inspect_disk_image(make_image(work.path(), "a", {"-f", "raw"})).format == "raw");
  CHECK(inspect_disk_image(make_image(work.path(), "b", {"-f", "qcow2"})).format == "qcow2");
}

TEST_CASE("a disk image that is missing, of another format, or names other files is refused") {
  const TempDir work(fs::temp_directory_path(), "machine-test");
  const std::string folder = work.path().string();
  const auto refusal = [&](const fs::path& image) { return message_of([&] { inspect_disk_image(image); }); };

  CHECK(refusal(work.path() / "none") == "attaching " + folder + "/none: no such file | ");
  CHECK(refusal(make_image(work.path(), "v", {"-f", "vmdk"})) ==
        "attaching " + folder + "/v: its format is vmdk; raw and qcow2 can be attached | qemu-img convert -O qcow2 " +
            folder + "/v original.qcow2");
  make_image(work.path(), "base", {"-f", "raw"});
  const std::string names_another =
      ": it is a qcow2 that takes its content from another file | "
      "if you trust it, make one file of it: qemu-img convert -O qcow2 ";
  CHECK(refusal(make_image(work.path(), "o", {"-f", "qcow2", "-b", folder + "/base", "-F", "raw"})) ==
        "attaching " + folder + "/o" + names_another + folder + "/o original.qcow2");
  CHECK(refusal(make_image(work.path(), "d", {"-f", "qcow2", "-o", "data_file=" + folder + "/data"})) ==
        "attaching " + folder + "/d" + names_another + folder + "/d original.qcow2");
}
