#include "builder/boot/firmware.hpp"

#include <algorithm>

#include "builder/base/file.hpp"
#include "builder/tests/boot/message_of.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace fs = std::filesystem;

TEST_CASE("firmware that is not installed is named with the package that has it") {
  CHECK(message_of([] { find_firmware("uefi", "", "/nowhere"); }) ==
        "the UEFI firmware for QEMU is not here: there is no /nowhere/OVMF_CODE_4M.fd | apt-get install ovmf");
}

TEST_CASE("a variable store that is not there, or that a BIOS is given, is refused") {
  CHECK(message_of([] { find_firmware("secure-boot", "/nowhere/vars.fd"); }) ==
        "--firmware-vars: there is no /nowhere/vars.fd | ");
  CHECK(message_of([] { find_firmware("bios", "/nowhere/vars.fd"); }) ==
        "a BIOS has no variables | add --firmware uefi or --firmware secure-boot");
}

TEST_CASE("the variable store is never written, and under Secure Boot only the firmware could") {
  const TempDir work(fs::temp_directory_path(), "firmware-test");
  for (const char* name : {"OVMF_CODE_4M.secboot.fd", "OVMF_VARS_4M.ms.fd"}) replace_file(work.path() / name, "");
  const auto words = firmware_words(find_firmware("secure-boot", "", work.path()));
  const auto has = [&](const std::string& word) { return std::ranges::find(words, word) != words.end(); };
  CHECK(has("if=pflash,unit=1,format=raw,snapshot=on,file=" + (work.path() / "OVMF_VARS_4M.ms.fd").string()));
  CHECK(has("driver=cfi.pflash01,property=secure,value=on"));
}
