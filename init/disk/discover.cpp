#include "init/disk/discover.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>

#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "init/disk/across.hpp"
#include "init/disk/disk_json.hpp"
#include "init/disk/examine.hpp"
#include "init/disk/fstab.hpp"
#include "init/disk/layers.hpp"
#include "init/disk/roles.hpp"
#include "init/disk/sysfs.hpp"
#include "init/sys/worker.hpp"
#include "init/sys/write_protection.hpp"

namespace lifeboat::init {
namespace {

/// What is done with a disk, in this order. The fingerprint comes before anybody looks inside.
enum class Step { read, fingerprint, look };

Step next_of(Step step) { return step == Step::read ? Step::fingerprint : Step::look; }

std::string doing(Step step) {
  return step == Step::read ? "reading " : step == Step::fingerprint ? "reading the ends of " : "looking inside ";
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
    run_steps(disk, Step::read, Clock::now() + options_.disk_deadline);
  }

  /// This step and those after it in one worker, which tells what each found as soon as it is over.
  void run_steps(Disk& disk, Step first, Clock::time_point until) {
    const auto now = std::make_shared<Step>(first);
    Work work;
    work.name = disk.path;
    work.limit = limit_of(first, until);
    work.run = [copy = disk, first, fingerprints = fingerprints_, &options = options_]() mutable {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      // Held open: what one step has read, the next ones find in the page cache.
      const auto device = open_file(copy.path, O_RDONLY | O_NONBLOCK);
      if (first == Step::read) tell_part(read_step(copy, options));
      if (first != Step::look) tell_part(fingerprints ? to_json(AsFound{fingerprint(copy, options.sysfs_root)}) : "");
      look_inside_disk(copy, options.device_root);
      return disk_to_json(copy);
    };
    work.part = [this, &disk, until, now](const std::string& answer) {
      take(disk, *now, answer);
      *now = next_of(*now);
      return limit_of(*now, until);
    };
    work.ended = [this, &disk, until, now](const Result<std::string>& answer) { end(disk, *now, until, answer); };
    start_work(loop_, std::move(work));
  }

  static std::string read_step(Disk& disk, const DiscoverOptions& options) {
    const std::string pieces = pieces_to_json(read_disk(disk, options.device_root));
    return disk_to_json(disk) + '\0' + pieces;  // neither holds a zero byte
  }

  /// Half of the time that is left when the fingerprint is taken is for the look.
  static Milliseconds limit_of(Step step, Clock::time_point until) {
    const auto left = std::chrono::duration_cast<Milliseconds>(until - Clock::now());
    return std::max(step == Step::fingerprint ? left / 2 : left, Milliseconds(1));
  }

  void take(Disk& disk, Step step, const std::string& answer) {
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
  void end(Disk& disk, Step step, Clock::time_point until, const Result<std::string>& answer) {
    if (answer) {
      take(disk, step, *answer);
    } else if (step == Step::fingerprint) {
      found_[disk.name] = fingerprint_unread(disk, options_.sysfs_root, doing(step) + answer.error());
      return run_steps(disk, Step::look, until);
    } else {
      disk.problem = doing(step) + answer.error();
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
