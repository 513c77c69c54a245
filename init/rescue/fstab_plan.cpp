#include "init/rescue/fstab_plan.hpp"

#include <algorithm>

#include "init/disk/fstab.hpp"
#include "init/sys/mount_table.hpp"

namespace lifeboat::init {
namespace {

/// "/boot//efi/" -> "/boot/efi"; empty: it is no absolute path, or it climbs.
std::string cleaned(const std::string& point) {
  std::string path;
  if (!point.starts_with('/')) return path;
  for (std::size_t at = 0; at < point.size();) {
    const std::size_t end = std::min(point.find('/', at), point.size());
    const std::string part = point.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (part == "..") return {};
    path += "/" + part;
  }
  return path;
}

/// Boot loaders' folders are often mounted only when something is changed in them.
bool is_for_boot(const std::string& point) { return is_at_or_below(point, "/boot") || is_at_or_below(point, "/efi"); }

std::string why_skip(const FstabEntry& entry) {
  if (entry.device.empty()) return entry.problem.empty() ? "no device is known for it" : entry.problem;
  if (has_option(entry, "noauto") && !is_for_boot(entry.point)) return "its line says noauto";
  return {};
}

}  // namespace

std::vector<FstabMount> plan_fstab(const OperatingSystem& system) {
  std::vector<FstabMount> mounts;
  for (FstabEntry entry : system.fstab) {
    entry.point = cleaned(entry.point);
    if (entry.point.empty() || entry.type == "swap" || needs_no_device(entry)) continue;
    const std::string skip = why_skip(entry);
    mounts.push_back({std::move(entry), skip});
  }
  std::ranges::stable_sort(mounts, {},
                           [](const FstabMount& mount) { return std::ranges::count(mount.entry.point, '/'); });
  return mounts;
}

}  // namespace lifeboat::init
