#include "init/boot/initramfs.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "init/boot/drivers.hpp"
#include "init/contract/boot_configuration.hpp"
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

Status check_root_size(const std::string& file, std::uint64_t expected) {
  struct stat found {};
  if (::stat(file.c_str(), &found) != 0) return failure_from_errno("looking for the root image " + file, errno);
  if (static_cast<std::uint64_t>(found.st_size) == expected) return Done{};
  return Failure{"the root image " + file + " has " + std::to_string(found.st_size) + " bytes, the build made it " +
                 std::to_string(expected) + ": it was cut off on its way"};
}

/// The squashfs below, a tmpfs for changes above it.
Status mount_root(const Machine& machine) {
  const std::string image(contract::root_in_initramfs_path);
  if (machine.report.image.root_size == 0) return Failure{"the initramfs has no readable boot configuration"};
  if (Status size = check_root_size(image, machine.report.image.root_size); !size) return size;
  auto loop = attach_loop_device(image);
  if (!loop) return loop.failure();
  const std::string lower = overlay_folder + "/lower", memory = overlay_folder + "/memory";
  for (const Mount& mount : {Mount{loop->path, lower, "squashfs", MS_RDONLY | MS_NODEV, ""},
                             Mount{"changes", memory, "tmpfs", 0, "mode=0755,size=50%"}})
    if (Status mounted = mount_file_system(mount); !mounted) return mounted;
  for (const char* folder : {"/upper", "/work"})
    if (Status made = make_folders(memory + folder); !made) return made;
  return mount_file_system({"lifeboat", new_root, "overlay", 0,
                            "lowerdir=" + lower + ",upperdir=" + memory + "/upper,workdir=" + memory + "/work"});
}

Status copy_program(const std::string& from, const std::string& to) {
  auto program = read_file(from, largest_program);
  if (!program) return program.failure();
  return replace_file(to, *program, 0755);
}

/// The root squashfs does not hold the init, so that a new init needs no new root: `rescue` and the other names of the
/// init lead to this copy.
Status install_init() {
  const std::string path = new_root + std::string(contract::init_path);
  if (Status made = make_folders(path.substr(0, path.rfind('/'))); !made) return made;
  return copy_program(own_program, path);
}

/// What the root's programs are called by later, out of reach of the initramfs that goes away.
Status keep_helpers() {
  const std::string folder = std::string(run_folder) + "/bin";
  if (Status made = make_folders(folder); !made) return made;
  if (Status made = make_folders(std::string(run_folder) + "/log", 0700); !made) return made;
  if (Status copied = copy_program("/bin/busybox", busybox_path); !copied) return copied;
  if (::symlink(std::string(contract::init_path).c_str(), dhcp_script_path) != 0 && errno != EEXIST)
    return failure_from_errno(std::string("making the link ") + dhcp_script_path, errno);
  return Done{};
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
  const std::string& given = machine.arguments.build_id;
  if (!given.empty() && given != configuration->build_id)
    machine.note_problem("the kernel command line is for the build " + given + ", the initrd is " +
                         configuration->build_id + ": kernel and initrd come from different builds");
}

void load_root_modules(Machine& machine) {
  start_loading_drivers(machine, {.wanted = {"loop", "squashfs", "overlay"}});
  constexpr Milliseconds limit{20'000};
  if (!machine.loop->run_until([&] { return !machine.loading_drivers; }, limit))
    machine.note_problem("loading loop, squashfs and overlay took longer than 20 seconds");
}

Status enter_root(Machine& machine) {
  if (Status mounted = mount_root(machine); !mounted) return mounted;
  if (Status installed = install_init(); !installed) return installed;
  if (Status kept = keep_helpers(); !kept) return kept;
  const std::string modules = real_path("/lib/modules");
  if (Status kept = mount_file_system({modules, first_modules_folder, "", MS_BIND, ""}); !kept) return kept;
  empty_folder("/", {std::string(contract::root_in_initramfs_path), modules});
  for (const char* folder : {"/proc", "/sys", "/dev", "/run"})
    if (Status moved = move_mount(folder, new_root + folder); !moved) return moved;
  return switch_root(new_root);
}

}  // namespace lifeboat::init
