#include "qemu-tests/bench_network.hpp"

#include <sstream>
#include <vector>

#include "qemu-tests/bench_figures.hpp"
#include "qemu-tests/bench_others.hpp"
#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/lab.hpp"
#include "qemu-tests/harness/ssh.hpp"

namespace lifeboat::qemu {
namespace fs = std::filesystem;
namespace {

constexpr const char* address = "10.1.0.50";
/// The guest's kernel takes both times itself: a card is registered by its driver, and an IPv4 address is there.
constexpr const char* probes =
    " kprobe_event=p:bench/card,register_netdevice;p:bench/address,__inet_insert_ifa trace_event=bench:*";
/// As modprobe would order them.
constexpr const char* modules[] = {"kernel/net/core/failover",
                                   "kernel/drivers/net/net_failover",
                                   "kernel/drivers/virtio/virtio_ring",
                                   "kernel/drivers/virtio/virtio",
                                   "kernel/drivers/virtio/virtio_pci_legacy_dev",
                                   "kernel/drivers/virtio/virtio_pci_modern_dev",
                                   "kernel/drivers/virtio/virtio_pci",
                                   "kernel/drivers/net/virtio_net"};

/// "insmod-35 [001] ..... 2.345678: card: (...)": the last of each kind, as lo's are before.
double seconds_between(const std::string& trace) {
  std::istringstream lines(trace);
  double card = 0, there = 0;
  for (std::string line; std::getline(lines, line);)
    for (const char* mark : {": card: (", ": address: ("}) {
      const std::size_t at = line.find(mark);
      if (at == std::string::npos) continue;
      const std::size_t start = line.rfind(' ', at) + 1;
      (mark[2] == 'c' ? card : there) = std::stod(line.substr(start, at - start));
    }
  if (card == 0 || there <= card) throw Failure("the guest's kernel has no times for its card and address:\n" + trace);
  return there - card;
}

/// FOLDER/initrd.img: modules, busybox, and an init that does nothing else.
void make_udhcpc_initrd(const fs::path& folder) {
  fs::create_directories(folder / "root");
  take_root(cloud_image(), folder / "root.squashfs");
  run_checked({"unsquashfs", "-quiet", "-no-progress", "-no-xattrs", "-force", "-dest", folder / "modules",
               folder / "root.squashfs", "usr/lib/modules"});
  const fs::path release = fs::directory_iterator(folder / "modules/usr/lib/modules")->path();
  std::string load;
  for (const fs::path module : modules) {
    const std::string file = module.filename().string() + ".ko";
    fs::copy_file(release / (module.string() + ".ko"), folder / "root" / file);
    load += "insmod /" + file + "\n";
  }
  fs::copy_file("/bin/busybox", folder / "root/busybox");
  write_file(folder / "root/lease",
             "#!/busybox sh\n[ \"$1\" = bound ] && /busybox ip address add \"$ip/$mask\" dev \"$interface\"\nexit 0\n");
  write_file(folder / "root/init",
             "#!/busybox sh\n/busybox mkdir -p /sys /bin /proc\n/busybox --install -s /bin\nmount -t sysfs sysfs /sys\n"
             "mount -t tracefs tracefs /sys/kernel/tracing\n" +
                 load +
                 "ip link set eth0 up\nudhcpc -q -i eth0 -s /lease\ncat /sys/kernel/tracing/trace\n"
                 "echo that is all\npoweroff -f\n");
  run_checked({"chmod", "755", folder / "root/init", folder / "root/lease"});
  run_checked({"sh", "-c", "cd \"$1/root\" && find . | cpio --quiet -o -H newc > ../initrd.img", "cpio", folder});
}

/// A guest on the link that both share.
VmOptions on_link(const Lab& lab, const LabCard& card) {
  VmOptions options = boots(cloud_image());
  options.network = &lab.network();
  options.cards = {card};
  options.kernel_arguments += probes;
  return options;
}

double udhcpc_seconds(const Lab& lab, const LabCard& card, const fs::path& initrd) {
  VmOptions options = on_link(lab, card);
  options.initrd = initrd;
  Vm vm(options);
  vm.console().wait_for("that is all", seconds(120));
  return seconds_between(vm.console().log());
}

double image_seconds(const Lab& lab, const LabCard& card) {
  VmOptions options = on_link(lab, card);
  options.config_drive = openstack_drive(R"({"admin_pass": "bench-password"})");
  Vm vm(options);
  vm.wait_until_ready();
  Ssh ssh(lab.network(), address);
  if (!ssh.login_with_password("bench-password")) throw Failure("the bench's password was refused");
  return seconds_between(ssh.run_checked("mount -t tracefs tracefs /mnt && cat /mnt/trace"));
}

}  // namespace

void measure_network(const fs::path& folder, int rounds) {
  if (!Namespace::is_possible()) return print_title("network: not measured, as making a network namespace takes root");
  make_udhcpc_initrd(folder / "udhcpc");
  Lab lab;
  const std::string segment = lab.add_segment({"10.1.0.1/24"});
  lab.start_dnsmasq(segment, {"--dhcp-range=10.1.0.50,10.1.0.50,1h"});
  const LabCard card = lab.add_card(segment);
  std::vector<double> floors, images;
  for (int round = 0; round < rounds; ++round) {
    floors.push_back(udhcpc_seconds(lab, card, folder / "udhcpc/initrd.img"));
    images.push_back(image_seconds(lab, card));
  }
  print_title("network: from the card's driver to an IPv4 address by DHCP, median of " + std::to_string(rounds) +
              " rounds side by side");
  const double floor = median(floors);
  print_row({.what = "floor: the cloud kernel, busybox udhcpc alone", .value = floor, .unit = "s"});
  print_row({.what = "debian-12-cloud, while all else starts", .value = median(images), .unit = "s", .other = floor});
}

}  // namespace lifeboat::qemu
