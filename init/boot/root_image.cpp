#include "init/boot/root_image.hpp"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "init/boot/bounded.hpp"
#include "init/boot/image_in_memory.hpp"
#include "init/boot/medium.hpp"
#include "init/boot/medium_look.hpp"
#include "init/disk/stop_devices.hpp"
#include "init/sys/device_mapper.hpp"
#include "init/sys/mount.hpp"

namespace lifeboat::init {
namespace {

constexpr Milliseconds image_mount_limit{60'000};

void advise_to_replace_the_image(Machine& machine) {
  if (machine.memory_is_short && machine.report.medium.in_memory) {
    machine.emergency.advice = {
        "Give this machine more memory (see MEMORY IS SHORT above): the image most likely did not fit into it.",
        "An ISO or disk image of the same build needs far less: there the root image stays on the medium."};
  } else if (machine.report.medium.kind == "disk") {
    machine.emergency.advice = {
        "Write the medium again from the image file: it is damaged, or was not written to its end.",
        "On the computer that has the image file, `lifeboat verify FOLDER` tells whether the file itself is good.",
        "A stick or CD that fails again is worn out: take another one."};
  } else {
    machine.emergency.advice = {
        "Put the image's files in place again: kernel and initrd are damaged, or do not belong together.",
        "On the computer that has them, `lifeboat verify FOLDER` tells whether the files are good."};
  }
}

Status check_size(Machine& machine, const RootImage& image) {
  const std::uint64_t expected = machine.report.image.root_size;
  struct stat found {};
  if (::stat(image.file.c_str(), &found) != 0)
    return failure_from_errno("looking for the root image on " + image.origin, errno);
  if (static_cast<std::uint64_t>(found.st_size) == expected) return Done{};
  advise_to_replace_the_image(machine);
  return Failure{"the root image in " + image.origin + " has " + std::to_string(found.st_size) +
                 " bytes, the build made it " + std::to_string(expected) + ": it was cut off on its way"};
}

/// In a worker: a dead disk may hold up any of it.
Status mount_checked(const contract::BootConfiguration& build, const std::string& file, const std::string& folder) {
  auto loop = attach_loop_device(file);
  if (!loop) return loop.failure();
  const VerityTarget target{.device = loop->path,
                            .block_size = contract::verity_block,
                            .data_blocks = build.verity_offset / contract::verity_block,
                            .root_hash = build.verity_root_hash,
                            .salt = build.verity_salt};
  auto checked = make_verity_device(own_root_device, target);
  if (!checked) return checked.failure();
  Status mounted = mount_file_system({*checked, folder, "squashfs", MS_RDONLY | MS_NODEV, ""});
  if (mounted) return mounted;
  return Failure{"it is damaged, and nothing of it was used: " + mounted.error()};
}

Result<RootImage> take_from_medium(Machine& machine) {
  auto medium = find_medium(machine);
  if (!medium) return medium.failure();
  MediumReport& report = machine.report.medium;
  report.kind = "disk";
  report.disk = medium->disk.name;
  report.title = describe_disk(medium->disk);
  report.evidence = medium->evidence;
  report.copies = medium->copies;
  machine.say("The rescue medium is " + report.title + ".");
  const RootImage on_medium{medium_folder + std::string(contract::root_on_medium_path),
                            "the rescue medium " + report.title};
  if (Status mounted = mount_medium(machine, *medium); !mounted) {
    advise_to_replace_the_image(machine);
    return mounted.failure();
  }
  if (!machine.arguments.copy_to_ram) return on_medium;
  if (Status size = check_size(machine, on_medium); !size) return size.failure();
  advise_to_replace_the_image(machine);
  return copy_to_memory(machine, on_medium);
}

}  // namespace

Result<RootImage> find_root_image(Machine& machine) {
  if (machine.report.image.root_size == 0) return Failure{"the initramfs has no readable boot configuration"};
  const std::string inside(contract::root_in_initramfs_path);
  MediumReport& report = machine.report.medium;
  if (::access(inside.c_str(), F_OK) == 0) {
    report = {.kind = "initramfs", .title = "the initrd", .in_memory = true};
    return RootImage{inside, "the initrd"};
  }
  if (machine.arguments.root_url.empty()) return take_from_medium(machine);
  report = {.kind = "http", .title = machine.arguments.root_url, .in_memory = true};
  return fetch_to_memory(machine);
}

Status mount_root_image(Machine& machine, const RootImage& image, const std::string& folder) {
  if (Status size = check_size(machine, image); !size) return size;
  Status mounted = run_bounded_status(
      machine, "mounting the root image", image_mount_limit,
      [build = machine.report.image, file = image.file, folder] { return mount_checked(build, file, folder); });
  if (mounted) {
    machine.emergency = {};
    return mounted;
  }
  advise_to_replace_the_image(machine);
  machine.emergency.facts.push_back("the root image: " + image.origin);
  machine.emergency.facts.push_back("its checksum (dm-verity root hash) must be " +
                                    machine.report.image.verity_root_hash);
  machine.emergency.facts.push_back("of the build " + machine.report.image.build_id + ", " +
                                    machine.report.image.title);
  return Failure{"the root image in " + image.origin + ": " + mounted.error()};
}

}  // namespace lifeboat::init
