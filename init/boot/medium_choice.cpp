#include "init/boot/medium_choice.hpp"

#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "init/contract/text.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/mount.hpp"

namespace lifeboat::init {
namespace {

constexpr const char* boot_order_file = "/sys/firmware/qemu_fw_cfg/by_name/bootorder/raw";
constexpr const char* firmware_variables = "/run/lifeboat/efivars";
constexpr std::string_view global_variable = "-8be4df61-93ca-11d2-aa0d-00e098032b8c";  // UEFI's own variables
constexpr std::size_t attributes = 4;  // bytes that efivarfs puts before every value

std::optional<std::size_t> led_to(const Place& firmware, const std::vector<MediumCandidate>& candidates) {
  const auto found = std::ranges::find_if(
      candidates, [&](const MediumCandidate& one) { return one.place && leads_to(firmware, *one.place); });
  if (found == candidates.end()) return std::nullopt;
  return static_cast<std::size_t>(found - candidates.begin());
}

std::string read_variable(const std::string& name) {
  const std::string file = std::string(firmware_variables) + "/" + name + std::string(global_variable);
  const std::string value = read_file(file, 65536).value_or("");
  return value.size() < attributes ? "" : value.substr(attributes);
}

/// The bytes of Boot#### that BootCurrent names.
std::string read_current_boot_option() {
  constexpr unsigned long quiet = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
  if (::access("/sys/firmware/efi/efivars", F_OK) != 0) return {};
  if (!mount_file_system({"efivarfs", firmware_variables, "efivarfs", quiet, ""})) return {};
  const std::string current = read_variable("BootCurrent");
  std::string option;
  if (current.size() == 2) {
    char name[16];
    std::snprintf(name, sizeof name, "Boot%02X%02X", static_cast<unsigned char>(current[1]),
                  static_cast<unsigned char>(current[0]));
    option = read_variable(name);
  }
  ::umount2(firmware_variables, MNT_DETACH);
  ::rmdir(firmware_variables);
  return option;
}

}  // namespace

std::optional<MediumChoice> choose_by_evidence(const std::vector<MediumCandidate>& candidates,
                                               const BootEvidence& evidence) {
  if (evidence.boot_option)
    if (const auto index = led_to(*evidence.boot_option, candidates))
      return MediumChoice{*index, "the firmware started this one (UEFI's BootCurrent)"};
  for (const std::string_view line : contract::split_words(evidence.boot_order, "\n")) {
    const auto place = place_in_boot_order(line);
    const auto index = place ? led_to(*place, candidates) : std::nullopt;
    if (index) return MediumChoice{*index, "the first in the firmware's boot order, " + std::string(line)};
  }
  return std::nullopt;
}

bool names_one_on_its_way(const std::vector<MediumCandidate>& candidates, const std::vector<Place>& known,
                          const BootEvidence& evidence) {
  std::vector<Place> named;
  if (evidence.boot_option) named.push_back(*evidence.boot_option);
  for (const std::string_view line : contract::split_words(evidence.boot_order, "\n"))
    if (auto place = place_in_boot_order(line)) named.push_back(std::move(*place));
  for (const Place& place : named) {
    if (led_to(place, candidates)) return false;
    if (std::ranges::none_of(known, [&](const Place& one) { return leads_to(place, one); })) return true;
  }
  return false;
}

MediumChoice choose_medium(const std::vector<MediumCandidate>& candidates, const BootEvidence& evidence) {
  if (auto chosen = choose_by_evidence(candidates, evidence)) return *chosen;
  const auto optical = std::ranges::find_if(candidates, [](const MediumCandidate& one) { return one.optical; });
  return {optical == candidates.end() ? 0 : static_cast<std::size_t>(optical - candidates.begin()), ""};
}

std::string read_boot_evidence() {
  const std::string order = read_file(boot_order_file, 65536).value_or("");
  return std::string(order.c_str()) + '\0' + read_current_boot_option();  // the list ends with a zero byte
}

BootEvidence parse_boot_evidence(std::string_view text) {
  const std::size_t end = std::min(text.find('\0'), text.size());
  return {.boot_option = place_in_boot_option(text.substr(std::min(end + 1, text.size()))),
          .boot_order = std::string(text.substr(0, end))};
}

}  // namespace lifeboat::init
