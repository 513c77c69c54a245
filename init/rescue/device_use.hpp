#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "init/sys/fd.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// A block device that nobody uses, open for reading; O_EXCL keeps others from mounting it while this lives.
struct FreeDevice {
  std::string path;  ///< "/dev/vda1", links followed
  std::string name;  ///< the kernel's: "vda1"
  std::uint64_t size = 0;
  Fd fd;
};

/// "vda1", "/dev/vda1" and "/dev/mapper/vg-root" name a device. A Failure says that there is none, or who uses it: a
/// mount, swap, a RAID or a volume on it, a process.
Result<FreeDevice> take_device(std::string_view word);

/// The words for who uses a device: "it is mounted at /mnt", "md127 lies on it"; empty: nobody that can be named.
std::string device_users(const std::string& path);

/// Asks on the terminal; true: "y" or "yes" was typed. False also without a terminal.
bool ask_yes(std::string_view question);

}  // namespace lifeboat::init
