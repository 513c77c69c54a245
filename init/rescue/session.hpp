#pragma once
#include <optional>
#include <string>
#include <vector>

#include "init/sys/fd.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// One thing that `rescue mount` did, to be undone by `rescue umount`.
struct SessionStep {
  std::string kind;       ///< "writable" (a device's write protection was lifted), "partition", "luks", "array",
                          ///< "volume", "mount"
  std::string name;       ///< what it made: "rescue-vda2", "/dev/md127", "vg/root", "/mnt/boot"
  std::string device;     ///< of what: "/dev/vda2"
  std::string type = {};  ///< of a mount its file system; of a layer the device that it made: "/dev/mapper/vg-root"
  bool operator==(const SessionStep&) const = default;
};

/// What is open now: /run/lifeboat/session.json, replaced whole after each step, so that an interrupted command can be
/// undone as well.
struct Session {
  std::string at = "/mnt";         ///< where the original's root is mounted
  std::string device;              ///< the root's device as it is mounted: "/dev/mapper/vg-root"
  std::string subvolume;           ///< of a btrfs; empty: none
  bool write = false;              ///< mounted for writing
  std::vector<SessionStep> steps;  ///< in the order in which they were done
  bool operator==(const Session&) const = default;
};

/// One command at a time changes what is open, as long as it keeps this. A Failure: another is at it.
Result<Fd> lock_session();

/// Nothing: nothing is mounted. A Failure: the file is there and makes no sense.
Result<std::optional<Session>> read_session();
/// One without steps removes the file.
Status write_session(const Session& session);

}  // namespace lifeboat::init
