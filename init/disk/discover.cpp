#include "init/disk/discover.hpp"

#include <signal.h>
#include <sys/prctl.h>

#include <functional>
#include <iterator>
#include <map>
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

/// Has every disk read in a worker of its own, `at_once` of them at a time.
class Readers {
 public:
  Readers(Loop& loop, const DiscoverOptions& options, std::vector<Disk>& disks, bool fingerprints)
      : loop_(loop),
        options_(options),
        disks_(disks),
        pieces_(disks.size()),
        left_(disks.size()),
        fingerprints_(fingerprints) {}

  void run() {
    for (std::size_t i = 0; i < options_.at_once; ++i) start_next();
    loop_.run_until([this] { return left_ == 0; }, options_.deadline);
    for (Disk& disk : disks_)
      if (!finished_.contains(&disk)) disk.problem = "it was not read: the time for all disks was over";
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
  std::vector<Piece> take_pieces() {
    std::vector<Piece> all;
    for (std::vector<Piece>& some : pieces_) std::move(some.begin(), some.end(), std::back_inserter(all));
    return all;
  }

 private:
  void start_next() {
    if (next_ == disks_.size()) return;
    Disk& disk = disks_[next_++];
    const Clock::time_point until = Clock::now() + options_.disk_deadline;
    const auto read = [root = options_.device_root](Disk& copy) { return pieces_to_json(read_disk(copy, root)); };
    start_step(disk, "reading ", until, read, [this, &disk, until] {
      start_fingerprint(disk, until, [this, &disk, until] {
        const auto look = [root = options_.device_root](Disk& copy) {
          look_inside_disk(copy, root);
          return std::string();
        };
        start_step(disk, "looking inside ", until, look, [this, &disk] { finish(disk); });
      });
    });
  }

  /// Where fingerprints are asked for. Before anybody looks inside; half of the time that is left is for the look.
  void start_fingerprint(const Disk& disk, Clock::time_point until, const std::function<void()>& next) {
    if (!fingerprints_) return next();
    Work work;
    work.name = "reading the ends of " + disk.path;
    work.limit = std::max(std::chrono::duration_cast<Milliseconds>(until - Clock::now()) / 2, Milliseconds(1));
    work.run = [disk, sysfs = options_.sysfs_root] {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      return to_json(AsFound{fingerprint(disk, sysfs)});
    };
    work.ended = [this, &disk, next](const Result<std::string>& answer) {
      const auto found = answer ? as_found_from_json(*answer) : std::nullopt;
      if (found && found->size() == 1) found_[disk.name] = found->front();
      if (!answer) found_[disk.name] = fingerprint_unread(disk, options_.sysfs_root, answer.error());
      next();
    };
    start_work(loop_, std::move(work));
  }

  /// Runs `step` on a copy of the disk in a worker; then the disk is what the worker made of it, what the step returned
  /// (pieces_to_json) is kept, and `next` goes on.
  void start_step(Disk& disk, const std::string& doing, Clock::time_point until,
                  const std::function<std::string(Disk&)>& step, const std::function<void()>& next) {
    Work work;
    work.name = doing + disk.path;
    work.limit = std::max(std::chrono::duration_cast<Milliseconds>(until - Clock::now()), Milliseconds(1));
    work.run = [copy = disk, step]() mutable {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      const std::string pieces = step(copy);
      return disk_to_json(copy) + '\0' + pieces;  // neither holds a zero byte
    };
    work.ended = [this, &disk, next](const Result<std::string>& answer) { take(disk, answer, next); };
    start_work(loop_, std::move(work));
  }

  void take(Disk& disk, const Result<std::string>& answer, const std::function<void()>& next) {
    const std::size_t end = answer ? answer->find('\0') : std::string::npos;
    std::optional<Disk> read = end == std::string::npos ? std::nullopt : disk_from_json(answer->substr(0, end));
    if (read) {
      disk = std::move(*read);
      if (auto pieces = pieces_from_json(answer->substr(end + 1)); !pieces.empty())
        pieces_[static_cast<std::size_t>(&disk - disks_.data())] = std::move(pieces);
      return next();
    }
    disk.problem = answer ? "its reader's answer could not be understood" : answer.error();
    finish(disk);
  }

  void finish(const Disk& disk) {
    finished_.insert(&disk);
    --left_;
    start_next();
  }

  Loop& loop_;
  const DiscoverOptions& options_;
  std::vector<Disk>& disks_;
  std::vector<std::vector<Piece>> pieces_;  ///< of each disk
  std::size_t next_ = 0;
  std::size_t left_;
  std::set<const Disk*> finished_;
  bool fingerprints_;
  std::map<std::string, DiskAsFound> found_;
};

}  // namespace

DiskReport discover_disks(const DiscoverOptions& options, AsFound* found) {
  DiskReport report;
  auto disks = list_disks(options.sysfs_root, options.device_root);
  auto loop = Loop::create();
  if (!disks) report.problems.push_back(disks.error());
  if (!loop) report.problems.push_back(loop.error());
  if (disks) report.disks = std::move(*disks);
  for (const std::string& name : read_protected_by_us())
    for (Disk& disk : report.disks)
      if (disk.name == name && options.sysfs_root == "/sys") disk.read_only = false;
  if (loop) {
    Readers readers(**loop, options, report.disks, found != nullptr);
    readers.run();
    if (found != nullptr) *found = readers.found();
    look_into_layers(**loop, options, readers.take_pieces(), report);
  }
  choose_original(report, {options.own_disk, options.build_id, options.own_disk_is_guess});
  check_across_disks(report);
  resolve_all_fstabs(report);
  add_boot_places(report);
  return report;
}

}  // namespace lifeboat::init
