#include "init/boot/medium_look.hpp"
#include "init/boot/memory.hpp"
#include "init/contract/medium_mark.hpp"
#include "init/sys/device_mapper.hpp"
#include "init/sys/sha256.hpp"
#include "init/sys/uevent.hpp"
#include "testing/catch.hpp"

namespace lifeboat::init {
namespace {

const std::string build_id = "0123456789abcdef0123456789abcdef";

/// A primary volume descriptor named RESCUE.
std::string descriptor(const std::string& application) {
  std::string bytes(2048, '\0');
  bytes.replace(0, 6, "\1CD001");
  bytes.replace(40, 32, "RESCUE                          ");
  std::string field(contract::medium_mark_size, ' ');
  field.replace(0, application.size(), application);
  bytes.replace(contract::medium_mark_offset - contract::volume_descriptor_offset, field.size(), field);
  return bytes;
}

TEST_CASE("a medium is known by the build id in its volume descriptor") {
  const MediumLook look = judge_volume_descriptor(descriptor(contract::medium_mark(build_id)));
  CHECK(look.build_id == build_id);
  CHECK(look.found == "a Lifeboat medium of the build " + build_id);
}

TEST_CASE("a label makes no medium, nor does a mark outside of a volume descriptor") {
  const MediumLook other = judge_volume_descriptor(descriptor("MKISOFS"));
  CHECK_FALSE(other.build_id);
  CHECK(other.found == "an ISO 9660 file system named \"RESCUE\", no Lifeboat medium");
  std::string broken = descriptor(contract::medium_mark(build_id));
  broken[1] = 'X';
  CHECK_FALSE(judge_volume_descriptor(broken).build_id);
  CHECK(judge_volume_descriptor(broken).found == "no ISO 9660 file system");
  CHECK_FALSE(judge_volume_descriptor(descriptor(contract::medium_mark(build_id)).substr(0, 2047)).build_id);
  CHECK_FALSE(judge_volume_descriptor("").build_id);
}

TEST_CASE("a disk is described for people") {
  Disk disk;
  disk.path = "/dev/sda";
  disk.model = "QEMU HARDDISK";
  disk.size = 114 << 20;
  CHECK(describe_disk(disk) == "/dev/sda (QEMU HARDDISK, 114 MiB)");
  disk.model.clear();
  disk.size = 0;
  CHECK(describe_disk(disk) == "/dev/sda (empty)");
  CHECK(size_words(368 << 10) == "368 KiB");
  CHECK(size_words(std::uint64_t{3} << 29) == "1.5 GiB");
}

TEST_CASE("the installed memory is the sum of the RAM that the firmware gave") {
  CHECK(installed_memory("00000000-00000fff : Reserved\n00001000-0009fbff : System RAM\n"
                         "00100000-0ffdffff : System RAM\n  03000000-03e01fff : Kernel code\n"
                         "100000000-13fffffff : System RAM\n") ==
        0x9fbff - 0x1000 + 1 + 0xffdffff - 0x100000 + 1 + 0x40000000);
  CHECK(installed_memory("00001000-0009fbff : System RAM ") == 0);
  CHECK(installed_memory("zz-yy : System RAM\n-\n : System RAM") == 0);
  CHECK(available_memory("MemTotal:  1 kB\nMemAvailable:    2048 kB\n") == 2 << 20);
  CHECK(available_memory("MemAvailable:") == 0);
}

TEST_CASE("short memory is said in one line, and only where it is short") {
  CHECK(memory_words(std::uint64_t{200} << 20, 340) ==
        "MEMORY IS SHORT: this machine has 200 MiB, this image needs 340 MiB to reach a login. The boot goes on, but "
        "may fail or hang: give it more memory.");
  CHECK(memory_words(std::uint64_t{340} << 20, 340).empty());
  CHECK(memory_words(std::uint64_t{330} << 20, 340).empty());  // firmware keeps some
  CHECK_FALSE(memory_words(std::uint64_t{325} << 20, 340).empty());
  CHECK(memory_words(0, 340).empty());
  CHECK(memory_words(std::uint64_t{200} << 20, 0).empty());
}

TEST_CASE("an initrd that did not fit in, and one that is damaged, are told from the kernel's log") {
  CHECK(unpacking_words("<3>[    1.628212] Initramfs unpacking failed: write error\n<6>[ 2.0] more") ==
        "MEMORY IS SHORT: the kernel could not unpack the whole initrd into memory.");
  CHECK(unpacking_words("<3>[    1.6] Initramfs unpacking failed: ZSTD-compressed data is corrupt\n") ==
        "THE INITRD IS DAMAGED: the kernel could not unpack it whole (ZSTD-compressed data is corrupt).");
  CHECK(unpacking_words("<6>[ 1.6] Freeing initrd memory").empty());
}

TEST_CASE("dm-verity's parameters put the hashes behind the data's superblock") {
  CHECK(verity_parameters({.device = "/dev/loop0", .data_blocks = 29000, .root_hash = "aa", .salt = "bb"}) ==
        "1 /dev/loop0 /dev/loop0 4096 4096 29000 29001 sha256 aa bb");
}

TEST_CASE("dm-verity's uevent names the damaged block") {
  const std::string message = std::string(
      "change@/devices/virtual/block/dm-0\0ACTION=change\0"
      "DEVPATH=/devices/virtual/block/dm-0\0SUBSYSTEM=block\0"
      "DM_VERITY_ERR_BLOCK_NR=0,17152\0DEVNAME=dm-0\0DEVTYPE=disk\0",
      158);
  const auto event = parse_uevent(message);
  REQUIRE(event);
  CHECK(event->damage == "0,17152");
}

TEST_CASE("a digest of parts is the digest of the whole, wherever it is cut") {
  std::string text;
  for (int i = 0; i < 300; ++i) text += static_cast<char>(i);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    Sha256 digest;
    digest.add(std::string_view(text).substr(0, cut));
    digest.add(std::string_view(text).substr(cut));
    REQUIRE(digest.finish() == sha256(text));
  }
  CHECK(to_hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace lifeboat::init
