#include "init/net/dhcp6_timing.hpp"

#include <algorithm>

namespace lifeboat::init {
namespace {

/// What the kernel's and our clocks can add without a thought.
constexpr std::uint32_t for_ever = 10 * 365 * 86400;

std::chrono::seconds bounded(std::uint32_t seconds) {
  return std::chrono::seconds(std::clamp<std::uint32_t>(seconds, 1, for_ever));
}

}  // namespace

Milliseconds next_pause(const Dhcp6Pace& pace, int times, Milliseconds last, std::uint32_t chance) {
  Milliseconds pause = times == 0 ? pace.first : std::min(2 * last, pace.longest);
  const std::int64_t thousandths = static_cast<std::int64_t>(chance % 201) - 100;
  // RFC 8415, 18.2.1: before the first repetition never less, so that every server had its second.
  return pause + pause * (times == 0 ? std::abs(thousandths) : thousandths) / 1000;
}

Dhcp6Times times_of(const Dhcp6Answer& answer, const Dhcp6Address& address) {
  const std::uint32_t preferred = address.preferred == 0 ? address.valid : address.preferred;
  const auto share = [&](std::uint64_t tenths) { return static_cast<std::uint32_t>(preferred * tenths / 10); };
  std::uint32_t renew = answer.renew_after, rebind = answer.rebind_after;
  if (renew == 0 || renew >= address.valid) renew = share(5);
  if (rebind < renew || rebind >= address.valid) rebind = std::max(renew, share(8));
  return {bounded(renew), bounded(rebind), bounded(address.valid)};
}

}  // namespace lifeboat::init
