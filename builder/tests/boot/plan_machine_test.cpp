#include "builder/boot/plan_machine.hpp"

#include "builder/base/file.hpp"
#include "builder/tests/boot/message_of.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace fs = std::filesystem;
namespace {

/// An output folder with empty files of these names.
class Output {
 public:
  explicit Output(const std::vector<std::string>& names) {
    for (const std::string& name : names) replace_file(folder_.path() / name, "");
  }
  fs::path path() const { return folder_.path(); }
  BootOptions options() const {
    BootOptions options;
    options.medium_path = path();
    return options;
  }

 private:
  TempDir folder_{fs::temp_directory_path(), "plan-machine-test"};
};

std::string plan_refusal(const BootOptions& options) {
  return message_of([&] { plan_machine(options); });
}

}  // namespace

TEST_CASE("a folder's medium is the netboot one, else the first that it has, or the one that is asked for") {
  const Output all({"vmlinuz", "initrd.img", "rescue.iso", "rescue.raw", "rescue.efi"});
  CHECK(plan_machine(all.options()).kernel->initrd == all.path() / "initrd.img");
  BootOptions options = all.options();
  options.medium = "raw";
  CHECK(plan_machine(options).rescue->image.file == all.path() / "rescue.raw");
  options.medium = "qcow2";
  CHECK(plan_refusal(options) == all.path().string() + " has no medium qcow2: there is no rescue.qcow2 | " +
                                     "put \"qcow2\" into the recipe's `media` and build it again");

  const Output some({"vmlinuz", "rescue.iso", "rescue.raw"});
  CHECK(plan_machine(some.options()).rescue->image.file == some.path() / "rescue.iso");
}

TEST_CASE("a medium file is what its name says, or what --medium says") {
  const Output output({"rescue.iso", "image"});
  BootOptions options;
  options.medium_path = output.path() / "rescue.iso";
  CHECK(plan_machine(options).rescue->cd);
  options.medium_path = output.path() / "image";
  CHECK(plan_refusal(options) == "the name of " + options.medium_path.string() +
                                     " does not tell which medium it is | say it: --medium iso, raw, qcow2 or uki");
  options.medium = "raw";
  CHECK_FALSE(plan_machine(options).rescue->cd);
  options.medium_path = output.path() / "nothing";
  CHECK(plan_refusal(options).starts_with("there is no " + options.medium_path.string() + " | build one first: "));
}

TEST_CASE("a CD is on an IDE channel, a disk on virtio; SATA and Secure Boot ask for q35") {
  const Output output({"rescue.iso"});
  BootOptions options = output.options();
  CHECK(plan_machine(options).rescue->bus->name == "ide");
  CHECK(plan_machine(options).type == "pc");
  options.firmware = "secure-boot";
  CHECK(plan_machine(options).rescue->bus->name == "sata");
  CHECK(plan_machine(options).type == "q35");
  options.attach = "disk";
  CHECK(plan_machine(options).rescue->bus->name == "virtio");
  CHECK(plan_machine(options).type == "q35");
  options.firmware = "uefi";
  CHECK(plan_machine(options).type == "pc");
  options.bus = "sata";
  CHECK(plan_machine(options).type == "q35");
}

TEST_CASE("what cannot be attached or started so is refused with what to write instead") {
  const Output output({"vmlinuz", "initrd.img", "rescue.iso", "rescue.raw", "rescue.efi"});
  struct Row {
    std::string medium, firmware, attach, bus, network_boot, expected;
  };
  const Row row = GENERATE(
      Row{"iso", "", "", "nvme", "", "there is no CD on the nvme bus | add --attach disk, or take another --bus"},
      Row{"raw", "", "cd", "", "", "only the iso medium is a CD | leave --attach cd out, or add --medium iso"},
      Row{"iso", "secure-boot", "", "ide", "", "the machine that has Secure Boot (q35) has no ide bus | --bus sata"},
      Row{"uki", "bios", "", "", "",
          "a unified kernel image is an EFI program, which a BIOS cannot start | add --firmware uefi"},
      Row{"iso", "", "", "", "tftp", "--network-boot is for the netboot medium | add --medium netboot"},
      Row{"", "", "", "usb", "", "a netboot medium is on no bus | leave --bus and --attach out, or add --medium iso"},
      Row{"", "uefi", "", "", "tftp",
          "QEMU's network cards boot an iPXE script under BIOS alone | leave --firmware out"},
      Row{"", "secure-boot", "", "", "",
          "under Secure Boot a kernel starts without a boot loader only where its own key is trusted | boot another "
          "medium, or name a store with that key: --firmware-vars FILE"});
  BootOptions options = output.options();
  options.medium = row.medium;
  options.firmware = row.firmware;
  options.attach = row.attach;
  options.bus = row.bus;
  options.network_boot = row.network_boot;
  CHECK(plan_refusal(options) == row.expected);
}

TEST_CASE("an image without what HTTP takes is refused") {
  const Output output({"vmlinuz", "initrd.img", "boot-http.ipxe", "initrd-http.img"});
  BootOptions options = output.options();
  options.network_boot = "http";
  CHECK(plan_refusal(options) ==
        output.path().string() + " cannot be booted over HTTP: it has no root.squashfs | build the image again");
}
