#include "builder/distro/kernel.hpp"
#include "builder/tests/distro/small_world.hpp"
#include "testing/catch.hpp"

namespace lifeboat {
namespace {

const std::string& ext4() {
  static const std::string elf =
      compile_module({"license=GPL", "softdep=pre: crc32c  post: zstd", "alias=fs-ext4", "alias=ext3",
                      "depends=mbcache,jbd2,crc16-x", "firmware=a/b.bin", "name=ext4", "vermagic=6.1.0 SMP"});
  return elf;
}

TEST_CASE("a module says what it needs, softly and hard, and what it is called") {
  const ModuleInfo info = parse_module_info(ext4(), "usr/lib/modules/6.1/kernel/fs/ext4/ext4.ko");
  CHECK(info.name == "ext4");
  CHECK(info.depends == std::vector<std::string>{"mbcache", "jbd2", "crc16_x"});
  CHECK(info.softdeps == std::vector<std::string>{"crc32c", "zstd"});
  CHECK(info.aliases == std::vector<std::string>{"fs-ext4", "ext3"});
  CHECK(info.firmware == std::vector<std::string>{"a/b.bin"});
}

TEST_CASE("a module without dependencies has an empty list") {
  CHECK(parse_module_info(compile_module({"depends="}), "a.ko").depends.empty());
}

TEST_CASE("a module is called by its file, dashes as underscores") {
  CHECK(module_name("sata-via.ko") == "sata_via");
  CHECK(module_name("nls_utf8") == "nls_utf8");
}

TEST_CASE("a module that ends early is refused wherever it ends") {
  const std::string& whole = ext4();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string part = whole.substr(0, size);
    if (error_text([&] { parse_module_info(part, "a.ko"); }) == "no error") FAIL("accepted " << size << " bytes");
  }
}

TEST_CASE("a module with any one byte changed is read or refused, never more") {
  for (char value : {'\x00', '\x7f', '\xff'}) {
    for (std::size_t at = 0; at < ext4().size(); ++at) {
      std::string bytes = ext4();
      bytes[at] = value;
      error_text([&] { parse_module_info(bytes, "a.ko"); });
    }
  }
  SUCCEED("no other exception, and nothing for the sanitizers");
}

TEST_CASE("what is no module is refused with its name and the reason") {
  const auto reason = [](std::string_view bytes) {
    return error_text([&] { parse_module_info(bytes, "usr/lib/modules/6.1/kernel/a.ko"); });
  };
  CHECK(reason("") ==
        "reading the kernel module /usr/lib/modules/6.1/kernel/a.ko: the ELF header lies beyond the end of the file");
  CHECK(reason("#!/bin/sh\n") ==
        "reading the kernel module /usr/lib/modules/6.1/kernel/a.ko: it is no 64-bit little-endian ELF file");
  CHECK(reason(compile_module({})) ==
        "reading the kernel module /usr/lib/modules/6.1/kernel/a.ko: it has no section .modinfo");
}

}  // namespace
}  // namespace lifeboat
