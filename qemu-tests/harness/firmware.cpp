#include "qemu-tests/harness/firmware.hpp"

namespace lifeboat::qemu {

std::vector<std::string> firmware_words(Firmware firmware, const std::filesystem::path& variables) {
  if (firmware == Firmware::bios) return {};
  const std::string folder = ovmf_folder;
  const bool secure = firmware == Firmware::secure_boot;
  const std::string code = folder + (secure ? "OVMF_CODE_4M.secboot.fd" : "OVMF_CODE_4M.fd");
  const std::string fresh = folder + (secure ? "OVMF_VARS_4M.ms.fd" : "OVMF_VARS_4M.fd");
  const std::string store = variables.empty() ? "snapshot=on,file=" + fresh : "file=" + variables.string();
  std::vector<std::string> words{"-drive", "if=pflash,unit=0,format=raw,readonly=on,file=" + code, "-drive",
                                 "if=pflash,unit=1,format=raw," + store};
  if (secure) words.insert(words.end(), {"-global", "driver=cfi.pflash01,property=secure,value=on"});
  return words;
}

}  // namespace lifeboat::qemu
