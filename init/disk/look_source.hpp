#pragma once
#include <string>
#include <vector>

#include "init/disk/pieces.hpp"
#include "init/disk/running_devices.hpp"
#include "init/disk/sources.hpp"

namespace lifeboat::init {

/// What lies in an array, a volume or an opened device; what it is a piece of itself, where it is one.
struct Looked {
  Content content;
  std::vector<Piece> pieces;
};

/// How many devices of device mapper one look makes at most: "NAME-0", "NAME-1" ...
constexpr int most_look_devices = 8;

/// Removes them, now or as soon as their last user lets go.
void remove_look_devices(const std::string& name);
bool is_look_device(const RunningDevice& device);
/// Those of processes that are no more: their names begin with "lifeboat-look-PID-".
void remove_old_look_devices(const std::vector<RunningDevice>& running);

/// Looks through read-only devices of device mapper, which are gone when it returns; a RAID 4, 5 or 6, or where there
/// are none to be had, through its first bytes alone: they say what it holds, no more. Blocks as its disks do.
Looked look_at_source(const LayerSources& sources, const LayerSource& source, const std::string& name);

/// Looks at one that runs.
Looked look_at_device(const std::string& node);

std::string looked_to_json(const Looked& looked);
Looked looked_from_json(const std::string& text);

}  // namespace lifeboat::init
