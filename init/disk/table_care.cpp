#include "init/disk/table_care.hpp"

#include <linux/fs.h>
#include <sys/ioctl.h>

#include <algorithm>

#include "init/disk/gpt.hpp"
#include "init/disk/mbr.hpp"
#include "init/disk/partition_types.hpp"
#include "init/disk/read_bytes.hpp"

namespace lifeboat::init {
namespace {

std::uint64_t sector_size_of(const Fd& device) {
  int size = 0;
  const bool known = ::ioctl(device.get(), BLKSSZGET, &size) == 0 && size >= 512 && size <= 65536;
  return known ? static_cast<std::uint64_t>(size) : 512;  // a file in tests
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::uint64_t mib = 1 << 20;
  return bytes >= mib ? std::to_string(bytes / mib) + " MiB" : std::to_string(bytes / 1024) + " KiB";
}

/// The disk's tables, and what to do about them.
class Tables {
 public:
  Tables(const Fd& device, Disk& disk) : device_(device), disk_(disk), sector_(sector_size_of(device)) {
    mbr_ = read_mbr(read_bytes(device, 0, 512).value_or(""));
    last_ = disk.size / sector_ == 0 ? 0 : disk.size / sector_ - 1;
    first_gpt_ = read_gpt(device, sector_, 1);
    backup_ = read_gpt(device, sector_, last_);
    if (first_gpt_.valid && !backup_.valid && first_gpt_.other < last_ && first_gpt_.other > 1)
      backup_ = read_gpt(device, sector_, first_gpt_.other);
  }

  void check() {
    if (is_iso()) return;  // its tables are made for the image, not for what it was copied to
    const bool gpt = first_gpt_.signature || backup_.signature;
    if (gpt || mbr_.protects) check_gpt();
    check_chain();
    check_overlaps();
  }

 private:
  void say(const std::string& line) { disk_.care.push_back(line); }
  std::string command(const std::string& arguments) const { return arguments + " " + disk_.path; }

  bool is_iso() const { return read_bytes(device_, 32769, 5) == "CD001"; }

  bool has_other_table() const {
    return std::ranges::any_of(mbr_.entries, [](const MbrEntry& entry) { return entry.type != gpt_protective; });
  }

  void check_gpt() {
    if (!mbr_.protects && has_other_table())
      return say("the remains of a GPT are on it, but its MBR names partitions and counts: " +
                 command("wipefs --no-act") + " shows both");
    if (!first_gpt_.valid && !backup_.valid) return check_lost();
    if (!mbr_.protects) check_unprotected();
    if (mbr_.protects && has_other_table())
      say("its MBR names partitions beside the GPT's (a hybrid MBR): Linux goes by the GPT, other systems may not");
    if (first_gpt_.valid) check_backup();
    if (!first_gpt_.valid) check_broken();
    add_partitions(first_gpt_.valid ? first_gpt_ : backup_);
    check_end(first_gpt_.valid ? first_gpt_ : backup_);
    check_kernel();
  }

  void check_lost() {
    for (const std::uint64_t other : {std::uint64_t{512}, std::uint64_t{4096}})
      if (other != sector_ && read_gpt(device_, other, 1).valid)
        return say("its GPT was made for sectors of " + std::to_string(other) + " bytes, and here it has sectors of " +
                   std::to_string(sector_) + ": losetup --find --show --read-only --partscan --sector-size " +
                   std::to_string(other) + " " + disk_.path + " shows its partitions");
    if (first_gpt_.signature || backup_.signature)
      return say("both its GPTs, at its start and at its end, are damaged: " + command("testdisk /list") +
                 " looks for the partitions");
    say("its MBR says that it has a GPT, but there is none at its start or its end (overwritten, or the disk is cut "
        "off): " +
        command("testdisk /list") + " looks for the partitions");
  }

  void check_unprotected() {
    say("its protective MBR is missing, so Linux does not see its GPT: " +
        (first_gpt_.valid ? command("sgdisk --move-second-header") + " writes it anew"
                          : "r, b and w in " + command("gdisk") + " write both anew"));
  }

  void check_broken() {
    say("the GPT at its start is damaged; the backup at its end is good, and its partitions are shown" +
        (mbr_.protects ? ": " + command("sgdisk --move-second-header") + " writes the first anew from it"
                       : std::string()));
  }

  void check_backup() {
    const std::string repair = command("sgdisk --move-second-header");
    if (first_gpt_.other > last_)
      return say("it is smaller than its GPT says (" + size_text((first_gpt_.other + 1) * sector_) +
                 "): a part of it is missing, as after a copy that was not finished or a disk that shrank");
    if (first_gpt_.other < last_ && backup_.valid && backup_.lba != last_)
      return say("it was made larger: its backup GPT is " + size_text((last_ - first_gpt_.other) * sector_) +
                 " before its end; " + repair + " moves it there");
    if (!backup_.valid)
      return say(std::string("its backup GPT is ") + (backup_.signature ? "damaged" : "missing") +
                 "; the one at its start is good: " + repair + " writes it anew");
    if (backup_.guid != first_gpt_.guid || backup_.entries != first_gpt_.entries)
      say("its backup GPT is another table than the one at its start, which Linux goes by (an old table, or a copy "
          "that was not finished): " +
          command("sgdisk --verify") + " compares them");
  }

  /// Partitions beyond the end say so themselves; this is for the person who wonders where the rest is.
  void check_end(const Gpt& gpt) {
    if (!first_gpt_.valid && gpt.last_usable > last_) say("it is smaller than its GPT says");
  }

  void add_partitions(const Gpt& gpt) {
    if (!disk_.table.empty() && disk_.table != "PMBR") return;
    disk_.table = "gpt";
    disk_.table_id = gpt.guid;
    for (const GptEntry& entry : entries_of(gpt)) {
      if (entry.last < entry.first || entry.last >> 48U != 0) continue;
      Partition partition;
      partition.number = entry.number;
      partition.start = entry.first * sector_;
      partition.size = (entry.last - entry.first + 1) * sector_;
      partition.type = entry.type;
      partition.type_name = partition_type_name(entry.type);
      partition.label = entry.label;
      partition.uuid = entry.uuid;
      partition.active = entry.legacy_boot;
      disk_.partitions.push_back(partition);
    }
  }

  /// Linux does not read a backup unless told to (its argument "gpt").
  void check_kernel() {
    const bool none = std::ranges::none_of(disk_.partitions, [](const auto& one) { return !one.name.empty(); });
    if (!none || disk_.partitions.empty() || (first_gpt_.valid && mbr_.protects)) return;
    say("Linux has made no devices for its partitions: " +
        (mbr_.protects ? command("partx --add") + " makes them, and writes nothing to it"
                       : "losetup --find --show --read-only --offset START --sizelimit SIZE " + disk_.path +
                             " makes one of a part of it, in bytes"));
  }

  void check_chain() {
    if (disk_.table != "dos") return;
    for (const MbrEntry& entry : mbr_.entries) {
      if (!is_extended(entry.type)) continue;
      const std::string trouble = trouble_in_chain(device_, sector_, entry);
      if (!trouble.empty())
        say(trouble + ": partitions behind it are lost; " + command("testdisk /list") + " looks for them");
    }
  }

  void check_overlaps() {
    const auto counts = [](const Partition& one) {
      return one.size != 0 && one.type != "0x05" && one.type != "0x0f" && one.type != "0x85";
    };
    std::vector<const Partition*> sorted;
    for (const Partition& one : disk_.partitions)
      if (counts(one)) sorted.push_back(&one);
    std::ranges::sort(sorted, {}, [](const Partition* one) { return one->start; });
    for (std::size_t i = 1; i < sorted.size(); ++i)
      if (sorted[i]->start < sorted[i - 1]->start + sorted[i - 1]->size)
        return say("its partitions " + std::to_string(sorted[i - 1]->number) + " and " +
                   std::to_string(sorted[i]->number) + " overlap: write to neither");
  }

  const Fd& device_;
  Disk& disk_;
  std::uint64_t sector_;
  std::uint64_t last_ = 0;  ///< the disk's last sector
  Mbr mbr_;
  Gpt first_gpt_, backup_;
};

}  // namespace

void check_tables(const Fd& device, Disk& disk) {
  if (disk.size != 0 && !disk.optical) Tables(device, disk).check();
}

void check_emptiness(const Fd& device, Disk& disk) {
  if (disk.size == 0 || disk.optical || !disk.table.empty() || !disk.content.type.empty() ||
      !disk.content.care.empty() || !disk.care.empty())
    return;
  constexpr std::uint64_t looked_at = 1 << 20;
  const auto bytes = read_bytes(device, 0, std::min(disk.size, looked_at));
  if (!bytes) return disk.care.emplace_back("its beginning could not be read"), void();
  const bool zero = bytes->find_first_not_of('\0') == std::string::npos;
  disk.care.emplace_back(zero ? "it holds nothing: no partition table, no file system, and its beginning is zero"
                              : "it holds no partition table and no file system that is known, but its beginning is "
                                "not empty");
}

}  // namespace lifeboat::init
