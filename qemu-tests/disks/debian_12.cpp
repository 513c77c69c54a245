// A whole Debian 12 that boots by itself: packages of the build host's mirror, made a disk by the helper guest.
#include "qemu-tests/disks/disks.hpp"
#include "qemu-tests/disks/recipes.hpp"
#include "qemu-tests/harness/config_drive.hpp"
#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/ssh.hpp"

namespace lifeboat::qemu {
namespace fs = std::filesystem;
namespace {

constexpr const char* debian_password = "vq7-Temporary-31";

/// Before the kernel's package makes its initramfs: few modules and a quick compressor, a tenth of the usual time.
constexpr const char* quick_initramfs =
    "mkdir -p \"$1/etc/initramfs-tools/conf.d\" \"$1/usr/share/initramfs-tools/modules.d\" && "
    "printf 'MODULES=list\\nCOMPRESS=zstd\\nCOMPRESSLEVEL=1\\n' > \"$1/etc/initramfs-tools/conf.d/quick\" && "
    "printf '%s\\n' virtio_pci virtio_blk ext4 > \"$1/usr/share/initramfs-tools/modules.d/quick\"";

/// Serial console, no waiting in the menu, a host name and a password that the test's person has forgotten.
constexpr const char* settings =
    "printf 'GRUB_TIMEOUT=0\\nGRUB_CMDLINE_LINUX=\"console=ttyS0\"\\n' > \"$1/etc/default/grub\" && "
    "echo broken-server > \"$1/etc/hostname\" && mkdir -p \"$1/srv/data\" && "
    "echo root:forgotten-long-ago | chroot \"$1\" chpasswd";

void make_root_tar(const fs::path& tar) {
  std::vector<std::string> words{"mmdebstrap",
                                 "--quiet",
                                 "--variant=minbase",
                                 "--architectures=amd64",
                                 "--include=linux-image-cloud-amd64,systemd-sysv,udev,grub-pc,initramfs-tools,zstd,"
                                 "login,e2fsprogs",
                                 "--aptopt=APT::Install-Recommends \"false\""};
  for (const char* folder : {"doc", "man", "locale", "info"})
    words.push_back("--dpkgopt=path-exclude=/usr/share/" + std::string(folder) + "/*");
  for (const std::string& word : {std::string("--essential-hook=") + quick_initramfs,
                                  std::string("--customize-hook=") + settings, std::string("bookworm"), tar.string()})
    words.push_back(word);
  run_checked(words, seconds(600));
}

VmOptions helper(const fs::path& image, const fs::path& tar) {
  VmOptions options = boots(cloud_image());
  options.config_drive = openstack_drive(std::string(R"({"admin_pass": ")") + debian_password + "\"}");
  options.disks = {{.file = image, .serial = "debian"}, {.file = tar, .serial = "tar"}};
  return options;
}

}  // namespace

void make_debian_12_broken(const fs::path& image, const fs::path& work) {
  const fs::path tar = work / "root.tar";
  make_root_tar(tar);
  write_file(image, "");
  fs::resize_file(image, std::uintmax_t{2} << 30);
  Vm vm(helper(image, tar));
  vm.wait_until_ready();
  Ssh ssh(vm.ssh_port());
  if (!ssh.login_with_password(debian_password)) throw Failure("the helper guest does not let us in");
  const std::string script = read_file(fs::path(LIFEBOAT_SOURCE_DIR) / "qemu-tests/disks/make_debian.sh");
  ssh.run_checked("export ROOT_UUID=" + std::string(debian_root_uuid) + " LOST_UUID=" + lost_uuid + "\n" + script,
                  seconds(400));
  vm.press_power_button();
  vm.wait_for_end(seconds(60));
}

}  // namespace lifeboat::qemu
