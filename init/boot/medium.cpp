#include "init/boot/medium.hpp"

#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "init/boot/bounded.hpp"
#include "init/boot/devices.hpp"
#include "init/boot/drivers.hpp"
#include "init/boot/medium_choice.hpp"
#include "init/boot/medium_look.hpp"
#include "init/contract/text.hpp"
#include "init/disk/sysfs.hpp"
#include "init/sys/folder.hpp"
#include "init/sys/mount.hpp"
#include "init/sys/worker.hpp"

namespace lifeboat::init {
namespace {

constexpr Milliseconds wait_for_devices{30'000};  // once the drivers are loaded: a USB hub, then a slow stick
constexpr Milliseconds search_limit{65'000};      // loading drivers has 30 seconds too
constexpr Milliseconds look_limit{10'000};
constexpr Milliseconds look_again_after{1'000};  // a CD drive that spins up
constexpr Milliseconds between_device_looks{100};
constexpr Milliseconds between_medium_words{5'000};
/// No new device for so long, and no driver being loaded: then no copy is on its way.
constexpr Milliseconds quiet_for{500};
/// With USB controllers: what is plugged into them is found one after the other.
constexpr Milliseconds quiet_with_usb{2'500};
/// Once the drivers are loaded, for a disk that firmware names and that is not there yet.
constexpr Milliseconds wait_for_named{10'000};
constexpr Milliseconds medium_mount_limit{30'000};

bool has_usb() {
  return std::ranges::any_of(list_folder("/sys/bus/usb/devices"),
                             [](const FolderEntry& entry) { return entry.name.starts_with("usb"); });
}

/// A USB stick that is plugged in and has no block device yet: its driver waits a second by itself.
bool usb_storage_is_coming() {
  const std::string folder = "/sys/bus/usb/devices";
  for (const FolderEntry& entry : list_folder(folder)) {
    const std::string interface = folder + "/" + entry.name;
    if (contract::trim(read_file(interface + "/bInterfaceClass", 64).value_or("")) != "08") continue;
    bool has_device = false;
    for (const FolderEntry& host : list_folder(interface))
      if (host.name.starts_with("host"))
        for (const FolderEntry& target : list_folder(interface + "/" + host.name))
          has_device = has_device || target.name.starts_with("target");
    if (!has_device) return true;
  }
  return false;
}

std::optional<unsigned> ata_port_of(const Disk& disk) {
  const std::string name = ata_port_name(disk.position);
  if (name.empty()) return std::nullopt;
  const std::string file = "/sys/class/ata_port/" + name + "/port_no";
  const auto number = contract::parse_number(contract::trim(read_file(file, 64).value_or("")), 65535);
  return number ? std::optional(static_cast<unsigned>(*number)) : std::nullopt;
}

class Search {
 public:
  explicit Search(Machine& machine) : machine_(machine) {}

  Result<Medium> run() {
    start_loading_drivers(machine_,
                          {.wanted = {"isofs"}, .optional = {"qemu_fw_cfg", "efivarfs"}, .all_devices = true});
    started_ = changed_ = said_ = Clock::now();
    const bool found = machine_.loop->run_until(
        [this] {
          update();
          return decided() || waited_long_enough();
        },
        search_limit);
    if (candidates().empty()) return nothing_found();
    static_cast<void>(found);  // a candidate while others are still being looked at will do
    return choose();
  }

 private:
  struct Look {
    Disk disk;
    bool pending = false;
    std::optional<Clock::time_point> looked;
    MediumLook result;
    bool failed = false;
  };

  void update() {
    const Clock::time_point now = Clock::now();
    if (machine_.drivers.loading) changed_ = now;
    if (!machine_.drivers.loading && !evidence_asked_) {
      drivers_loaded_ = now;
      ask_for_evidence();
    }
    if (now - updated_ >= between_device_looks) {
      updated_ = now;
      look_at_disks();
      tell(now);
      machine_.loop->after(between_device_looks, [] {});
    }
  }

  void look_at_disks() {
    auto disks = list_disks("/sys", "/dev");
    if (!disks) return machine_.note_problem(disks.error());
    for (Disk& disk : *disks) {
      Look& look = looks_[disk.name];
      if (look.disk.name.empty()) changed_ = Clock::now();
      const bool due = !look.looked || (look.failed && Clock::now() - *look.looked >= look_again_after);
      look.disk = std::move(disk);
      if (!look.pending && due) start_look(look);
    }
  }

  void start_look(Look& look) {
    look.pending = true;
    start_work(*machine_.loop, {.name = "reading " + look.disk.path,
                                .limit = look_limit,
                                .run = [path = look.disk.path] { return read_volume_descriptor(path); },
                                .ended =
                                    [state = state_, this, name = look.disk.name](const Result<std::string>& answer) {
                                      if (*state) take(looks_[name], answer);
                                    }});
  }

  void take(Look& look, const Result<std::string>& answer) {
    look.pending = false;
    look.looked = Clock::now();
    look.failed = !answer || !answer->starts_with('=');
    const std::string text = answer ? *answer : "!" + answer.error();
    look.result = look.failed ? MediumLook{{}, text.substr(std::min<std::size_t>(1, text.size()))}
                              : judge_volume_descriptor(text.substr(1));
    if (look.disk.size == 0) look.failed = true;  // it may be filled yet
    if (machine_.arguments.debug)
      machine_.say("looked at " + look.disk.path + ", " + look.disk.position + ", ATA port " +
                   std::to_string(ata_port_of(look.disk).value_or(0)) + ": " + look.result.found);
  }

  void ask_for_evidence() {
    evidence_asked_ = true;
    start_work(*machine_.loop, {.name = "asking the firmware what it started",
                                .limit = look_limit,
                                .run = read_boot_evidence,
                                .ended = [state = state_, this](const Result<std::string>& answer) {
                                  if (!*state) return;
                                  evidence_ = answer ? parse_boot_evidence(*answer) : BootEvidence{};
                                  if (machine_.arguments.debug) machine_.say("boot order: " + evidence_->boot_order);
                                }});
  }

  bool is_ours(const Look& look) const { return look.result.build_id == machine_.report.image.build_id; }

  std::vector<const Look*> candidates() const {
    std::vector<const Look*> ours;
    for (const auto& [name, look] : looks_)
      if (is_ours(look)) ours.push_back(&look);
    std::ranges::sort(ours,
                      [](const Look* a, const Look* b) { return position_before(a->disk.position, b->disk.position); });
    return ours;
  }

  static std::vector<MediumCandidate> places(const std::vector<const Look*>& looks) {
    std::vector<MediumCandidate> places;
    for (const Look* look : looks)
      places.push_back(
          {look->disk.name, place_of_disk(look->disk.position, ata_port_of(look->disk)), look->disk.optical});
    return places;
  }

  /// Of the disks that were looked at.
  std::vector<Place> known_places() const {
    std::vector<Place> places;
    for (const auto& [name, look] : looks_)
      if (auto place = place_of_disk(look.disk.position, ata_port_of(look.disk)); place && look.looked)
        places.push_back(std::move(*place));
    return places;
  }

  bool decided() const {
    const auto ours = candidates();
    if (ours.empty() || !evidence_) return false;
    if (names_one_on_its_way(places(ours), known_places(), *evidence_) &&
        Clock::now() - *drivers_loaded_ < wait_for_named)
      return false;
    if (choose_by_evidence(places(ours), *evidence_)) return true;
    const bool looking = std::ranges::any_of(looks_, [](const auto& look) { return look.second.pending; });
    return !looking && Clock::now() - changed_ >= (has_usb() ? quiet_with_usb : quiet_for) && !usb_storage_is_coming();
  }

  bool waited_long_enough() const { return drivers_loaded_ && Clock::now() - *drivers_loaded_ >= wait_for_devices; }

  Result<Medium> choose() {
    const auto ours = candidates();
    const MediumChoice choice = choose_medium(places(ours), evidence_.value_or(BootEvidence{}));
    *state_ = false;
    Medium medium{.disk = ours[choice.index]->disk, .evidence = choice.evidence, .copies = {}};
    for (const Look* look : ours)
      if (look->disk.name != medium.disk.name) medium.copies.push_back(look->disk.name);
    return medium;
  }

  Failure nothing_found() {
    *state_ = false;
    const std::string seconds =
        std::to_string(std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - started_).count());
    Emergency& emergency = machine_.emergency;
    emergency.facts.push_back("wanted: a CD, stick or disk of the build " + machine_.report.image.build_id + " (" +
                              machine_.report.image.title + ")");
    for (const auto& [name, look] : looks_)
      emergency.facts.push_back("looked at " + describe_disk(look.disk) + ": " + words(look));
    if (looks_.empty()) emergency.facts.emplace_back("the kernel knows no disk, CD or stick at all");
    emergency.advice = {
        "Kernel and initrd of an ISO or disk image need that image as a disk, stick or CD, and it is not there.",
        "Is the stick or CD still plugged in? Plug it into another port and start again.",
        "On a server's remote console: is the virtual CD still connected?",
        "Is its controller missing above? Then this image has no driver for it: use the netboot or uki medium.",
    };
    if (machine_.memory_is_short)
      emergency.advice.insert(emergency.advice.begin(), "Give this machine more memory (see MEMORY IS SHORT above).");
    if (std::ranges::any_of(looks_, [](const auto& look) { return look.second.result.build_id.has_value(); }))
      emergency.advice.insert(emergency.advice.begin(),
                              "There is a medium of another build (see above): kernel and initrd must come from the "
                              "same build as the medium. Write the medium again, and start from it alone.");
    return Failure{"the rescue medium was not found within " + seconds + " seconds"};
  }

  std::string words(const Look& look) const {
    if (!look.looked) return "it has not answered";
    if (look.result.build_id) return look.result.found + " (another build)";
    return look.result.found;
  }

  void tell(Clock::time_point now) {
    if (now - said_ < between_medium_words) return;
    said_ = now;
    std::string seen;
    for (const auto& [name, look] : looks_) seen += (seen.empty() ? "" : ", ") + name;
    machine_.say("Still looking for the rescue medium; seen so far: " + (seen.empty() ? "no disk" : seen) + ".");
  }

  Machine& machine_;
  std::shared_ptr<bool> state_ = std::make_shared<bool>(true);  ///< false: this search is over, late workers count not
  std::map<std::string, Look> looks_;
  bool evidence_asked_ = false;
  std::optional<BootEvidence> evidence_;
  std::optional<Clock::time_point> drivers_loaded_;
  Clock::time_point started_{}, changed_{}, updated_{}, said_{};
};

}  // namespace

Result<Medium> find_medium(Machine& machine) {
  if (machine.report.image.build_id.empty()) return Failure{"the initramfs has no readable boot configuration"};
  follow_devices(machine);
  auto medium = Search(machine).run();
  if (!medium || medium->copies.empty()) return medium;
  std::string names;
  for (const std::string& copy : medium->copies) names += (names.empty() ? "" : ", ") + copy;
  if (medium->evidence.empty()) {
    machine.note_problem("Several devices carry this very image: " + medium->disk.name + ", " + names +
                         ". It could not be told which of them this machine was started from; it runs from " +
                         medium->disk.name + ".");
  } else {
    machine.say("Copies of the rescue medium: " + names + ". It runs from " + medium->disk.name + ": " +
                medium->evidence + ".");
  }
  return medium;
}

Status mount_medium(Machine& machine, const Medium& medium) {
  constexpr unsigned long flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
  const Mount mount{medium.disk.path, medium_folder, "iso9660", flags, ""};
  return run_bounded_status(machine, "mounting the rescue medium " + medium.disk.path, medium_mount_limit,
                            [mount] { return mount_file_system(mount); });
}

}  // namespace lifeboat::init
