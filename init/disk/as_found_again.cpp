#include <signal.h>
#include <sys/prctl.h>

#include <algorithm>

#include "init/disk/as_found.hpp"
#include "init/disk/discover.hpp"
#include "init/disk/examine.hpp"
#include "init/disk/sysfs.hpp"
#include "init/sys/worker.hpp"

namespace lifeboat::init {
namespace {

std::string read_now(Disk disk, const DiscoverOptions& options) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  static_cast<void>(read_disk(disk, options.device_root));
  return to_json(AsFound{fingerprint(disk, options.sysfs_root)});
}

DiskAsFound take(const Result<std::string>& answer, const Disk& disk, const std::string& sysfs_root) {
  auto found = answer ? as_found_from_json(*answer) : std::nullopt;
  if (found && found->size() == 1) return std::move(found->front());
  return fingerprint_unread(disk, sysfs_root, answer ? "its reader's answer could not be understood" : answer.error());
}

DiskAsFound gone(const std::string& name) {
  DiskAsFound found;
  found.name = name;
  found.problem = gone_words;
  return found;
}

/// The disks that a worker of their own reads, some at a time.
class Rereaders {
 public:
  Rereaders(Loop& loop, const DiscoverOptions& options, const std::vector<Disk>& disks)
      : loop_(loop), options_(options), disks_(disks), found_(disks.size()), left_(disks.size()) {
    for (std::size_t i = 0; i < disks.size(); ++i)
      found_[i] = fingerprint_unread(disks[i], options.sysfs_root, "it was not read: the time for all disks was over");
  }

  AsFound run() {
    for (std::size_t i = 0; i < options_.at_once; ++i) start_next();
    loop_.run_until([this] { return left_ == 0; }, options_.deadline);
    return std::move(found_);
  }

 private:
  void start_next() {
    if (next_ == disks_.size()) return;
    const std::size_t at = next_++;
    Work work;
    work.name = "reading " + disks_[at].path;
    work.limit = options_.limit_of(disks_[at].name);
    work.run = [disk = disks_[at], options = options_] { return read_now(disk, options); };
    work.ended = [this, at](const Result<std::string>& answer) {
      found_[at] = take(answer, disks_[at], options_.sysfs_root);
      --left_;
      start_next();
    };
    start_work(loop_, std::move(work));
  }

  Loop& loop_;
  const DiscoverOptions& options_;
  const std::vector<Disk>& disks_;
  AsFound found_;
  std::size_t next_ = 0;
  std::size_t left_;
};

}  // namespace

AsFound fingerprint_again(const AsFound& then, const DiscoverOptions& options) {
  auto disks = list_disks(options.sysfs_root, options.device_root);
  const auto loop = Loop::create();
  AsFound now;
  if (disks && loop) {
    std::erase_if(
        *disks, [&](const Disk& disk) { return std::ranges::find(then, disk.name, &DiskAsFound::name) == then.end(); });
    now = Rereaders(**loop, options, *disks).run();
  }
  for (const DiskAsFound& disk : then)
    if (std::ranges::find(now, disk.name, &DiskAsFound::name) == now.end()) now.push_back(gone(disk.name));
  return now;
}

}  // namespace lifeboat::init
