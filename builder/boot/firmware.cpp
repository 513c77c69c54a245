#include "builder/boot/firmware.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "builder/base/error.hpp"
#include "builder/boot/qemu_words.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

struct FirmwareRow {
  std::string_view name;
  FirmwareKind kind;
  std::string_view code;       ///< file of Debian's package ovmf; empty: QEMU has it
  std::string_view variables;  ///< the same
};

constexpr std::array firmwares{
    FirmwareRow{"bios", FirmwareKind::bios, "", ""},
    FirmwareRow{"uefi", FirmwareKind::uefi, "OVMF_CODE_4M.fd", "OVMF_VARS_4M.fd"},
    FirmwareRow{"secure-boot", FirmwareKind::secure_boot, "OVMF_CODE_4M.secboot.fd", "OVMF_VARS_4M.ms.fd"}};

fs::path existing(const fs::path& file) {
  if (!fs::exists(file))
    throw Error("the UEFI firmware for QEMU is not here: there is no " + file.string(), "apt-get install ovmf");
  return file;
}

}  // namespace

std::vector<std::string> firmware_names() {
  std::vector<std::string> names;
  for (const FirmwareRow& row : firmwares) names.emplace_back(row.name);
  return names;
}

Firmware find_firmware(const std::string& name, const fs::path& variables, const fs::path& folder) {
  const auto* row = std::ranges::find(firmwares, name, &FirmwareRow::name);
  if (row == firmwares.end()) throw Error("there is no firmware " + name);
  if (row->code.empty()) {
    if (!variables.empty()) throw Error("a BIOS has no variables", "add --firmware uefi or --firmware secure-boot");
    return {};
  }
  if (!variables.empty() && !fs::exists(variables)) throw Error("--firmware-vars: there is no " + variables.string());
  return {row->kind, existing(folder / row->code),
          variables.empty() ? existing(folder / row->variables) : fs::absolute(variables)};
}

std::vector<std::string> firmware_words(const Firmware& firmware) {
  if (firmware.kind == FirmwareKind::bios) return {};
  std::vector<std::string> words{
      "-drive", "if=pflash,unit=0,format=raw,readonly=on,file=" + option_value(firmware.code), "-drive",
      "if=pflash,unit=1,format=raw,snapshot=on,file=" + option_value(firmware.variables)};
  // Else the running system could write the keys itself.
  if (firmware.kind == FirmwareKind::secure_boot)
    append(words, {"-global", "driver=cfi.pflash01,property=secure,value=on"});
  return words;
}

}  // namespace lifeboat
