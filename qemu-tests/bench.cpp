// `make bench`: what an image costs to build and to boot, each figure beside its floor in the same run, since machines
// differ and are noisy: read the ratios. Prints text and fails like a test would (status 1, with the guest's last
// lines).
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/folder.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "qemu-tests/stand_in.hpp"

namespace lifeboat::qemu {
namespace {

namespace fs = std::filesystem;
constexpr int rounds = 5;
constexpr double mebibyte = 1 << 20;

double seconds_of(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

double size_of(const fs::path& file) { return static_cast<double>(fs::file_size(file)) / mebibyte; }

void build(const fs::path& folder, const std::vector<std::string>& more) {
  std::vector<std::string> argv{LIFEBOAT_BINARY_DIR "/bin/lifeboat",
                                "build",
                                LIFEBOAT_SOURCE_DIR "/recipes/debian-12.toml",
                                "--quiet",
                                "--output",
                                folder / "image",
                                "--cache",
                                folder / "cache"};
  argv.insert(argv.end(), more.begin(), more.end());
  run_checked(argv, seconds(1800));
}

/// `seconds` beside the floor of its kind.
void print_row(const char* what, double value, const char* unit, double floor = 0) {
  std::printf("  %-52s %8.1f %s", what, value, unit);
  if (floor > 0) std::printf("   %.2f x floor", value / floor);
  std::printf("\n");
  std::fflush(stdout);
}

void measure_builds(const fs::path& folder) {
  std::printf("build of debian-12 (generic kernel)\n");
  print_row("cold: empty cache, everything fetched", seconds_of([&] { build(folder, {}); }), "s");
  print_row("warm: everything in the cache", seconds_of([&] { build(folder, {"--offline"}); }), "s");
  std::printf("sizes\n");
  print_row("vmlinuz", size_of(folder / "image/vmlinuz"), "MiB");
  print_row("initrd.img (the root inside)", size_of(folder / "image/initrd.img"), "MiB");
  print_row("lifeboat-init", size_of(LIFEBOAT_BINARY_DIR "/bin/lifeboat-init"), "MiB");
  print_row("warm with --fast", seconds_of([&] { build(folder, {"--offline", "--fast"}); }), "s");
}

/// From QEMU's start to the end of a machine that powers off as soon as its init runs: same kernel, nothing else.
double floor_seconds(const fs::path& image) {
  return seconds_of([&] { Vm(boots(image)).wait_for_end(seconds(120)); });
}

/// From QEMU's start to a finished login over SSH with the password of the config drive.
double login_seconds(const fs::path& image) {
  VmOptions options = boots(image);
  options.config_drive = openstack_drive(R"({"uuid": "6f0c4c4e-4a4f-4b7e-9f0a-0123456789ab", "name": "bench",
                                             "hostname": "bench", "admin_pass": "bench-password"})");
  return seconds_of([&] {
    Vm vm(options);
    vm.wait_until_ready();
    if (!Ssh(vm.ssh_port()).login_with_password("bench-password")) throw Failure("the bench's password was refused");
  });
}

void measure_boots(const fs::path& folder) {
  make_stand_in_image(folder / "floor", "off");
  std::vector<double> floors, logins, generic;
  for (int round = 0; round < rounds; ++round) {
    floors.push_back(floor_seconds(folder / "floor"));
    logins.push_back(login_seconds(cloud_image()));
    generic.push_back(login_seconds(generic_image()));
  }
  std::printf("boot under QEMU, median of %d rounds side by side\n", rounds);
  print_row("floor: the cloud kernel, an init that powers off", median(floors), "s");
  print_row("debian-12-cloud: QEMU's start to SSH login", median(logins), "s", median(floors));
  print_row("debian-12: QEMU's start to SSH login", median(generic), "s", median(floors));
}

}  // namespace
}  // namespace lifeboat::qemu

int main() {
  using namespace lifeboat::qemu;
  try {
    const Folder folder("bench");
    measure_builds(folder.path());
    measure_boots(folder.path());
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
    return 1;
  }
}
