// An entry that means no device of this machine keeps the system from starting. Where exactly one device can be meant,
// the entry gets its UUID; else it gets "nofail", with which the system starts without it.
#include <algorithm>

#include "init/contract/text.hpp"
#include "init/disk/fstab.hpp"
#include "init/disk/fstab_devices.hpp"
#include "init/disk/printable.hpp"
#include "init/rescue/check.hpp"
#include "init/rescue/disks_now.hpp"
#include "init/rescue/fix.hpp"
#include "init/sys/inside.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t largest_fstab = std::size_t{1} << 20;

/// Where a line's field (counted from 0) is; empty at the line's end: it has fewer.
std::string_view field_of(std::string_view line, std::size_t number) {
  const auto words = contract::split_words(line, " \t\r");
  return number < words.size() ? words[number] : line.substr(line.size());
}

std::string with_field(std::string_view line, std::size_t number, const std::string& text) {
  const std::string_view field = field_of(line, number);
  const std::size_t at = static_cast<std::size_t>(field.data() - line.data());
  return std::string(line.substr(0, at)) + text + std::string(line.substr(at + field.size()));
}

/// What the devices are looked at for: those of the original's own disks that no other entry means.
class Choice {
 public:
  Choice(const OperatingSystem& system, const DiskReport& disks, std::string_view root_device)
      : system_(system), devices_(fstab_devices(disks)), home_(disks_below(disks, root_device)), root_(root_device) {}

  /// The only device that the entry can mean, by the file system's type and the mount point's role; nullptr: none or
  /// several.
  const FstabDevice* only_one_for(const FstabEntry& entry) const {
    const FstabDevice* found = nullptr;
    for (const FstabDevice& device : devices_) {
      if (!can_be(device, entry)) continue;
      if (found != nullptr) return nullptr;
      found = &device;
    }
    return found;
  }

 private:
  bool is_at_home(const FstabDevice& device) const {
    return std::ranges::any_of(device.disks,
                               [&](const std::string& disk) { return std::ranges::find(home_, disk) != home_.end(); });
  }
  bool is_taken(const FstabDevice& device) const {
    return device.path == root_ ||
           std::ranges::find(system_.fstab, device.path, &FstabEntry::device) != system_.fstab.end();
  }
  bool can_be(const FstabDevice& device, const FstabEntry& entry) const {
    if (device.path.empty() || device.content->uuid.empty() || !device.trouble.empty()) return false;
    if (entry.point == "/") return device.path == root_;
    const bool is_type =
        device.content->type == entry.type || (entry.type == "auto" && device.content->usage == "filesystem");
    if (!is_type || !is_at_home(device) || is_taken(device)) return false;
    const bool esp = device.partition != nullptr && device.partition->type_name == "EFI system";
    return esp ==
           (entry.point == "/boot/efi" || entry.point == "/efi" || (entry.point == "/boot" && entry.type == "vfat"));
  }

  const OperatingSystem& system_;
  std::vector<FstabDevice> devices_;
  std::vector<std::string> home_;
  std::string root_;
};

/// The line as it becomes; what was done is noted.
std::string repaired_line(std::string_view line, const FstabEntry& entry, const Choice& choice,
                          std::vector<std::string>& notes) {
  const std::string what = "line " + std::to_string(entry.line) + ", " + entry.point + ": ";
  if (const FstabDevice* device = choice.only_one_for(entry)) {
    notes.push_back(what + "UUID of " + device->path + ", the only " + device->content->type + " that it can mean");
    return with_field(line, 0, "UUID=" + device->content->uuid);
  }
  if (entry.point == "/") {
    notes.push_back(what + "left as it is: no device of this machine was found for it");
    return std::string(line);
  }
  if (is_optional(entry)) return std::string(line);
  notes.push_back(what + "nofail: the system starts without it");
  const std::string options(field_of(line, 3));
  if (!options.empty()) return with_field(line, 3, options + ",nofail");
  return std::string(contract::trim(line)) + (field_of(line, 2).empty() ? " auto" : "") + " defaults,nofail";
}

}  // namespace

RepairedFstab repair_fstab(std::string_view text, const DiskReport& disks, std::string_view root_device) {
  OperatingSystem system;
  parse_fstab(text, system);
  resolve_fstab(system, disks, disks_below(disks, root_device));
  const Choice choice(system, disks, root_device);
  RepairedFstab repaired;
  each_line(text, [&](std::string_view line, unsigned number) {
    const auto entry = std::ranges::find(system.fstab, number, &FstabEntry::line);
    const bool unmet = entry != system.fstab.end() && !entry->problem.empty() && entry->device.empty();
    repaired.text += unmet ? repaired_line(line, *entry, choice, repaired.notes) : std::string(line);
    repaired.text += '\n';
  });
  if (!text.ends_with('\n') && !repaired.text.empty()) repaired.text.pop_back();
  return repaired;
}

Result<FixEnd> fix_fstab(const FixRequest& request) {
  const auto text = read_below(request.original.root, "etc/fstab", largest_fstab);
  if (!text) return text.failure();
  const RepairedFstab repaired = repair_fstab(*text, find_disks_now(), request.original.device);
  FixEnd end{repaired.text != *text, "", ""};
  for (const std::string& note : repaired.notes) end.text += "# " + printable(note, 300) + "\n";
  if (!end.changed) return FixEnd{false, end.text + "every entry of /etc/fstab is satisfied, or optional\n", ""};
  const std::string diff = unified_diff("/etc/fstab", *text, repaired.text);
  each_line(diff, [&](std::string_view line, unsigned) { end.text += printable(line, 400) + "\n"; });
  if (request.dry_run) return end;
  const std::string suffix = backup_suffix(request.now);
  if (Status written = replace_below(request.original.root, "etc/fstab", repaired.text, suffix); !written)
    return written.failure();
  end.backup = "/etc/fstab" + suffix;
  return end;
}

}  // namespace lifeboat::init
