#include "init/disk/layers.hpp"

#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <memory>

#include "init/disk/batch.hpp"
#include "init/disk/fstab_devices.hpp"
#include "init/disk/look_source.hpp"
#include "init/disk/lvm_groups.hpp"
#include "init/disk/running_devices.hpp"
#include "init/disk/sources.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t most_looked_at = 256;  // volumes of all groups

/// The story of one look: arrays and opened devices first, then the groups that may lie on them.
class Layers {
 public:
  Layers(Loop& loop, const DiscoverOptions& options, std::vector<Piece> pieces, DiskReport& report)
      : loop_(loop), options_(options), report_(report), pieces_(std::move(pieces)) {}

  void run() {
    running_ = list_running_devices(options_.sysfs_root, options_.device_root);
    remove_old_look_devices(running_);
    CopyChoice choice{disk_order(report_.disks, options_.own_disk), options_.own_disk, named_disks(), open_devices()};
    find_arrays(choice);
    find_opened();
    look();
    add_named_layers(choice);
    find_groups(choice);
    look();
  }

 private:
  /// The devices that the person named, and the disks that they are or lie on.
  std::vector<std::string> named_disks() const {
    std::vector<std::string> named;
    for (const std::string& word : options_.named) {
      const std::string path = word.starts_with("/") ? word : options_.device_root + "/" + word;
      named.push_back(path);
      for (const Disk& disk : report_.disks) {
        const auto is_it = [&](const Partition& one) {
          return !one.name.empty() && path == options_.device_root + "/" + one.name;
        };
        if (path == disk.path || std::any_of(disk.partitions.begin(), disk.partitions.end(), is_it))
          named.push_back(disk.name);
      }
    }
    return named;
  }

  /// What lies on a named disk is meant as well: physical volumes in an array or an encrypted device.
  void add_named_layers(CopyChoice& choice) const {
    const auto add = [&](const std::string& key, const std::vector<std::string>& disks) {
      const auto is_named = [&](const std::string& disk) {
        return std::find(choice.named.begin(), choice.named.end(), disk) != choice.named.end();
      };
      if (std::any_of(disks.begin(), disks.end(), is_named)) choice.named.push_back(key);
    };
    for (const Array& array : report_.arrays)
      add(array.path.empty() ? "raid:" + array.uuid : array.path, disks_below(report_, array.members));
    for (const OpenedDevice& opened : report_.opened) add(opened.path, disks_below(report_, opened.path));
  }

  std::vector<std::string> open_devices() const {
    std::vector<std::string> open;
    for (const RunningDevice& device : running_)
      if (!is_look_device(device)) open.insert(open.end(), device.slaves.begin(), device.slaves.end());
    return open;
  }

  void find_arrays(const CopyChoice& choice) {
    sets_ = assemble_arrays(pieces_, choice);
    report_.arrays.reserve(sets_.size());  // tasks keep pointers to them
    for (RaidSet& set : sets_) {
      set.array.path = path_of(set.array);
      note(set.clones);
      report_.arrays.push_back(set.array);
      Array& array = report_.arrays.back();
      const std::string key = array.path.empty() ? "raid:" + array.uuid : array.path;
      if (auto source = source_of(set)) sources_.emplace("raid:" + array.uuid, std::move(*source));
      const auto source = sources_.find("raid:" + array.uuid);
      if (!array.path.empty())
        add_task("the RAID " + array.path, key, array.content, nullptr, array.path);
      else if (source != sources_.end())
        add_task("the RAID " + array.uuid, key, array.content, &source->second);
    }
    for (Array& container : list_containers(pieces_)) containers_.push_back(std::move(container));
  }

  void find_opened() {
    report_.opened.reserve(running_.size());
    for (const RunningDevice& device : running_) {
      if (!is_opened_crypto(device)) continue;
      const std::string below = device.slaves.empty() ? "" : device.slaves[0];
      OpenedDevice& opened =
          report_.opened.emplace_back(OpenedDevice{device.name, device.path, below, device.size, {}});
      add_task(opened.path, opened.path, opened.content, nullptr, device.node);
    }
  }

  void find_groups(const CopyChoice& choice) {
    std::move(containers_.begin(), containers_.end(), std::back_inserter(report_.arrays));
    std::vector<Piece> all = pieces_;  // the arrays' sets point into those
    std::move(found_.begin(), found_.end(), std::back_inserter(all));
    groups_ = assemble_groups(all, choice);
    report_.groups.reserve(groups_.size());
    for (const VolumeSet& set : groups_) {
      note(set.clones);
      VolumeGroup& group = report_.groups.emplace_back(set.group);
      for (LogicalVolume& volume : group.volumes) find_volume_content(set, volume);
    }
  }

  void find_volume_content(const VolumeSet& set, LogicalVolume& volume) {
    const std::string what = "the volume " + set.group.name + "/" + volume.name;
    const RunningDevice* device =
        set.other_open.empty() ? running_volume(lvm_device_uuid(set.group.uuid, volume.uuid)) : nullptr;
    if (device != nullptr) volume.path = device->path;
    if (volume.complete && volume.kind != "thin-pool") volume.content.next_command = "rescue mount";
    if (volume.complete && volume.cached) {
      volume.content.next_command = "rescue mount " + set.group.name + "/" + volume.name + " --write";
      volume.content.care.emplace_back(cached_words);
    }
    if (++looked_at_ > most_looked_at || volume.kind == "thin-pool") return;
    if (device != nullptr) return add_task(what, "", volume.content, nullptr, device->node);
    const LvmVolume* described = volume.kind == "snapshot" ? nullptr : find_volume(set, volume.name);
    auto source = described == nullptr || !volume.complete ? std::nullopt : source_of(set, *described);
    if (!source) return;
    volume_sources_.push_back(std::make_unique<LayerSource>(std::move(*source)));
    add_task(what, "", volume.content, volume_sources_.back().get());
  }

  /// `key`: what a physical volume in it will be said to lie on.
  void add_task(const std::string& what, const std::string& key, Content& content, const LayerSource* source,
                const std::string& node = {}) {
    const std::string name = "lifeboat-look-" + std::to_string(::getpid()) + "-" + std::to_string(next_name_++);
    BatchTask task;
    task.name = "looking into " + what;
    task.run = [this, source, node, name] {
      return looked_to_json(source == nullptr ? look_at_device(node) : look_at_source(sources_, *source, name));
    };
    task.ended = [this, key, &content, source, name](const Result<std::string>& answer) {
      if (!answer && source != nullptr) remove_look_devices(name);
      take(key, content, answer);
    };
    tasks_.push_back(std::move(task));
  }

  void take(const std::string& key, Content& content, const Result<std::string>& answer) {
    if (!answer) return content.care.push_back(answer.error());
    Looked looked = looked_from_json(*answer);
    content = std::move(looked.content);
    for (Piece& piece : looked.pieces) {
      if (!piece.lvm) continue;  // an array of arrays: not put together
      piece.device = piece.disk = key;
      found_.push_back(std::move(piece));
    }
  }

  void look() {
    run_batch(loop_, std::move(tasks_), {options_.at_once, options_.disk_deadline, options_.layers_deadline});
    tasks_.clear();
  }

  void note(const std::vector<Clone>& clones) {
    report_.clones.insert(report_.clones.end(), clones.begin(), clones.end());
  }

  /// Where the array runs, by whom it lies on.
  std::string path_of(const Array& array) const {
    for (const RunningDevice& device : running_)
      for (const Member& member : array.members)
        if (device.name.empty() && !member.device.empty() && member.state != "out of date" &&
            std::find(device.slaves.begin(), device.slaves.end(), member.device) != device.slaves.end())
          return device.path;
    return {};
  }

  const RunningDevice* running_volume(const std::string& uuid) const {
    const auto found =
        std::find_if(running_.begin(), running_.end(), [&](const auto& one) { return one.uuid == uuid; });
    return found == running_.end() ? nullptr : &*found;
  }

  Loop& loop_;
  const DiscoverOptions& options_;
  DiskReport& report_;
  std::vector<Piece> pieces_, found_;
  std::vector<RunningDevice> running_;
  std::vector<RaidSet> sets_;
  std::vector<Array> containers_;
  std::vector<VolumeSet> groups_;
  LayerSources sources_;
  std::vector<std::unique_ptr<LayerSource>> volume_sources_;
  std::vector<BatchTask> tasks_;
  std::size_t next_name_ = 0, looked_at_ = 0;
};

}  // namespace

DiskOrder disk_order(const std::vector<Disk>& disks, const std::string& own_disk) {
  DiskOrder order;
  for (const Disk& disk : disks) order.push_back(disk.name);
  std::stable_partition(order.begin(), order.end(), [&](const std::string& name) { return name != own_disk; });
  return order;
}

void look_into_layers(Loop& loop, const DiscoverOptions& options, std::vector<Piece> pieces, DiskReport& report) {
  Layers(loop, options, std::move(pieces), report).run();
}

}  // namespace lifeboat::init
