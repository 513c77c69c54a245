// Which tool checks what, and what its exit statuses mean: e2fsck(8), xfs_repair(8), btrfs-check(8), fsck.fat(8),
// ntfsfix(8).
#include <algorithm>
#include <array>

#include "init/contract/text.hpp"
#include "init/rescue/fsck.hpp"

namespace lifeboat::init {
namespace {

FsckVerdict failed(int status) {
  return {FsckEnd::failed, "the tool failed with exit status " + std::to_string(status), false};
}

/// Bits: 1 repaired, 2 repaired and the system has to start anew, 4 errors are left, 8 the tool failed.
FsckVerdict judge_e2fsck(int status, bool repairing) {
  if (status == 0 && repairing) return {FsckEnd::repaired, "its journal was replayed; no errors are left", false};
  if (status == 0) return {FsckEnd::clean, "no errors", false};
  const bool stopped = !repairing && status == (4 | 8);  // a dry run cannot go on past some errors: it said no to them
  if ((status & ~7) != 0 && !stopped) return failed(status);
  if ((status & 4) == 0) return {FsckEnd::repaired, "errors were repaired", false};
  if (!repairing) return {FsckEnd::errors, "it has errors, or a journal to replay", false};
  return {FsckEnd::errors, "errors are left that need decisions; --yes takes every one that e2fsck proposes", true};
}

FsckVerdict judge_xfs(int status, bool repairing) {
  if (status == 0)
    return {repairing ? FsckEnd::repaired : FsckEnd::clean, repairing ? "what was wrong was repaired" : "no errors",
            false};
  if (repairing && status == 2)
    return {FsckEnd::errors,
            "its log holds changes that were not written yet. Mounting it once for writing replays them (rescue mount "
            "DEVICE --write, then rescue umount), then check again. Only where that fails: xfs_repair -L throws the "
            "log away, and with it the last changes before the crash; files may be damaged by that",
            false};
  if (status == 1)
    return {FsckEnd::errors, repairing ? "xfs_repair could not repair it" : "it has errors, or a log to replay", false};
  return failed(status);
}

FsckVerdict judge_btrfs(int status, bool) {
  if (status == 0) return {FsckEnd::clean, "no errors", false};
  if (status != 1) return failed(status);
  return {
      FsckEnd::errors,
      "it has errors. `btrfs check --repair` makes many of them worse and is never run from here. Save the data "
      "first (rescue copy, or btrfs restore DEVICE FOLDER); then, mounted for writing, btrfs scrub start -B repairs "
      "what has a second copy, and btrfs rescue zero-log or chunk-recover are for what does not mount",
      false};
}

FsckVerdict judge_fat(int status, bool repairing) {
  if (status == 0) return {FsckEnd::clean, "no errors", false};
  if (status == 1)
    return {repairing ? FsckEnd::repaired : FsckEnd::errors, repairing ? "errors were repaired" : "it has errors",
            false};
  return failed(status);
}

FsckVerdict judge_ntfs(int status, bool repairing) {
  if (status == 0)
    return {repairing ? FsckEnd::repaired : FsckEnd::clean,
            repairing ? "the basics were repaired; Windows checks the rest at its next start (chkdsk)"
                      : "no errors in the basics; only Windows' chkdsk checks everything",
            false};
  if (status == 1)
    return {FsckEnd::errors, "it has errors that ntfsfix cannot repair: Windows' chkdsk is for them", false};
  return failed(status);
}

FsckVerdict judge_nothing(int, bool) { return {}; }

constexpr FsckKind ext(std::string_view type) { return {type, "e2fsck", "-f -n", "-f -p", "-f -y", judge_e2fsck, ""}; }

constexpr std::array kinds{
    ext("ext4"),
    ext("ext3"),
    ext("ext2"),
    FsckKind{"xfs", "xfs_repair", "-n", " ", "", judge_xfs, ""},
    FsckKind{"btrfs", "btrfs", "check --readonly", "", "", judge_btrfs, ""},
    FsckKind{"vfat", "fsck.fat", "-n", "-a", "-y", judge_fat, ""},
    FsckKind{"ntfs", "ntfsfix", "-n", " ", "", judge_ntfs, ""},
    FsckKind{"swap", "", "", "", "", judge_nothing, "a swap area has nothing to check"},
    FsckKind{"swsuspend", "", "", "", "", judge_nothing, "it holds a hibernated system; there is nothing to check"},
    FsckKind{"crypto_LUKS", "", "", "", "", judge_nothing,
             "it is encrypted. `rescue mount` opens it; check what is in it then"},
    FsckKind{"LVM2_member", "", "", "", "", judge_nothing,
             "it is a physical volume of LVM: check the volumes, as in rescue fsck /dev/GROUP/VOLUME"},
    FsckKind{"linux_raid_member", "", "", "", "", judge_nothing,
             "it is a part of a RAID: check the RAID, as in rescue fsck /dev/md127"},
};

}  // namespace

std::string_view to_text(FsckEnd end) {
  constexpr std::array<std::string_view, 4> words{"clean", "repaired", "errors", "failed"};
  return words[static_cast<std::size_t>(end)];
}

const FsckKind* find_fsck_kind(std::string_view type) {
  const auto found = std::ranges::find(kinds, type, &FsckKind::type);
  return found == kinds.end() ? nullptr : &*found;
}

std::vector<std::string> fsck_words(const std::string& tool, std::string_view options, const std::string& device) {
  std::vector<std::string> argv{tool};
  for (const std::string_view option : contract::split_words(options, " ")) argv.emplace_back(option);
  argv.push_back(device);
  return argv;
}

}  // namespace lifeboat::init
