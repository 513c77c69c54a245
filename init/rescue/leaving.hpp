#pragma once
#include <string>
#include <vector>

#include "init/disk/as_found.hpp"
#include "init/sys/write_rights.hpp"

namespace lifeboat::init {

/// Undoes the session, unmounts what a person mounted by hand, ends swap, brings what was written to the disks, and
/// stops LVM, RAIDs and LUKS, whoever started them. Returns one line for each that is held on to.
std::vector<std::string> let_go_of_disks();

/// Programs and loop devices that have one of these open ("vda1"): they may still write to it. One line for each
/// device.
std::vector<std::string> find_writers(const std::vector<std::string>& names);

/// Writes what the kernel still holds back of these devices ("vda1", disks before their partitions), and forgets what
/// it read of them. Returns a line for each that could not be; `lost` gets lines about disks that do not answer: trying
/// again would not help.
std::vector<std::string> flush_devices(const std::vector<std::string>& names, std::string& lost);

/// What is to be said about one disk when the session ends.
struct Verdict {
  std::string disk;
  std::vector<std::string> changes;  ///< empty: as found
  bool asked = false;                ///< the person asked to write to it
  std::string problem;               ///< why it could not be compared; empty: it was
  bool gone = false;                 ///< it is not there any more
  bool operator==(const Verdict&) const = default;
};

/// `asked`: WriteRights::ever. `own_disk`, the rescue medium, is left out.
std::vector<Verdict> judge_disks(const AsFound& then, const AsFound& now, const std::vector<WrittenDevice>& asked,
                                 const std::string& own_disk);

/// "as-found", "changed-as-asked", "changed-unasked", and "not-compared" where a disk that is there could not be, or
/// one is gone that could be written to: the worst of all disks'.
const char* status_of(const std::vector<Verdict>& verdicts);

/// One line for each, "  vda  as found"; and what changed below it.
std::string verdict_text(const std::vector<Verdict>& verdicts);

}  // namespace lifeboat::init
