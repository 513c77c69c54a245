#include "init/rescue/copy_device.hpp"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "init/contract/text.hpp"
#include "init/disk/printable.hpp"
#include "init/disk/probe.hpp"
#include "init/disk/report_page.hpp"
#include "init/rescue/copy.hpp"
#include "init/rescue/copy_target.hpp"
#include "init/rescue/disks_now.hpp"
#include "init/rescue/say.hpp"
#include "init/rescue/tools.hpp"
#include "init/rescue/writable_meanwhile.hpp"
#include "init/sys/mount.hpp"
#include "init/sys/write_protection.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t largest_map = std::size_t{64} << 20;

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool is_block(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISBLK(status.st_mode);
}

/// A device that is to be copied.
struct SourceDevice {
  std::string path;
  std::uint64_t size = 0;
  std::uint64_t sector = 512;
  std::vector<std::string> disks = {};
};

Result<SourceDevice> open_source(const std::string& path) {
  SourceDevice source{path};
  const auto fd = open_file(path, O_RDONLY | O_NONBLOCK);
  if (!fd) return fd.failure();
  int sector = 0, protection = 0;
  if (::ioctl(fd->get(), BLKGETSIZE64, &source.size) != 0 || ::ioctl(fd->get(), BLKSSZGET, &sector) != 0 ||
      ::ioctl(fd->get(), BLKROGET, &protection) != 0)
    return failure_from_errno("asking for the size of " + path, errno);
  if (source.size == 0) return Failure{path + " is empty: no medium, or a container of logical partitions"};
  source.sector = static_cast<std::uint64_t>(sector);
  for (const std::string& bottom : devices_below(name_of(path))) source.disks.push_back(disk_of(bottom));
  if (const std::string users = device_users(path); !users.empty() && protection == 0)
    fail("copy: " + path + ": " + users +
             ", and it may be written to: what changes meanwhile makes the copy inconsistent\n"
             "hint: `rescue umount`, or mount it read-only",
         0);
  return source;
}

/// A device has no place beside it. Another disk that gets its name must not get its map: the kernel numbers them.
std::string map_of_device(const std::string& source, const std::string& target) {
  const std::string sequence = read_file("/sys/class/block/" + disk_of(name_of(target)) + "/diskseq", 64).value_or("0");
  return "/run/lifeboat/copy-" + name_of(source) + "-to-" + name_of(target) + "-" +
         std::string(contract::trim(sequence)) + ".map";
}

std::optional<RescueMap> read_map(const std::string& path) {
  const auto text = read_file(path, largest_map);
  const auto map = text ? parse_rescue_map(*text) : Result<RescueMap>(Failure{""});
  return map ? std::optional(*map) : std::nullopt;
}

/// The copy that is there may be gone on with: it is the one that the map is of.
Status check_earlier(const DeviceCopy& copy, const SourceDevice& source) {
  struct stat status {};
  const bool map_there = ::access(copy.map.c_str(), F_OK) == 0;
  const bool there = copy.to_device || ::stat(copy.target.c_str(), &status) == 0;
  if (!map_there && (!there || copy.to_device)) return Done{};
  if (!map_there)
    return Failure{printable(copy.target) + " is there already, and is no copy that was interrupted (it has no map)\n" +
                   "hint: another name, or remove it"};
  if (!there)
    return Failure{"the map " + printable(copy.map) +
                   " is there, but not its copy\nhint: remove the map to begin anew"};
  const auto map = read_map(copy.map);
  if (!map || map->size() != source.size)
    return Failure{"the map " + printable(copy.map) + " is of another copy\nhint: remove it to begin anew"};
  if (map->copied == source.size)
    return say(printable(copy.target) + " is a whole copy already. To make it anew remove it and its map.\n"), Done{};
  say("Going on with the copy that is there: " + size_text(map->copied) + " of " + size_text(source.size) + " are.\n");
  return Done{};
}

Status flush_copy(const std::string& path) {
  const auto fd = open_file(path, O_RDONLY | O_NONBLOCK);
  if (!fd) return fd.failure();
  return ::fsync(fd->get()) == 0 ? Status(Done{}) : failure_from_errno("bringing it to " + path, errno);
}

int judge_copy(const DeviceCopy& copy, const CopyWish& wish, const std::string& trouble) {
  const auto map = read_map(copy.map);
  if (!map) return fail("copy: " + (trouble.empty() ? "it left no map" : trouble)), end_copy("failed", wish, {}, 1);
  const bool whole = map->bad == 0 && map->left == 0 && trouble.empty();
  std::string text =
      size_text(map->copied) + " of " + size_text(map->size()) + " were copied to " + printable(copy.target) + ".\n";
  if (map->bad > 0)
    text += size_text(map->bad) + " (" + std::to_string(map->bad) + " bytes) in " + std::to_string(map->bad_areas) +
            (map->bad_areas == 1 ? " place" : " places") + " could not be read; the copy has zeros there.\n";
  if (map->left > 0) text += size_text(map->left) + " were not tried to the end.\n";
  if (!whole)
    text += "The same command goes on, or tries again what could not be read. Its map: " + printable(copy.map) + "\n";
  say(text);
  if (!trouble.empty()) fail("copy: " + trouble);
  ResultPairs pairs{{"copied", std::to_string(map->copied)},
                    {"unreadable", std::to_string(map->bad)},
                    {"places", std::to_string(map->bad_areas)},
                    {"left", std::to_string(map->left)}};
  if (!whole) pairs.emplace_back("map", copy.map);
  return end_copy(whole ? "ok" : map->copied > 0 ? "partly" : "failed", wish, std::move(pairs), whole ? 0 : 1);
}

int run_ddrescue(const DeviceCopy& copy, const CopyWish& wish) {
  const auto tool = find_tool("ddrescue");
  if (!tool) return refuse_copy(tool.error(), wish);
  const auto run = run_on_terminal(ddrescue_words(*tool, copy));
  std::string trouble = !run ? run.error() : run->ok() ? "" : "ddrescue: " + run->words();
  if (Status flushed = flush_copy(copy.target); !flushed && trouble.empty()) trouble = flushed.error();
  return judge_copy(copy, wish, trouble);
}

std::string contents_of(const FreeDevice& device) {
  const Content content = probe_content(device.fd, 0, device.size);
  Disk disk;
  disk.name = device.name;
  disk.size = device.size;
  static_cast<void>(probe_table(device.fd, disk));
  const std::string holds = !content.type.empty() ? content.type + quoted_label(content.label)
                            : !disk.table.empty()
                                ? std::to_string(disk.partitions.size()) + " partitions (" + disk.table + ")"
                                : "";
  return device.path + " (" + size_text(device.size) + (holds.empty() ? "" : ", " + printable(holds)) + ")";
}

int copy_to_device(const SourceDevice& source, const std::string& target, const CopyWish& wish,
                   const WriteProtection& protection) {
  for (const std::string& bottom : devices_below(name_of(target)))
    if (std::ranges::find(source.disks, disk_of(bottom)) != source.disks.end())
      return refuse_copy(target + " lies on the disk that is to be copied", wish);
  auto device = take_target(target, source.size, {disks_of_original(find_disks_now()), options_of_boot().own_disk});
  if (!device) return refuse_copy(device.error(), wish);
  const DeviceCopy copy{source.path, device->path, map_of_device(source.path, device->path), true, source.sector};
  if (Status right = check_earlier(copy, source); !right) return refuse_copy(right.error(), wish);
  if (!wish.yes && !ask_yes("Everything on " + contents_of(*device) + " is overwritten. Go on? [y/N] "))
    return refuse_copy("nothing was written to " + device->path + "\nhint: answer y, or give --yes", wish);
  device->fd.reset();
  if (Status lifted = protection.lift(device->name); !lifted) return refuse_copy(lifted.error(), wish);
  const int code = run_ddrescue(copy, wish);
  if (code == 0) ::unlink(copy.map.c_str());  // the next copy to this device begins anew
  if (Status restored = protection.restore(device->name); !restored) fail("copy: " + restored.error());
  return code;
}

int copy_to_file(const SourceDevice& source, std::string target, const CopyWish& wish) {
  const bool bare = target.find_first_of("/.") == std::string::npos;  // as a device is named, or is it mistyped?
  if (target.starts_with("/dev/") || (bare && ::access(target.c_str(), F_OK) != 0))
    return refuse_copy("there is no device " + printable(target) + "\nhint: `rescue disks` lists them" +
                           (bare ? "; a new file here is ./" + printable(target) : ""),
                       wish);
  if (is_folder(target)) target += (target.ends_with('/') ? "" : "/") + name_of(source.path) + ".img";
  const std::string folder = real_path(target.find('/') == target.npos ? "." : target.substr(0, target.rfind('/') + 1));
  const DeviceCopy copy{source.path, target, target + ".map", false, source.sector};
  if (Status right = check_earlier(copy, source); !right) return refuse_copy(right.error(), wish);
  struct stat status {};
  const std::uint64_t there =
      ::stat(target.c_str(), &status) == 0 ? static_cast<std::uint64_t>(status.st_blocks) * 512 : 0;
  if (Status right = check_target_folder(folder, source.size, there, source.disks); !right)
    return refuse_copy(right.error(), wish);
  return run_ddrescue(copy, wish);
}

}  // namespace

std::string find_device(const std::string& word) {
  if (word.starts_with('/')) return is_block(word) ? real_path(word) : "";
  if (::access(word.c_str(), F_OK) == 0 || is_remote(word)) return is_block(word) ? real_path(word) : "";
  return is_block("/dev/" + word) ? real_path("/dev/" + word) : "";
}

int copy_device(const CopyWish& wish, const WriteProtection& protection) {
  const std::string path = find_device(wish.source);
  const std::string& target = wish.target;
  if (is_remote(target))
    return refuse_copy(
        "a device is copied to a file or a device of this machine, not over the network\n"
        "hint: only its files: `rescue mount`, then rescue copy /mnt/ " +
            printable(target) + "\n" + "hint: a disk without errors: gzip -1 < " + path +
            " | ssh user@host 'cat > FILE.gz'",
        wish);
  const auto source = open_source(path);
  if (!source) return refuse_copy(source.error(), wish);
  const std::string device = find_device(target);
  return device.empty() ? copy_to_file(*source, target, wish) : copy_to_device(*source, device, wish, protection);
}

}  // namespace lifeboat::init
