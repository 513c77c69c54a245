#include "init/rescue/fsck_command.hpp"

#include <algorithm>
#include <array>

#include "init/disk/printable.hpp"
#include "init/rescue/arguments.hpp"
#include "init/rescue/disks_now.hpp"
#include "init/rescue/fsck.hpp"
#include "init/rescue/original.hpp"
#include "init/rescue/say.hpp"
#include "init/rescue/writable_meanwhile.hpp"

namespace lifeboat::init {
namespace {

constexpr std::string_view usage =
    "usage: rescue fsck [DEVICE...] [--yes]\n"
    "       Checks file systems that are not mounted, without writing; without a DEVICE all\n"
    "       of the original disk. Where there are errors it asks before it repairs, and lifts\n"
    "       the write protection of that device alone. Never done from here: xfs_repair -L,\n"
    "       btrfs check --repair.\n"
    "       --yes   repair without asking, and take every repair that the tool proposes\n"
    "       Exit status: 0 no errors, or all repaired; 1 errors are left; 8 could not check\n"
    "example: rescue fsck vda1\n";

constexpr std::array options{Option{"--yes", ""}, Option{"--help", ""}};

/// Those of the original disk that a tool of ours checks.
std::vector<std::string> original_devices() {
  const DiskReport report = find_disks_now();
  const auto disk = std::ranges::find(report.disks, report.original, &Disk::name);
  std::vector<std::string> devices;
  const auto add = [&](const std::string& path, const Content& content) {
    const FsckKind* kind = find_fsck_kind(content.type);
    if (kind != nullptr && !kind->tool.empty()) devices.push_back(path);
  };
  if (report.original.empty() || disk == report.disks.end()) return devices;
  add(disk->path, disk->content);
  for (const Partition& partition : disk->partitions)
    if (!partition.name.empty()) add("/dev/" + partition.name, partition.content);
  return devices;
}

int check_all(const std::vector<std::string>& devices, const FsckWish& wish) {
  std::array<int, 4> counts{};
  for (const std::string& device : devices) {
    const FsckVerdict verdict = check_device(device, wish, {lift_protection, restore_protection});
    ++counts[static_cast<std::size_t>(verdict.end)];
    say(printable(device) + ": " + std::string(to_text(verdict.end)) + ": " + verdict.text + "\n");
  }
  const std::size_t worst = counts[3] > 0 ? 3 : counts[2] > 0 ? 2 : counts[1] > 0 ? 1 : 0;
  std::vector<std::pair<std::string_view, std::string>> pairs{
      {"command", "fsck"}, {"status", std::string(to_text(static_cast<FsckEnd>(worst)))}};
  for (std::size_t i = 0; i < counts.size(); ++i)
    pairs.emplace_back(to_text(static_cast<FsckEnd>(i)), std::to_string(counts[i]));
  say(result_line(pairs));
  return counts[2] > 0 ? 1 : counts[3] > 0 ? 8 : 0;
}

}  // namespace

int run_fsck_command(std::span<const std::string_view> words) {
  const auto arguments = parse_arguments(words, options);
  if (!arguments) return fail("fsck: " + arguments.error(), 2);
  if (arguments->has("--help")) return say(usage);
  const auto devices = arguments->words.empty() ? original_devices() : arguments->words;
  if (devices.empty())
    return fail("fsck: no file system was found on the original disk\nhint: name a device; `rescue disks` lists them",
                8);
  return check_all(devices, {arguments->has("--yes"), true});
}

}  // namespace lifeboat::init
