#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/net/address.hpp"

namespace lifeboat::init {

/// RFC 8415, 7.3.
enum class Dhcp6Type : std::uint8_t {
  solicit = 1,
  advertise = 2,
  request = 3,
  renew = 5,
  rebind = 6,
  reply = 7,
  decline = 9,
  information_request = 11
};

/// RFC 8415, 21.13: every other status means that there is nothing to have.
inline constexpr std::uint16_t dhcp6_success = 0;

/// An address and for how long, in seconds; 0xffffffff is for ever.
struct Dhcp6Address {
  Address address;
  std::uint32_t preferred = 0;
  std::uint32_t valid = 0;
  bool operator==(const Dhcp6Address&) const = default;
};

/// What a client says.
struct Dhcp6Question {
  Dhcp6Type type = Dhcp6Type::solicit;
  std::uint32_t transaction = 0;  ///< 24 bits
  std::string client_id;          ///< a DUID
  std::string server_id;          ///< empty: to any
  std::uint32_t iaid = 0;
  std::optional<Address> address;  ///< nothing: whichever the server likes
  std::uint16_t elapsed = 0;       ///< hundredths of a second since the first of these questions
};

/// What a server says; what is no good is left out.
struct Dhcp6Answer {
  Dhcp6Type type = Dhcp6Type::reply;
  std::uint32_t transaction = 0;
  std::string client_id;
  std::string server_id;
  std::uint8_t preference = 0;
  bool rapid_commit = false;
  std::uint16_t status = dhcp6_success;  ///< of the whole, or of the identity association where that is worse
  std::optional<std::uint32_t> iaid;     ///< of the first IA_NA
  std::uint32_t renew_after = 0;         ///< T1 in seconds; 0: the client's choice
  std::uint32_t rebind_after = 0;        ///< T2
  std::vector<Dhcp6Address> addresses;   ///< usable; those with `valid` 0 are taken back
  std::vector<Address> dns;
  std::vector<std::string> search;
  std::uint32_t refresh_after = 86400;  ///< information refresh time (32): at least 600
};

/// Most addresses, servers or domains of one answer.
inline constexpr std::size_t most_dhcp6_values = 16;

/// DUID-LL: made of the MAC alone, so that a server knows the machine again after each boot. Empty without one.
std::string duid_of(std::string_view mac);

std::string to_bytes(const Dhcp6Question& question);
/// Advertise and Reply with both ids, as RFC 8415, 16.3 and 16.10 demand; nothing for every other message, and for one
/// whose options do not end where they say.
std::optional<Dhcp6Answer> parse_dhcp6(std::string_view bytes);

/// Whether it is a reply to this very question (RFC 8415, 16). An offer without an address is none.
bool answers(const Dhcp6Question& question, const Dhcp6Answer& answer);
/// The address that the answer gives to that identity association; nullptr: none.
const Dhcp6Address* address_for(std::uint32_t iaid, const Dhcp6Answer& answer);

}  // namespace lifeboat::init
