#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "init/sys/result.hpp"

namespace lifeboat::init {

/// Types of messages of /dev/xen/xenbus (Linux, include/xen/interface/io/xs_wire.h).
enum class XenstoreType : std::uint32_t {
  directory = 1,
  read = 2,
  watch = 4,
  write = 11,
  make_folder = 12,
  remove = 13,
  watch_event = 15,
  error = 16
};

struct XenstoreMessage {
  XenstoreType type{};
  std::uint32_t request = 0;  ///< the number that the reply bears; old hosts get it wrong
  std::string payload;
};

/// The protocol's own limit.
inline constexpr std::size_t largest_xenstore_payload = 4096;

/// Header and payload. Outside of transactions.
std::string to_bytes(const XenstoreMessage& message);

/// Cuts what is read into messages.
class XenstoreReader {
 public:
  /// A Failure is the end: what follows cannot be told apart any more.
  Status take(std::string_view bytes);
  /// The next whole one.
  std::optional<XenstoreMessage> next();

 private:
  std::string held_;
};

}  // namespace lifeboat::init
