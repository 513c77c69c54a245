// `make bench`: what an image costs to build and to boot, each figure beside its floor in the same run, since machines
// differ and are noisy: read the ratios. Prints text and fails like a test would (status 1, with the guest's last
// lines).
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "qemu-tests/bench_build.hpp"
#include "qemu-tests/bench_figures.hpp"
#include "qemu-tests/bench_network.hpp"
#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/folder.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "qemu-tests/stand_in.hpp"

namespace lifeboat::qemu {
namespace {

namespace fs = std::filesystem;
constexpr int rounds = 5, boot_rounds = 9;

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

/// The issue's, for the image that clouds boot.
constexpr double login_limit = 2.5;

struct BootedImage {
  std::string name;
  fs::path image;
  double limit = 0;
  std::vector<double> floors = {}, logins = {}, ratios = {};
};

/// One after the other: each ratio is of two boots that met the same minute of a shared machine.
void measure_round(BootedImage& booted, const fs::path& stand_in) {
  booted.floors.push_back(floor_seconds(stand_in));
  booted.logins.push_back(login_seconds(booted.image));
  booted.ratios.push_back(booted.logins.back() / booted.floors.back());
}

void measure_boots(const fs::path& folder) {
  std::vector<BootedImage> images{{"debian-12-cloud", cloud_image(), login_limit}, {"debian-12", generic_image()}};
  for (const BootedImage& booted : images) make_stand_in_image(folder / booted.name, "off", booted.image);
  for (int round = 0; round < boot_rounds; ++round)
    for (BootedImage& booted : images) measure_round(booted, folder / booted.name);
  print_title("boot under QEMU, median of " + std::to_string(boot_rounds) + " rounds side by side");
  for (const BootedImage& booted : images) {
    print_row({.what = "floor: the kernel of " + booted.name + ", an init that powers off",
               .value = median(booted.floors),
               .unit = "s"});
    print_row({.what = booted.name + ": QEMU's start to SSH login", .value = median(booted.logins), .unit = "s"});
    print_row({.what = "  beside the floor of the same round",
               .value = median(booted.ratios),
               .unit = "x",
               .limit = booted.limit});
  }
}

}  // namespace
}  // namespace lifeboat::qemu

int main(int argc, char** argv) {
  using namespace lifeboat::qemu;
  const std::string part = argc > 1 ? argv[1] : "";
  if (argc > 2 || (!part.empty() && part != "build" && part != "boot" && part != "network")) {
    std::fprintf(stderr, "usage: bench [build | boot | network]\n");
    return 2;
  }
  try {
    const Folder folder("bench");
    if (part.empty() || part == "build") measure_builds(folder.path());
    if (part.empty() || part == "boot") measure_boots(folder.path());
    if (part.empty() || part == "network") measure_network(folder.path(), rounds);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
    return 1;
  }
}
