#pragma once
#include <cstdint>

#include "init/net/dhcp6_message.hpp"
#include "init/sys/clock.hpp"

namespace lifeboat::init {

/// How a question is repeated (RFC 8415, 15): IRT and MRT there. `most` 0: without end.
struct Dhcp6Pace {
  Milliseconds first;
  Milliseconds longest;
  int most = 0;
};

/// RFC 8415, 7.6; but it has an hour where RFC 3315 had the two minutes here: a machine in need of rescue whose server
/// is back asks soon.
inline constexpr Dhcp6Pace solicit_pace{Milliseconds(1'000), Milliseconds(120'000)};
inline constexpr Dhcp6Pace information_pace = solicit_pace;
inline constexpr Dhcp6Pace request_pace{Milliseconds(1'000), Milliseconds(30'000), 10};
inline constexpr Dhcp6Pace renew_pace{Milliseconds(10'000), Milliseconds(600'000)};
inline constexpr Dhcp6Pace decline_pace{Milliseconds(1'000), Milliseconds(1'000), 4};

/// How long to wait after a question that was repeated `times` times, the last wait having been `last`: twice as long,
/// with a tenth more or less by chance, so that not all machines ask at once.
Milliseconds next_pause(const Dhcp6Pace& pace, int times, Milliseconds last, std::uint32_t chance);

/// When to ask the server again, when any server, and when the address is no more ours; from now on.
struct Dhcp6Times {
  std::chrono::seconds renew;
  std::chrono::seconds rebind;
  std::chrono::seconds end;
  bool operator==(const Dhcp6Times&) const = default;
};

/// By the answer's T1 and T2; where it leaves them to the client, and where they are after the end, half and four
/// fifths of the preferred lifetime (RFC 8415, 14.2 and 21.4). At least a second each, and "for ever" is ten years.
Dhcp6Times times_of(const Dhcp6Answer& answer, const Dhcp6Address& address);

}  // namespace lifeboat::init
