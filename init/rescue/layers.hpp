#pragma once
#include <string>
#include <vector>

#include "init/rescue/open_plan.hpp"
#include "init/rescue/session.hpp"

namespace lifeboat::init {

struct LayerWish {
  bool write = false;
  std::string key_file;  ///< of LUKS; "-": standard input; empty: it is asked for
};

/// The command line that opens an array: of these devices alone, and for reading without a change to its members.
std::vector<std::string> assemble_words(const OpenStep& step, bool write);

/// How LVM is to activate a volume.
enum class VolumeMode {
  read_only,       ///< as a read-only device
  behind_barrier,  ///< as its driver wants, over devices that refuse each write
  writable
};

/// The words between lvchange and the volume: only these physical volumes, no monitoring, no other volume.
std::vector<std::string> volume_words(const std::vector<std::string>& devices, const std::string& group,
                                      VolumeMode mode);

/// Opens it, noted in the session first.
Status open_layer(const OpenStep& step, const LayerWish& wish, Session& session);

/// Closes what open_layer() made, by its step of the session. What is not there any more is closed.
Status close_layer(const SessionStep& step);

}  // namespace lifeboat::init
