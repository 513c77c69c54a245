#include "qemu-tests/disks/recipes.hpp"
#include "qemu-tests/harness/process.hpp"

namespace lifeboat::qemu {
namespace fs = std::filesystem;
namespace {

constexpr std::uintmax_t disk_size = 256 << 20;
constexpr const char* root_uuid = "11111111-aaaa-4bbb-8ccc-111111111111";

/// As a Debian 11 has it.
constexpr const char* os_release = R"text(PRETTY_NAME="Debian GNU/Linux 11 (bullseye)"
NAME="Debian GNU/Linux"
VERSION_ID="11"
VERSION="11 (bullseye)"
VERSION_CODENAME=bullseye
ID=debian
)text";

/// The root at 1 MiB, to the end.
constexpr const char* partition_table = R"(label: gpt
label-id: 22222222-AAAA-4BBB-8CCC-222222222222
start=2048, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, uuid=33333333-AAAA-4BBB-8CCC-333333333333
)";

void write_root(const fs::path& root) {
  fs::create_directories(root / "etc");
  fs::create_directories(root / "usr/lib");
  for (const char* folder : {"bin", "boot", "dev", "home", "proc", "root", "sbin", "sys", "tmp", "var"})
    fs::create_directories(root / folder);
  write_file(root / "usr/lib/os-release", os_release);
  fs::create_symlink("../usr/lib/os-release", root / "etc/os-release");
  write_file(root / "etc/hostname", "broken-server\n");
  write_file(root / "etc/rescue-probe", "probe of ext4-debian-11\n");
  write_file(root / "etc/fstab", std::string("UUID=") + root_uuid + " / ext4 errors=remount-ro 0 1\n");
}

}  // namespace

void make_ext4_debian_11(const fs::path& image, const fs::path& work) {
  write_root(work / "root");
  write_file(work / "table", partition_table);
  write_file(image, "");
  fs::resize_file(image, disk_size);
  run_checked({"sh", "-c", "/sbin/sfdisk --quiet \"$1\" < \"$2\"", "sfdisk", image, work / "table"});
  // 1 MiB in front and behind: the second copy of the GPT is at the disk's end.
  run_checked({"/sbin/mkfs.ext4", "-q", "-F", "-L", "debian-root", "-U", root_uuid, "-d", work / "root", "-E",
               "offset=1048576", image, "254m"});
}

void make_empty(const fs::path& image, const fs::path&) {
  write_file(image, "");
  fs::resize_file(image, 64 << 20);
}

void make_small_ext4(const fs::path& image, const fs::path&) {
  write_file(image, "");
  fs::resize_file(image, 8 << 20);
  run_checked({"/sbin/mkfs.ext4", "-q", "-F", image});
}

}  // namespace lifeboat::qemu
