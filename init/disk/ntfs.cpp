#include "init/disk/ntfs.hpp"

#include <charconv>
#include <string>

#include "init/disk/hive.hpp"
#include "init/disk/ntfs_volume.hpp"
#include "init/disk/printable.hpp"

namespace lifeboat::init {
namespace {

/// "Windows 10 Pro 22H2, build 19045"; "Windows" where the registry does not read. Windows 11 calls itself 10.
std::string windows_name(const NtfsVolume& volume) {
  const auto record = volume.find("windows/system32/config/software");
  const auto file = record ? volume.open_file(*record) : std::nullopt;
  if (!file) return "Windows";
  const HiveReader read = [&](std::uint64_t offset, std::size_t size) { return volume.read(*file, offset, size); };
  const auto values = read_hive_values(read, "microsoft/windows nt/currentversion",
                                       {"productname", "currentbuild", "displayversion", "releaseid", "csdversion"});
  std::string name = values[0].empty() ? "Windows" : values[0];
  unsigned build = 0;
  std::from_chars(values[1].data(), values[1].data() + values[1].size(), build);
  constexpr unsigned first_11 = 22000;
  if (build >= first_11 && name.starts_with("Windows 10")) name[9] = '1';
  const std::string& version = !values[2].empty() ? values[2] : !values[3].empty() ? values[3] : values[4];
  if (!version.empty()) name += " " + version;
  if (build != 0) name += ", build " + std::to_string(build);
  return printable_trimmed(name);
}

/// Fast startup, the default, leaves the same: Windows goes on with what it had in memory and destroys what was written
/// meanwhile.
bool is_hibernated(const NtfsVolume& volume) {
  const auto record = volume.find("hiberfil.sys");
  const auto file = record ? volume.open_file(*record) : std::nullopt;
  const std::string head = file ? volume.read(*file, 0, 4).value_or("") : "";
  return head == "hibr" || head == "HIBR";
}

}  // namespace

void look_into_ntfs(const Fd& device, std::uint64_t start, Content& content) {
  const auto volume = NtfsVolume::open(device, start);
  if (!volume) return;
  if (volume->is_dirty()) content.care.emplace_back("Windows marked it dirty: it was not unmounted cleanly");
  if (is_hibernated(*volume))
    content.care.emplace_back(
        "Windows is hibernated, or was shut down by fast startup: do not mount it for writing, that destroys files");
  if (volume->find("boot/bcd")) content.boot.emplace_back("Windows Boot Manager");
  if (!volume->find_folder("windows")) return;
  content.system = OperatingSystem{};
  content.system->kind = "windows";
  content.system->name = windows_name(*volume);
}

}  // namespace lifeboat::init
