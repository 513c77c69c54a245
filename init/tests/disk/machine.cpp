#include "init/tests/disk/machine.hpp"

#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "builder/base/run.hpp"
#include "init/tests/hex.hpp"
#include "testing/catch.hpp"

namespace fs = std::filesystem;
namespace lifeboat::init::test {
namespace {

void write(const fs::path& path, std::string_view content) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
}

void make_recorded(const fs::path& root, const std::string& line) {
  const auto split = [&](const char* mark) {
    const std::size_t at = line.find(mark);
    return std::pair(line.substr(0, at), at == line.npos ? "" : line.substr(at + std::string_view(mark).size()));
  };
  if (line.find(" -> ") != line.npos) {
    const auto [path, target] = split(" -> ");
    fs::create_directories((root / path).parent_path());
    fs::create_symlink(target, root / path);
  } else if (line.find(" : ") != line.npos) {
    const auto [path, hex] = split(" : ");
    write(root / path, from_hex(hex));
  } else {
    const auto [path, content] = split(" = ");
    write(root / path, content + "\n");
  }
}

}  // namespace

Machine::Machine() : folder_(fs::temp_directory_path(), "lifeboat-disk-test") {
  fs::create_directories(sysfs() / "block");
  fs::create_directories(dev());
}

Machine::Machine(const std::string& recorded) : Machine() {
  std::ifstream in(std::string(LIFEBOAT_SOURCE_DIR "/init/tests/data/sysfs/") + recorded + ".txt");
  REQUIRE(in);
  for (std::string line; std::getline(in, line);) make_recorded(sysfs(), line);
}

void Machine::add_disk(const std::string& name, std::uint64_t size, const std::vector<Part>& parts) {
  char slot[48];
  std::snprintf(slot, sizeof slot, "devices/pci0000:00/0000:00:%02x.0/virtio%d/block/", static_cast<unsigned>(slot_),
                slot_);
  ++slot_;
  const fs::path folder = sysfs() / (slot + name);
  write(folder / "size", std::to_string(size / 512) + "\n");
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    write(folder / (name + number) / "partition", number + "\n");
    write(folder / (name + number) / "start", std::to_string(parts[i].start / 512) + "\n");
    write(folder / (name + number) / "size", std::to_string(parts[i].size / 512) + "\n");
  }
  fs::create_symlink("../" + (slot + name), sysfs() / "block" / name);
}

void Machine::connect(const std::string& name, const fs::path& target) const {
  fs::create_symlink(target, dev() / name);
}

DiscoverOptions Machine::options() const {
  DiscoverOptions options;
  options.sysfs_root = sysfs().string();
  options.device_root = dev().string();
  return options;
}

fs::path make_image(const fs::path& path, std::uint64_t size) {
  std::ofstream(path, std::ios::binary).flush();
  fs::resize_file(path, size);
  return path;
}

void poke(const fs::path& file, std::uint64_t offset, std::string_view bytes) {
  std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
  out.seekp(static_cast<std::streamoff>(offset));
  out << bytes;
  REQUIRE(out.flush());
}

void put_into(const fs::path& image, const fs::path& part, std::uint64_t offset) {
  run_checked({{"dd", "if=" + part.string(), "of=" + image.string(), "bs=64K", "conv=notrunc,sparse",
                "oflag=seek_bytes", "seek=" + std::to_string(offset), "status=none"}});
}

fs::path make_debian_root(const fs::path& path) {
  write(path / "usr/lib/os-release",
        "PRETTY_NAME=\"Debian GNU/Linux 11 (bullseye)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"11\"\n");
  write(path / "etc/fstab",
        "# <file system> <mount point> <type>\nUUID=0a1b / ext4 errors=remount-ro 0 1\n\nUUID=2c3d none swap sw 0 0\n");
  fs::create_symlink("../usr/lib/os-release", path / "etc/os-release");
  return path;
}

fs::path make_debian_ext4(const fs::path& folder, const std::string& name) {
  const fs::path root = make_debian_root(folder / (name + ".root"));
  fs::path image = make_image(folder / name, 16 << 20);
  run_checked({{"mkfs.ext4", "-q", "-L", "debian-root", "-d", root.string(), image.string()}});
  return image;
}

LoopDevice::LoopDevice(const fs::path& file, std::uint64_t offset, std::uint64_t size) {
  path_ = run_checked({{"losetup", "--show", "--find", "--offset", std::to_string(offset), "--sizelimit",
                        std::to_string(size), file.string()}});
  while (!path_.empty() && path_.back() == '\n') path_.pop_back();
}

LoopDevice::~LoopDevice() { run({{"losetup", "--detach", path_}}); }

bool can_mount() {
  if (::geteuid() == 0 && ::access("/dev/loop-control", R_OK | W_OK) == 0) return true;
  WARN("skipped: needs root and loop devices; the QEMU tests do it with real disks");
  return false;
}

}  // namespace lifeboat::init::test
