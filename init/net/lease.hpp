#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/net/address.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

struct Route {
  Prefix to;
  Address gateway;           ///< none: the network itself is on the link
  std::uint32_t metric = 0;  ///< 0: the interface's own
  bool operator==(const Route&) const = default;
};

/// What a DHCP server gave to one interface, every value checked.
struct Lease {
  std::string interface;
  Prefix address;             ///< "::/128": stateless DHCPv6 gives names alone
  std::vector<Route> routes;  ///< in the order to set them: on-link first, the default route last
  int mtu = 0;                ///< 0: not given
  std::vector<Address> dns;
  std::vector<std::string> search;
  std::string hostname;
  Address server;
  std::uint32_t seconds = 0;       ///< how long it is valid
  std::vector<std::string> notes;  ///< values that were left out, and why
  bool operator==(const Lease&) const = default;
};

/// Looks up an environment variable; nullptr where it is not set.
using Environment = std::function<const char*(const char* name)>;

/// What busybox's udhcpc hands to its script. With classless routes (option 121, or Microsoft's 249) the router option
/// is passed over, as RFC 3442 demands. A value that is no good is left out with a note; a Failure without a usable
/// address.
Result<Lease> lease_from_environment(const Environment& environment);

/// The file that the script leaves for PID 1: lines "key=value".
std::string to_text(const Lease& lease);
std::optional<Lease> parse_lease(std::string_view text);

/// Whether the name can be one component of the kernel's interface names: it becomes a part of paths.
bool is_interface_name(std::string_view name);
/// Letters, digits, '-', '.', as in RFC 1123; at most 253.
bool is_host_name(std::string_view name);

}  // namespace lifeboat::init
