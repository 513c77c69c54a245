#include "init/disk/discover.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>

#include "init/disk/across.hpp"
#include "init/disk/disk_json.hpp"
#include "init/disk/examine.hpp"
#include "init/disk/fstab.hpp"
#include "init/disk/layers.hpp"
#include "init/disk/look_inside.hpp"
#include "init/disk/roles.hpp"
#include "init/disk/sysfs.hpp"
#include "init/sys/spawn.hpp"
#include "init/sys/worker.hpp"
#include "init/sys/write_protection.hpp"

namespace lifeboat::init {
namespace {

/// What is done with a disk, in this order. The fingerprint comes before anybody looks inside; what its file systems'
/// drivers need to start (btrfs measures the processor for seconds) is not the disk's time.
enum class Step { read, fingerprint, drivers, look };

constexpr std::array<const char*, 4> doing = {"reading ", "reading the ends of ", "loading the drivers for ",
                                              "looking inside "};

std::string name_of(Step step) { return doing[static_cast<std::size_t>(step)]; }
Step next_of(Step step) { return static_cast<Step>(static_cast<int>(step) + 1); }

/// How far the work with a disk is, and until when the disk has time.
struct Progress {
  Step step;
  Clock::time_point until, since = Clock::now();

  /// Half of the time that is left when the fingerprint is taken is for the look.
  Milliseconds limit() const {
    const auto left = std::chrono::duration_cast<Milliseconds>(until - since);
    return std::max(step == Step::fingerprint ? left / 2
                    : step == Step::drivers   ? drivers_limit
                                              : left,
                    Milliseconds(1));
  }

  void go_on() {
    const Clock::time_point now = Clock::now();
    if (step == Step::drivers) until += now - since;
    step = next_of(step);
    since = now;
  }

  static constexpr Milliseconds drivers_limit{15'000};
};

/// libblkid asks for some forty blocks near the ends, and tells the kernel not to read more than each: here they come
/// in a few requests. Nothing waits for them, and an error shows when a block is read.
void ask_for_ends(const Fd& device, std::uint64_t size) {
  constexpr std::uint64_t first = 128 << 10, last = 256 << 10;
  if (size < first + last) return;
  ::posix_fadvise(device.get(), 0, first, POSIX_FADV_WILLNEED);
  ::posix_fadvise(device.get(), static_cast<off_t>(size - last), last, POSIX_FADV_WILLNEED);
}

void load_drivers(const Disk& disk) {
  load_file_system_of(disk.content);
  for (const Partition& partition : disk.partitions) load_file_system_of(partition.content);
}

/// Has every disk read in a worker of its own, `at_once` of them at a time and those that take long.
class Readers {
 public:
  Readers(Loop& loop, const DiscoverOptions& options, std::vector<Disk>& disks, bool fingerprints)
      : loop_(loop),
        options_(options),
        disks_(disks),
        pieces_(disks.size()),
        left_(disks.size()),
        fingerprints_(fingerprints) {}

  void start() {
    until_ = Clock::now() + options_.deadline;
    for (std::size_t i = 0; i < options_.at_once; ++i) start_next();
  }

  /// False: some take long, and all others have answered.
  bool wait_for_most() {
    loop_.run_until([this] { return left_ == 0 || (next_ == disks_.size() && left_ == still_slow()); }, time_left());
    return left_ == 0;
  }

  void wait_for_all() {
    loop_.run_until([this] { return left_ == 0; }, time_left());
    for (Disk& disk : disks_)
      if (!finished_.contains(&disk)) disk.problem = "it was not read: the time for all disks was over";
  }

  /// A copy of the disks as they are known so far.
  std::vector<Disk> disks_so_far() const {
    std::vector<Disk> all = disks_;
    for (std::size_t i = 0; i < all.size(); ++i)
      if (!finished_.contains(&disks_[i])) all[i].problem = "it has not answered so far; it still has some seconds";
    return all;
  }

  /// By position; of a disk that did not answer what the kernel knows of it.
  AsFound found() const {
    AsFound all;
    for (const Disk& disk : disks_) {
      const auto known = found_.find(disk.name);
      all.push_back(known != found_.end() ? known->second
                                          : fingerprint_unread(disk, options_.sysfs_root, disk.problem));
    }
    return all;
  }

  /// What the disks are pieces of, in the disks' order.
  std::vector<Piece> pieces() const {
    std::vector<Piece> all;
    for (const std::vector<Piece>& some : pieces_) all.insert(all.end(), some.begin(), some.end());
    return all;
  }

 private:
  void start_next() {
    if (next_ == disks_.size()) return;
    Disk& disk = disks_[next_++];
    // One that takes long is left to its own time: the next one's turn has come.
    loop_.after(options_.patience, [this, &disk] {
      if (!finished_.contains(&disk) && slow_.insert(&disk).second) start_next();
    });
    run_steps(disk, Step::read, Clock::now() + options_.limit_of(disk.name));
  }

  /// This step and those after it in one worker, which tells what each found as soon as it is over.
  void run_steps(Disk& disk, Step first, Clock::time_point until) {
    const auto progress = std::make_shared<Progress>(Progress{first, until});
    Work work;
    work.name = disk.path;
    work.limit = progress->limit();
    work.run = [copy = disk, first, this]() mutable { return work_on(copy, first); };
    work.part = [this, &disk, progress](const std::string& answer) {
      take(disk, progress->step, answer);
      progress->go_on();
      return progress->limit();
    };
    work.ended = [this, &disk, progress](const Result<std::string>& answer) { end(disk, *progress, answer); };
    start_work(loop_, std::move(work));
  }

  /// In the worker.
  std::string work_on(Disk& disk, Step first) const {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (options_.in_background) run_in_background();  // this process alone: all others wait for the one that it serves
    // Held open: what one step has read, the next ones find in the page cache.
    const auto device = open_file(disk.path, O_RDONLY | O_NONBLOCK);
    if (device) ask_for_ends(*device, disk.size);
    if (first == Step::read) {
      const std::string pieces = pieces_to_json(read_disk(disk, options_.device_root));
      tell_part(disk_to_json(disk) + '\0' + pieces);  // neither holds a zero byte
    }
    if (first <= Step::fingerprint)
      tell_part(fingerprints_ ? to_json(AsFound{fingerprint(disk, options_.sysfs_root)}) : "");
    load_drivers(disk);
    tell_part("");
    look_inside_disk(disk, options_.device_root);
    return disk_to_json(disk);
  }

  void take(Disk& disk, Step step, const std::string& answer) {
    if (step == Step::drivers) return;
    if (step == Step::fingerprint) return take_fingerprint(disk, answer);
    const std::size_t end = std::min(answer.find('\0'), answer.size());
    std::optional<Disk> read = disk_from_json(answer.substr(0, end));
    if (!read) {
      disk.problem = "its reader's answer could not be understood";
      return;
    }
    disk = std::move(*read);
    if (step == Step::read && end < answer.size())
      pieces_[static_cast<std::size_t>(&disk - disks_.data())] = pieces_from_json(answer.substr(end + 1));
  }

  void take_fingerprint(const Disk& disk, const std::string& answer) {
    const auto found = as_found_from_json(answer);
    if (found && found->size() == 1) found_[disk.name] = found->front();
  }

  /// After a fingerprint that did not come there is still the look: the disk's end may be bad alone.
  void end(Disk& disk, const Progress& progress, const Result<std::string>& answer) {
    if (answer) {
      take(disk, progress.step, *answer);
    } else if (progress.step == Step::fingerprint) {
      found_[disk.name] = fingerprint_unread(disk, options_.sysfs_root, name_of(progress.step) + answer.error());
      return run_steps(disk, Step::drivers, progress.until);
    } else {
      disk.problem = name_of(progress.step) + answer.error();
    }
    finish(disk);
  }

  std::size_t still_slow() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(slow_, [this](const Disk* disk) { return !finished_.contains(disk); }));
  }

  Milliseconds time_left() const {
    return std::max(std::chrono::duration_cast<Milliseconds>(until_ - Clock::now()), Milliseconds(0));
  }

  void finish(const Disk& disk) {
    finished_.insert(&disk);
    --left_;
    if (!slow_.contains(&disk)) start_next();
  }

  Loop& loop_;
  const DiscoverOptions& options_;
  std::vector<Disk>& disks_;
  std::vector<std::vector<Piece>> pieces_;  ///< of each disk
  std::size_t next_ = 0;
  std::size_t left_;
  Clock::time_point until_;
  std::set<const Disk*> finished_, slow_;
  bool fingerprints_;
  std::map<std::string, DiskAsFound> found_;
};

void conclude(Loop& loop, const DiscoverOptions& options, std::vector<Piece> pieces, DiskReport& report) {
  look_into_layers(loop, options, std::move(pieces), report);
  choose_original(report, {options.own_disk, options.build_id, options.own_disk_is_guess});
  check_across_disks(report);
  resolve_all_fstabs(report);
  add_boot_places(report);
}

DiskReport list(const DiscoverOptions& options) {
  DiskReport report;
  auto disks = list_disks(options.sysfs_root, options.device_root);
  if (!disks) report.problems.push_back(disks.error());
  if (disks) report.disks = std::move(*disks);
  for (const std::string& name : read_protected_by_us())
    for (Disk& disk : report.disks)
      if (disk.name == name && options.sysfs_root == "/sys") disk.read_only = false;
  return report;
}

}  // namespace

DiskReport discover_disks(const DiscoverOptions& options, AsFound* found,
                          const std::function<void(const DiskReport&)>& early) {
  DiskReport report = list(options);
  const auto loop = Loop::create();
  if (!loop) {
    report.problems.push_back(loop.error());
    return report;
  }
  Readers readers(**loop, options, report.disks, found != nullptr);
  readers.start();
  if (early && !readers.wait_for_most()) {
    DiskReport so_far;
    so_far.disks = readers.disks_so_far();
    conclude(**loop, options, readers.pieces(), so_far);
    early(so_far);
  }
  readers.wait_for_all();
  if (found != nullptr) *found = readers.found();
  conclude(**loop, options, readers.pieces(), report);
  return report;
}

}  // namespace lifeboat::init
