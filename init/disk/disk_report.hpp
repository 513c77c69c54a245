#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lifeboat::init {

/// What a whole disk is in the rescue. `other` is every disk that is none of the rest.
enum class DiskRole { rescue_medium, original, config_drive, swap, ephemeral, other };

/// How sure the choice of the original disk is.
enum class Confidence { certain, likely, unsure };

/// An operating system seen on a file system, without anything of it having been run.
struct OperatingSystem {
  std::string kind;               ///< "linux" or "windows"
  std::string name;               ///< PRETTY_NAME of os-release, "Windows"; control characters escaped
  std::uint32_t fstab_lines = 0;  ///< entries of etc/fstab; 0 also when there is none
  std::string fstab_root;         ///< the first field of fstab's line for "/", e.g. "UUID=..."; empty: no such line
  bool operator==(const OperatingSystem&) const = default;
};

/// What a disk without partitions, or one partition, holds: libblkid's word, and what a read-only look showed.
struct Content {
  std::string
      type;  ///< libblkid's name: "ext4", "LVM2_member", "crypto_LUKS", "BitLocker", "swap"; empty: nothing known
  std::string usage;       ///< "filesystem", "raid", "crypto", "other"; empty: nothing known
  std::string label;       ///< control characters escaped, as in every text here
  std::string uuid;        ///< for people to read; never used to find a device
  std::uint64_t size = 0;  ///< bytes of the mounted file system; 0: not looked at
  std::uint64_t used = 0;  ///< bytes
  std::optional<OperatingSystem> system;
  std::vector<std::string> care;  ///< what is dirty, damaged or could not be read; one clause each
  std::string next_command;       ///< the exact command that reads it without writing; empty: there is none
  bool operator==(const Content&) const = default;
};

struct Partition {
  std::uint32_t number = 0;
  std::string name;         ///< the kernel's name, "vda1"; empty when the kernel has no device for it
  std::uint64_t start = 0;  ///< bytes from the start of the disk
  std::uint64_t size = 0;   ///< bytes
  std::string type;         ///< GPT: type GUID; MBR: "0x83"
  std::string type_name;    ///< "BIOS boot", "EFI system"; empty: not in our table
  std::string label;        ///< GPT's partition name
  std::string uuid;         ///< PARTUUID
  bool active = false;      ///< MBR's boot flag, GPT's legacy-boot attribute
  Content content;
  bool operator==(const Partition&) const = default;
};

struct Disk {
  std::string name;        ///< the kernel's name, "vda"
  std::string path;        ///< "/dev/vda"
  std::string position;    ///< where it is plugged in: its sysfs device path; orders the disks
  std::uint64_t size = 0;  ///< bytes; 0: an empty drive
  std::string bus;         ///< "virtio", "nvme", "scsi", "ata", "usb", "xen", "hyperv", "mmc", ...; empty: not known
  std::string model;
  std::string serial;
  bool read_only = false;
  bool removable = false;
  bool optical = false;  ///< a CD or DVD drive

  std::string table;     ///< "gpt", "dos", ...; empty: no partition table
  std::string table_id;  ///< GPT's disk GUID; MBR's disk signature, 8 hex digits
  std::vector<Partition> partitions;
  Content content;                ///< of the whole disk, where it has no partition table
  std::vector<std::string> care;  ///< what to mind about the disk itself; one clause each
  std::string problem;            ///< why it could not be read ("did not answer within 10 s"); empty: it was read

  std::string medium_build;  ///< the build id of the Lifeboat medium whose mark it bears; empty: it is none

  DiskRole role = DiskRole::other;
  std::string role_reason;  ///< why it has this role; always there for the original and for who could have been it
  bool operator==(const Disk&) const = default;
};

struct DiskReport {
  std::vector<Disk> disks;  ///< by position
  std::string original;     ///< the original disk's name; empty: none was found
  Confidence confidence = Confidence::unsure;
  std::string reason;                 ///< one sentence: why this disk, or why none
  std::vector<std::string> problems;  ///< what went wrong outside of a single disk
  bool operator==(const DiskReport&) const = default;
};

std::string_view to_text(DiskRole role);
std::string_view to_text(Confidence confidence);

/// For the console and the login: lines of at most `width` columns where the words allow it, ending in a newline.
std::string to_text(const DiskReport& report, int width = 80);

/// A JSON object: {"original", "confidence", "reason", "disks": [...], "problems": [...]}; report.json's "disks".
std::string to_json(const DiskReport& report);

}  // namespace lifeboat::init
