#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "init/source/xenstore_wire.hpp"
#include "init/sys/clock.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// Xen's store of small values, through the kernel's device. Paths without a leading '/' are the machine's own. Each
/// call is one exchange, bounded; after a Failure with number 0 the connection is of no more use.
class Xenstore {
 public:
  /// `device`: opened for reading and writing.
  explicit Xenstore(Fd device, Milliseconds limit = Milliseconds(5'000));

  /// ENOENT: there is none.
  Result<std::string> read(const std::string& path);
  Result<std::vector<std::string>> list(const std::string& path);
  Status write(const std::string& path, std::string_view value);
  Status make_folder(const std::string& path);
  Status remove(const std::string& path);
  /// Changes below the path are told from now on.
  Status watch(const std::string& path);
  /// Until a change is told, or for so long. A Failure: the connection is of no more use.
  Status await_change(Milliseconds longest);

 private:
  Result<std::string> exchange(XenstoreType type, const std::string& payload, const std::string& path);
  Status send(std::string_view bytes, Clock::time_point until);
  /// Reads what is there, until then at the latest.
  Status receive(Clock::time_point until);

  Fd device_;
  Milliseconds limit_;
  XenstoreReader reader_;
  std::uint32_t requests_ = 0;
  bool changed_ = false;  ///< told while a reply was awaited
};

}  // namespace lifeboat::init
