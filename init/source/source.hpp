#pragma once
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "init/source/findings.hpp"
#include "init/source/http.hpp"
#include "init/source/platform.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// Nothing is there: no news, unlike a Failure whose text a person should read. `why` completes "NAME: ...".
Failure nothing_there(std::string why);
bool is_nothing_there(const Failure& failure);

/// Firmware, the kernel or our own medium hand it over: it is there at once, or not at all.
struct FirmwareSource {
  std::span<const char* const> modules;  ///< drivers that show it, loaded first
  Result<Findings> (*read)(const Platform& platform);
};

/// A file system on a whole device, known by its label (in any case). `read` gets it mounted read-only.
struct VolumeSource {
  std::string_view label;  ///< empty: any CD of a machine that `belongs`, since the platform labels it as it likes
  Result<Findings> (*read)(const std::string& folder, const Platform& platform);
  Belonging (*belongs)(const Platform& platform) = nullptr;  ///< nullptr: to all
};

/// A metadata service, asked over each interface as soon as it has an address of the family; by IPv6 a link-local one,
/// unless the service is behind a router.
struct NetworkSource {
  Belonging (*belongs)(const Platform& platform);
  Result<Findings> (*read_ipv4)(HttpClient& http);
  Result<Findings> (*read_ipv6)(HttpClient& http);               ///< nullptr: it has no IPv6 address
  bool (*is_behind_router)(const Platform& platform) = nullptr;  ///< by IPv6; nullptr: it is on the link
  bool before_dhcp = false;  ///< the platform has no DHCP: it is asked from a link-local IPv4 address
};

/// A program of ours that stays and waits for the platform's wishes: `lifeboat-agent NAME` (source/agent.hpp). Each of
/// its answers replaces its former one.
struct AgentSource {
  Belonging (*belongs)(const Platform& platform);
  std::string_view agent;  ///< NAME
};

struct Source {
  std::string_view name;  ///< for people: "config drive", "GCE metadata service"
  std::variant<FirmwareSource, VolumeSource, NetworkSource, AgentSource> how;
};

/// Whether this machine's metadata service is asked from a link-local IPv4 address, since there is no DHCP.
bool is_asked_before_dhcp(const Platform& platform);

/// The one table: all sources, in the order of precedence.
std::span<const Source> all_sources();

}  // namespace lifeboat::init
