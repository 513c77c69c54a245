#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "init/sys/fd.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// What the kernel says when a device comes, changes or goes.
struct Uevent {
  std::string action;     ///< "add"
  std::string path;       ///< "/devices/pci0000:00/.../block/vda", below /sys
  std::string subsystem;  ///< "block"
  std::string type;       ///< DEVTYPE: "disk", "partition"; often empty
  std::string node;       ///< below /dev: "vda", "input/event0"; often empty
  std::string alias;      ///< MODALIAS: what asks for a driver; often empty
  std::string damage;  ///< DM_VERITY_ERR_BLOCK_NR: "0,1234", the kind (0: data, 1: hashes) and the block; often empty
};

/// One message of the kernel. Nothing for what is not one ("libudev" messages of udevd, a broken text).
std::optional<Uevent> parse_uevent(std::string_view message);

/// The kernel's own uevents; messages that other processes send to the same group are passed over.
class UeventSocket {
 public:
  static Result<UeventSocket> open();
  const Fd& fd() const { return fd_; }
  /// Reads what has arrived, without waiting.
  void receive(const std::function<void(const Uevent&)>& use);

 private:
  Fd fd_;
};

}  // namespace lifeboat::init
