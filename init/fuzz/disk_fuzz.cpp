// A disk's metadata: the bytes as partition tables, as the superblocks of each kind of file system, as an NTFS with a
// registry, as a registry hive, as an fstab.
#include <sys/mman.h>
#include <unistd.h>

#include "init/disk/disk_report.hpp"
#include "init/disk/fstab.hpp"
#include "init/disk/gpt.hpp"
#include "init/disk/hive.hpp"
#include "init/disk/ntfs.hpp"
#include "init/disk/superblock.hpp"
#include "init/disk/table_care.hpp"
#include "init/fuzz/input.hpp"

using namespace lifeboat::init;

namespace {

void require_clean(const std::string& text) {
  fuzz::require(text.size() < 4096);
  for (const char c : text) fuzz::require(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
}

void require_clean(const Content& content) {
  for (const std::string& line : content.care) require_clean(line);
  if (content.system) require_clean(content.system->name);
}

/// A file of 8 MiB in memory that holds the bytes at `at`.
class Image {
 public:
  static constexpr std::uint64_t size = 8 << 20;
  Image(std::string_view bytes, std::uint64_t at) : file_(::memfd_create("disk", MFD_CLOEXEC)) {
    fuzz::require(::ftruncate(file_.get(), size) == 0);
    put(bytes, at);
  }
  void put(std::string_view bytes, std::uint64_t at) const {
    fuzz::require(::pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(at)) >= 0);
  }
  const Fd& fd() const { return file_; }

 private:
  Fd file_;
};

/// Checksums would keep every input from what lies behind them: they are put right.
std::string with_checksums(std::string_view bytes) {
  std::string disk(bytes);
  if (disk.size() < 1024) return disk;
  const auto put = [&](std::size_t at, std::uint32_t value) {
    for (unsigned i = 0; i < 4; ++i) disk[512 + at + i] = static_cast<char>(value >> (8 * i) & 0xff);
  };
  disk.replace(512, 8, "EFI PART");
  put(12, 92), put(24, 1), put(28, 0), put(72, 2), put(76, 0), put(84, 128);
  disk[512 + 80] = static_cast<char>(disk[512 + 80] & 31);  // entries
  put(80, static_cast<unsigned char>(disk[512 + 80]));
  disk.resize(std::max<std::size_t>(disk.size(), 1024 + 32 * 128));
  put(88, crc32(std::string_view(disk).substr(1024, 128 * static_cast<unsigned char>(disk[512 + 80]))));
  put(16, 0);
  put(16, crc32(std::string_view(disk).substr(512, 92)));
  return disk;
}

void look_at_tables(std::string_view bytes) {
  const Image image(bytes, 0);
  if (!bytes.empty()) image.put(bytes.substr(0, 512), Image::size - 512);
  Disk disk;
  disk.name = "vda";
  disk.path = "/dev/vda";
  disk.size = Image::size;
  disk.table = bytes.size() % 2 == 0 ? "dos" : "";
  check_tables(image.fd(), disk);
  check_emptiness(image.fd(), disk);
  fuzz::require(disk.care.size() < 16 && disk.partitions.size() <= most_gpt_entries);
  for (const std::string& line : disk.care) require_clean(line);
  for (const Partition& partition : disk.partitions) require_clean(partition.label);
}

void look_at_superblocks(std::string_view bytes) {
  struct Row {
    const char* type;
    std::uint64_t at;
  };
  for (const Row& row : {Row{"ext4", 1024}, Row{"xfs", 0}, Row{"btrfs", 65536}, Row{"vfat", 0}, Row{"ntfs", 0}}) {
    const Image image(bytes, row.at);
    Content content;
    content.type = row.type;
    add_superblock_warnings(image.fd(), 0, Image::size, content);
    require_clean(content);
  }
}

void look_at_fstab(std::string_view bytes) {
  OperatingSystem system;
  parse_fstab(bytes, system);
  fuzz::require(system.fstab.size() <= most_fstab_entries);
  DiskReport report;
  Disk disk;
  disk.name = "vda";
  disk.path = "/dev/vda";
  report.disks.push_back(disk);
  resolve_fstab(system, report, {"vda"});
  for (const FstabEntry& entry : system.fstab) {
    for (const std::string* text : {&entry.spec, &entry.point, &entry.type, &entry.options, &entry.problem})
      require_clean(*text);
  }
}

}  // namespace

/// The first byte chooses.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes = fuzz::text_of(data + 1, size - 1);
  switch (data[0] % 6) {
    case 0:
      look_at_tables(bytes);
      break;
    case 1:
      look_at_tables(with_checksums(bytes));
      break;
    case 2:
      look_at_superblocks(bytes);
      break;
    case 3: {
      Content content;
      look_into_ntfs(Image(bytes, 0).fd(), 0, content);
      require_clean(content);
      break;
    }
    case 4: {
      const HiveReader read = [&](std::uint64_t at, std::size_t length) {
        return at <= bytes.size() && length <= bytes.size() - at ? std::optional(std::string(bytes.substr(at, length)))
                                                                 : std::nullopt;
      };
      read_hive_values(read, "microsoft/windows nt/currentversion", {"productname", "currentbuild"});
      break;
    }
    default:
      look_at_fstab(bytes);
  }
  return 0;
}
