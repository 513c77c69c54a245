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

/// One entry of fstab(5), its escapes (\040) resolved.
struct FstabEntry {
  std::string spec;   ///< "UUID=...", "/dev/mapper/vg-root", "server:/export"
  std::string point;  ///< "/", "/boot", "none"
  std::string type;   ///< "ext4", "swap", "auto"
  std::string options = "defaults";
  std::uint32_t line = 0;  ///< counted from 1
  std::string device;      ///< of this machine, what it means: "/dev/vda1"; empty: nothing here, or it needs no device
  std::string problem;  ///< "no file system here has this UUID"; beside a device: it is a guess, and why; empty: none
  bool operator==(const FstabEntry&) const = default;
};

/// An operating system seen on a file system, without anything of it having been run.
struct OperatingSystem {
  std::string kind;               ///< "linux" or "windows"
  std::string name;               ///< PRETTY_NAME of os-release, "Windows 10 Pro"; control characters escaped
  std::uint32_t fstab_lines = 0;  ///< entries of etc/fstab; 0 also when there is none
  std::string fstab_root;         ///< the first field of fstab's line for "/", e.g. "UUID=..."; empty: no such line
  std::vector<FstabEntry> fstab = {};     ///< at most 64
  std::string subvolume = {};             ///< of a btrfs, where its root is: "@"; empty: at the top
  std::string architecture = {};          ///< of its programs, as `uname -m` says it: "x86_64"; empty: not known
  std::vector<std::string> kernels = {};  ///< releases in its /boot or /lib/modules, the newest first; at most 16
  std::string machine_id = {};            ///< etc/machine-id; empty: none
  std::string selinux = {};               ///< "enforcing", "permissive", "disabled"; empty: it has none
  std::string boot_loader = {};  ///< "GRUB 2", "systemd-boot", "extlinux", "Windows Boot Manager"; empty: none seen
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
  std::vector<std::string> care;       ///< what is dirty, damaged or could not be read; one clause each
  std::string next_command;            ///< the exact command that reads it without writing; empty: there is none
  std::string version = {};            ///< of its format: "2" of LUKS, "FAT32"; empty: it has none, or it says nothing
  std::uint64_t devices = 0;           ///< that a btrfs is made of, where they are several
  std::uint64_t device_number = 0;     ///< this one among them
  std::uint64_t generation = 0;        ///< of this one: what was written last has the highest
  std::vector<std::string> boot = {};  ///< what of booting lies here: "GRUB 2", "EFI/debian", "Linux 6.1.0-18-amd64"
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

/// A device that others are made of, as their own metadata name it.
struct Member {
  std::string device;      ///< "/dev/vda1"; in a RAID that does not run: "raid:" and its UUID; empty: it is missing
  std::string uuid;        ///< its own, as the metadata write it
  std::string state;       ///< "active", "spare", "out of date", "missing", "rebuilding", "in doubt" (of a clone?)
  std::int32_t slot = -1;  ///< its place in a RAID, from 0; -1: none
  bool operator==(const Member&) const = default;
};

/// A RAID of md, known by its members' superblocks alone: nothing was assembled for it.
struct Array {
  std::string uuid;      ///< "01234567:89abcdef:01234567:89abcdef", as mdadm writes it; what opens it
  std::string name;      ///< "host:0"; empty: 0.90 has none
  std::string metadata;  ///< "0.90", "1.0", "1.1", "1.2"; "imsm", "ddf": a firmware RAID's container
  std::string level;     ///< "raid1", "raid5", "linear", "container"
  std::uint32_t slots = 0;
  std::vector<Member> members;  ///< by slot, spares last
  std::uint64_t size = 0;       ///< bytes, as it would be when assembled
  std::string state;            ///< "whole", "degraded", "incomplete" (it cannot be read)
  std::string path;             ///< where it runs now: "/dev/md127"; empty: it does not
  Content content;
  std::vector<std::string> care;
  std::vector<std::string> rivals = {};  ///< clones of which nothing tells which is meant: one device of each
  std::string doubt = {};                ///< why members may be a clone's, and are left out; empty: none are
  bool operator==(const Array&) const = default;
};

struct LogicalVolume {
  std::string name;
  std::string uuid;
  std::string kind;  ///< LVM's segment type: "linear", "striped", "thin", "thin-pool", "cache", "raid1", "snapshot"
  std::uint64_t size = 0;  ///< bytes
  std::string path;        ///< where it is active now: "/dev/mapper/vg-root"; empty: it is not
  bool complete = true;    ///< every device that it lies on is there
  Content content;
  /// It, or what it lies on, has a dm-cache or dm-writecache: those write to their metadata before they let anybody
  /// read.
  bool cached = false;
  bool operator==(const LogicalVolume&) const = default;
};

inline constexpr const char* cached_words =
    "it has a cache, which may hold data that are nowhere else; Linux opens it for writing alone";

/// An LVM volume group, known by the text on its physical volumes alone: nothing was activated for it.
struct VolumeGroup {
  std::string name;
  std::string uuid;  ///< what opens it; two groups may have one name
  std::uint64_t size = 0;
  std::vector<Member> physical_volumes;
  std::vector<LogicalVolume> volumes;  ///< those that a person sees; not the parts of others
  std::vector<std::string> care;
  std::vector<std::string> rivals = {};  ///< as an array's
  std::string doubt = {};
  bool operator==(const VolumeGroup&) const = default;
};

/// An encrypted device that somebody opened, and what it holds.
struct OpenedDevice {
  std::string name;    ///< device mapper's: "rescue-vda2"
  std::string path;    ///< "/dev/mapper/rescue-vda2"
  std::string device;  ///< what it lies on: "/dev/vda2"
  std::uint64_t size = 0;
  Content content;
  bool operator==(const OpenedDevice&) const = default;
};

/// Devices that bear one id, as byte-for-byte copies do.
struct Clone {
  std::string kind;  ///< "disk id", "partition UUID", "file system UUID", "label", "physical volume", "volume group",
                     ///< "volume group name", "RAID"
  std::string id;
  std::vector<std::string> devices;  ///< "/dev/vda1", "/dev/vdb1"
  bool operator==(const Clone&) const = default;
};

/// Where the original's root file system is.
struct RootPlace {
  std::string device;  ///< "/dev/vda1", "/dev/md127"; for what is not open: what it will be reached by, see `kind`
  std::string kind;    ///< "partition", "disk", "array", "volume", "opened"
  std::string id;      ///< of an array its UUID, of a logical volume "GROUP-UUID/VOLUME-UUID"; else empty
  bool operator==(const RootPlace&) const = default;
};

struct DiskReport {
  std::vector<Disk> disks;  ///< by position
  std::vector<Array> arrays;
  std::vector<VolumeGroup> groups;
  std::vector<OpenedDevice> opened;
  std::vector<Clone> clones;
  std::string original;           ///< the original disk's name; empty: none was found
  std::optional<RootPlace> root;  ///< of the original; nothing: not found, or hidden (encrypted)
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
