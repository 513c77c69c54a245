#include "init/rescue/mounting.hpp"

#include <fcntl.h>

#include <algorithm>

#include "init/disk/fstab.hpp"
#include "init/disk/fstab_devices.hpp"
#include "init/disk/operating_system.hpp"
#include "init/rescue/disks_now.hpp"
#include "init/rescue/find_place.hpp"
#include "init/rescue/fstab_plan.hpp"
#include "init/rescue/mount_device.hpp"
#include "init/rescue/report_places.hpp"
#include "init/rescue/undo.hpp"
#include "init/sys/inside.hpp"
#include "init/sys/mount.hpp"
#include "init/sys/mount_table.hpp"
#include "init/sys/read_only_mount.hpp"
#include "init/sys/write_protection.hpp"

namespace lifeboat::init {
namespace {

constexpr int deepest = 8;  // layers that show only once the one below is open

Status check_free(const std::string& at) {
  const auto table = read_mount_table();
  if (std::ranges::find(table, at, &MountEntry::point) == table.end()) return Done{};
  return Failure{"something is mounted at " + at + " already\nhint: umount " + at + ", or `rescue mount --at FOLDER`"};
}

/// The other devices of a btrfs that has several.
std::vector<std::string> other_devices(const DiskReport& report, const std::string& device, const Content& content) {
  std::vector<std::string> others;
  const auto add = [&](const std::string& path, const Content& other) {
    if (other.type == "btrfs" && other.uuid == content.uuid && path != device) others.push_back(path);
  };
  if (content.type != "btrfs" || content.devices < 2) return others;
  for (const Disk& disk : report.disks) {
    add(disk.path, disk.content);
    for (const Partition& partition : disk.partitions)
      if (!partition.name.empty()) add("/dev/" + partition.name, partition.content);
  }
  return others;
}

/// It is mounted with all of them named: udev's scan would write nothing, but knows no clones.
std::string device_options(const std::vector<std::string>& devices) {
  std::string options;
  for (const std::string& device : devices) options += (options.empty() ? "device=" : ",device=") + device;
  return options;
}

/// Discovery looks into no btrfs of several devices: where its root is shows only once all of them are named.
void find_system(const MountWish& wish, const DiskReport& report, Content& content) {
  const auto mounted = mount_read_only(wish.device, "btrfs", mount_options(wish));
  if (!mounted) return;
  for (const char* name : {".", "@", "@rootfs", "root"}) {
    const auto folder = open_folder_inside(*mounted, name);
    if (folder) content.system = find_linux(*folder);
    if (!content.system) continue;
    if (std::string_view(name) != ".") content.system->subvolume = name;
    return resolve_fstab(*content.system, report, disks_below(report, wish.device));
  }
}

std::string title_of(const std::string& device, const Content& content) {
  return device + " (" + content.type + (content.system ? ", " + content.system->name : "") + ")";
}

}  // namespace

Status Mounting::allow(const std::vector<std::string>& devices) {
  for (const std::string& device : devices) {
    const std::string name = device.substr(device.rfind('/') + 1);
    const auto known = [&](const SessionStep& step) { return step.kind == "writable" && step.device == device; };
    if (std::ranges::any_of(session.steps, known)) continue;
    session.steps.push_back({"writable", name, device});
    if (Status noted = write_session(session); !noted) return noted;
    if (Status allowed = allow_writing(name, owner_mount); !allowed) return allowed;
  }
  return Done{};
}

std::vector<std::string> Mounting::named() const {
  std::vector<std::string> devices;
  if (!request_.word.empty()) devices.push_back(request_.word);
  devices.insert(devices.end(), request_.fellows.begin(), request_.fellows.end());
  return devices;
}

std::string Mounting::joined_names() const {
  std::string words;
  for (const std::string& name : named()) words += " " + name;
  return words;
}

Status Mounting::open_layers(const OpenPlan& plan) {
  const auto open_all = [&](bool partitions) -> Status {
    for (const OpenStep& step : plan.steps)
      if (partitions == (step.kind == "partition"))
        if (Status opened = open_layer(step, request_.wish, session); !opened) return opened;
    return Done{};
  };
  if (Status made = open_all(true); !made) return made;
  if (request_.wish.write)
    if (Status allowed = allow(plan.bottom); !allowed) return allowed;
  if (Status opened = open_all(false); !opened) return opened;
  return Done{};
}

/// Until there is nothing more to open: what is encrypted shows only then what it holds.
Result<RootPlace> Mounting::open(RootPlace place) {
  for (int depth = 0; depth < deepest; ++depth) {
    auto plan = plan_opening(report_, place);
    if (!plan) return plan.failure();
    if (request_.wish.write && !plan->doubt.empty())
      return Failure{"not for writing: " + plan->doubt +
                     "\nhint: name all that belong together: rescue mount --write DEVICE DEVICE"};
    if (!request_.wish.write && !plan->needs_writing.empty())
      return Failure{plan->needs_writing +
                     "\nhint: copy the whole disk first where it matters (rescue copy), then rescue mount" +
                     joined_names() + " --write"};
    if (Status opened = open_layers(*plan); !opened) return opened.failure();
    session.device = plan->device;
    if (plan->steps.empty()) return place;
    report_ = find_disks_now(named());
    auto next = narrow_place(report_, plan->look_again ? RootPlace{plan->device, "opened", ""} : place);
    if (!next) return next;
    place = std::move(*next);
  }
  return Failure{"it lies in too many layers"};
}

Status Mounting::mount_root(const RootPlace& place, Content& content) {
  if (content.usage != "filesystem")
    return Failure{session.device + " holds " + (content.type.empty() ? "nothing that is known" : content.type) +
                   ", no file system\nhint: `rescue disks` shows what is there"};
  if (const std::string why = why_not_write(content); request_.wish.write && !request_.force && !why.empty())
    return Failure{session.device + " should not be mounted for writing: " + why +
                   "\nhint: `rescue fsck` first; --force does it all the same"};
  if (Status made = make_folders(session.at); !made) return made;
  auto folder = open_file(session.at, O_PATH | O_DIRECTORY);
  if (!folder) return folder.failure();
  const auto others = other_devices(report_, place.device, content);
  if (!others.empty() && !content.system)
    find_system({session.device, content.type, "", device_options(others), false}, report_, content);
  if (request_.wish.write)
    if (Status allowed = allow(others); !allowed) return allowed;
  if (content.type == "btrfs" && content.system) session.subvolume = content.system->subvolume;
  title = title_of(session.device, content);
  const MountWish wish{session.device, content.type, session.subvolume.empty() ? "" : "subvol=" + session.subvolume,
                       device_options(others), request_.wish.write};
  return mount_device(wish, *folder, session.at, session);
}

Status Mounting::mount_entry(const FstabEntry& entry, const Fd& root, std::string& words) {
  auto place = find_place(report_, entry.device);
  if (!place) return place.failure();
  auto plan = plan_opening(report_, *place);
  if (!plan) return plan.failure();
  const Content* content = content_at(report_, *place);
  if (!request_.wish.write && !plan->needs_writing.empty()) return Failure{plan->needs_writing};
  if (plan->look_again) return Failure{entry.device + " is encrypted and not open"};
  if (content == nullptr || content->usage != "filesystem") return Failure{entry.device + " holds no file system"};
  words = plan->device + ", " + content->type;
  if (request_.wish.write && !request_.force)
    if (const std::string why = why_not_write(*content); !why.empty()) return Failure{why};
  if (Status opened = open_layers(*plan); !opened) return opened;
  const auto others = other_devices(report_, plan->device, *content);
  if (request_.wish.write)
    if (Status allowed = allow(others); !allowed) return allowed;
  auto folder = open_below(root, entry.point, O_PATH | O_DIRECTORY);
  if (!folder) return Failure{"the root has no such folder"};
  auto inside = resolve_below(root, entry.point);
  if (!inside) return inside.failure();
  const MountWish wish{plan->device, content->type, subvolume_option(entry.options), device_options(others),
                       request_.wish.write};
  return mount_device(wish, *folder, session.at + *inside, session);
}

/// Never a reason to fail: with its /home missing a system can be repaired all the same.
void Mounting::mount_fstab(const OperatingSystem& system) {
  auto root = open_file(session.at, O_PATH | O_DIRECTORY);
  if (!root) return;
  for (const FstabMount& mount : plan_fstab(system)) {
    MountLine line{mount.entry.point, mount.skip};
    const std::size_t before = session.steps.size();
    if (mount.skip.empty()) {
      const Status mounted = mount_entry(mount.entry, *root, line.words);
      line.mounted = static_cast<bool>(mounted);
      if (!mounted) line.words = mounted.error().substr(0, mounted.error().find('\n'));
      if (!mounted) undo_steps(session, before);
    }
    lines.push_back(std::move(line));
  }
}

Status Mounting::run() {
  session.at = request_.at;
  session.write = request_.wish.write;
  if (Status free = check_free(session.at); !free) return free;
  report_ = find_disks_now(named());
  auto place = find_place(report_, request_.word);
  if (place) place = open(std::move(*place));
  if (!place) return place.failure();
  const Content* found = content_at(report_, *place);
  if (found == nullptr) return Failure{session.device + " is not there any more"};
  Content content = *found;
  if (Status mounted = mount_root(*place, content); !mounted) return mounted;
  if (content.system) mount_fstab(*content.system);
  return write_session(session);
}

}  // namespace lifeboat::init
