#include "init/boot/initramfs.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "init/boot/drivers.hpp"
#include "init/contract/boot_configuration.hpp"
#include "init/sys/ide_channels.hpp"
#include "init/sys/mount.hpp"

namespace lifeboat::init {
namespace {

const std::string overlay_folder = "/overlay";
const std::string new_root = "/overlay/root";
const std::string own_program = "/init";
constexpr std::size_t largest_program = std::size_t{16} << 20;

/// Standard streams: the kernel leaves them closed when the initramfs has no /dev/console, and the next file that is
/// opened would become one of them.
Status open_standard_streams() {
  auto null = open_file("/dev/null", O_RDWR);
  if (!null) return null.failure();
  for (int stream : {0, 1, 2})
    if (::dup2(null->get(), stream) < 0) return failure_from_errno("opening the standard streams", errno);
  if (null->get() <= 2) static_cast<void>(null->release());
  return Done{};
}

void make_device_links() {
  for (const auto& [target, link] :
       {std::pair{"/proc/self/fd", "/dev/fd"}, std::pair{"/proc/self/fd/0", "/dev/stdin"},
        std::pair{"/proc/self/fd/1", "/dev/stdout"}, std::pair{"/proc/self/fd/2", "/dev/stderr"}})
    static_cast<void>(::symlink(target, link));  // one that is there already is right
}

/// The root image below, a tmpfs for changes above it.
Status mount_root(Machine& machine, const RootImage& image) {
  const std::string lower = overlay_folder + "/lower", memory = overlay_folder + "/memory";
  if (Status mounted = mount_root_image(machine, image, lower); !mounted) return mounted;
  if (Status mounted = mount_file_system({"changes", memory, "tmpfs", 0, "mode=0755,size=50%"}); !mounted)
    return mounted;
  for (const char* folder : {"/upper", "/work"})
    if (Status made = make_folders(memory + folder); !made) return made;
  return mount_file_system({"lifeboat", new_root, "overlay", 0,
                            "lowerdir=" + lower + ",upperdir=" + memory + "/upper,workdir=" + memory + "/work"});
}

/// Without a copy of it in our own memory, which would keep the space.
Status copy_program(const std::string& from, const std::string& to) {
  auto source = open_file(from, O_RDONLY);
  if (!source) return source.failure();
  auto target = open_file(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
  if (!target) return target.failure();
  while (true) {
    const ssize_t count = ::sendfile(target->get(), source->get(), nullptr, largest_program);
    if (count < 0) return failure_from_errno("copying " + from + " to " + to, errno);
    if (count == 0) return Done{};
  }
}

Status make_link(const std::string& to, const std::string& link) {
  if (::symlink(to.c_str(), link.c_str()) == 0 || errno == EEXIST) return Done{};
  return failure_from_errno("making the link " + link, errno);
}

/// The root squashfs does not hold the init, so that a new init needs no new root: `rescue` and the other names of the
/// init lead to this copy.
Status install_init() {
  const std::string path = new_root + std::string(contract::init_path);
  if (Status made = make_folders(path.substr(0, path.rfind('/'))); !made) return made;
  return copy_program(own_program, path);
}

}  // namespace

Status mount_pseudo_file_systems() {
  ::umask(022);
  constexpr unsigned long quiet = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  for (const Mount& mount :
       {Mount{"proc", "/proc", "proc", quiet, ""}, Mount{"sysfs", "/sys", "sysfs", quiet, ""},
        Mount{"devtmpfs", "/dev", "devtmpfs", MS_NOSUID, "mode=0755"},
        Mount{"devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "gid=5,mode=620,ptmxmode=000"},
        Mount{"tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777"},
        Mount{"tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755,size=20%"}}) {
    Status mounted = mount_file_system(mount);
    if (!mounted && mount.source != "devtmpfs") return mounted;  // the kernel may have mounted devtmpfs itself
  }
  make_device_links();
  return open_standard_streams();
}

void read_what_was_asked(Machine& machine) {
  machine.arguments = contract::parse_kernel_arguments(read_file("/proc/cmdline", 65536).value_or(""));
  if (!machine.arguments.debug) set_kernel_console_level(4);  // errors only: the rest would run through our lines
  for (const std::string& word : machine.arguments.unknown)
    machine.note_problem("unknown kernel argument, passed over: " + word);
  auto text = read_file(std::string(contract::boot_configuration_path));
  if (!text) return machine.note_problem(text.error());
  auto configuration = contract::parse_boot_configuration(*text);
  if (!configuration) return machine.note_problem("the boot configuration in the initramfs is broken");
  machine.report.image = *configuration;
  if (machine.arguments.at_deadline) machine.report.image.at_deadline = *machine.arguments.at_deadline;
  const std::string& given = machine.arguments.build_id;
  if (!given.empty() && given != configuration->build_id)
    machine.note_problem("the kernel command line is for the build " + given + ", the initrd is " +
                         configuration->build_id + ": kernel and initrd come from different builds");
}

void wake_ide_channels(Machine& machine) {
  auto changed = enable_ide_channels();
  if (!changed) return machine.note_problem("enabling the IDE channels: " + changed.error());
  for (const std::string& address : *changed)
    machine.say("The firmware had left the IDE controller " + address + " off; it is on now.");
}

void load_root_modules(Machine& machine) {
  // A CD is there for good only with its own driver, and that cannot come any more while a SCSI disk that does not
  // answer is being probed: both drivers match it, and the kernel has them wait for each other. So it comes before any
  // controller's.
  start_loading_drivers(
      machine, {.wanted = {"loop", "squashfs", "overlay", "dm_mod", "dm_verity"}, .optional = {"sd_mod", "sr_mod"}});
  constexpr Milliseconds limit{20'000};
  if (!machine.loop->run_until([&] { return !machine.drivers.loading; }, limit))
    machine.note_problem("loading loop, squashfs, overlay and dm_verity took longer than 20 seconds");
}

Status keep_helpers() {
  const std::string folder = std::string(run_folder) + "/bin";
  if (Status made = make_folders(folder); !made) return made;
  if (Status made = make_folders(std::string(run_folder) + "/log", 0700); !made) return made;
  if (Status copied = copy_program("/bin/busybox", busybox_path); !copied) return copied;
  const std::string path(contract::init_path);
  if (Status made = make_folders(path.substr(0, path.rfind('/'))); !made) return made;
  if (Status linked = make_link(own_program, path); !linked) return linked;  // of the initramfs; the root has its own
  if (Status linked = make_link(path, agent_path); !linked) return linked;
  if (Status linked = make_link(path, dhcp6_path); !linked) return linked;
  return make_link(path, dhcp_script_path);
}

Status enter_root(Machine& machine, const RootImage& image) {
  if (Status mounted = mount_root(machine, image); !mounted) return mounted;
  if (Status installed = install_init(); !installed) return installed;
  if (Status kept = keep_helpers(); !kept) return kept;
  static_cast<void>(machine.loop->run_until([&] { return !machine.drivers.loading; }, drivers_limit));
  const std::string modules = real_path("/lib/modules");
  if (Status kept = mount_file_system({modules, first_modules_folder, "", MS_BIND, ""}); !kept) return kept;
  empty_folder("/", {std::string(contract::root_in_initramfs_path), modules});
  for (const char* folder : {"/proc", "/sys", "/dev", "/run"})
    if (Status moved = move_mount(folder, new_root + folder); !moved) return moved;
  Status entered = switch_root(new_root);
  machine.in_root = static_cast<bool>(entered);
  return entered;
}

}  // namespace lifeboat::init
