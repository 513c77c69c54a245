#pragma once
#include <string>
#include <vector>

#include "init/disk/disk_report.hpp"
#include "init/rescue/layers.hpp"
#include "init/rescue/open_plan.hpp"
#include "init/rescue/session.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {

/// What `rescue mount` was asked for.
struct MountRequest {
  std::string word;                  ///< the device; empty: the original's root
  std::vector<std::string> fellows;  ///< more devices that belong to it and not to its clone
  std::string at = "/mnt";
  LayerWish wish;
  bool force = false;  ///< for writing although discovery warns
};

/// A line for each mount below the root: what became of it.
struct MountLine {
  std::string point;
  std::string words;  ///< "/dev/vda2, ext4", or why it is not there
  bool mounted = false;
};

/// Opens and mounts the original's root, then its own fstab below it. Each thing that it does is noted in the session
/// before it is done, so that whatever stops it can be undone.
class Mounting {
 public:
  explicit Mounting(MountRequest request) : request_(std::move(request)) {}

  /// What was done stays in the session when it fails.
  Status run();

  Session session;               ///< of what was done
  std::vector<MountLine> lines;  ///< of the fstab
  std::string title;             ///< "/dev/vda1 (ext4, Debian GNU/Linux 12 (bookworm))"

 private:
  Result<RootPlace> open(RootPlace place);
  std::vector<std::string> named() const;
  std::string joined_names() const;  ///< " vda1 vdb1", as they were typed
  Status open_layers(const OpenPlan& plan);
  Status allow(const std::vector<std::string>& devices);
  Status mount_root(const RootPlace& place, Content& content);
  void mount_fstab(const OperatingSystem& system);
  Status mount_entry(const FstabEntry& entry, const Fd& root, std::string& words);

  MountRequest request_;
  DiskReport report_;
};

}  // namespace lifeboat::init
