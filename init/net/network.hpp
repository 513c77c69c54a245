#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "init/net/lease.hpp"
#include "init/net/links.hpp"
#include "init/sys/folder_watch.hpp"
#include "init/sys/loop.hpp"
#include "init/sys/service.hpp"

namespace lifeboat::init {

/// One network card and what it got.
struct Interface {
  Link link;
  std::vector<LinkAddress> addresses;   ///< without link-local ones
  bool link_local = false;              ///< it has an IPv6 link-local address that is ready
  std::optional<Lease> lease;           ///< as it is set
  std::uint32_t metric = 0;             ///< of its routes: the first card has the smallest
  Clock::time_point carrier_since{};    ///< only with carrier
  Clock::time_point addressed_since{};  ///< only with addresses
};

struct NetworkOptions {
  std::string busybox;      ///< for udhcpc
  std::string dhcp_script;  ///< our own binary under the name lifeboat-dhcp
  std::string lease_folder;
  std::string resolv_conf;
  std::string sysfs = "/sys/class/net";  ///< a card has a `device` there; what software made has none
};

/// The name of a card's DHCP client among the services.
std::string dhcp_service_name(const std::string& interface);

/// All cards, side by side: brought up, DHCP on each that has a carrier (for as long as the system runs), IPv6 by the
/// kernel. The one place that sets addresses, routes, MTU and resolv.conf.
class Network {
 public:
  /// `tell` takes lines for the report; `changed` is called whenever an address or a carrier came or went.
  Network(Loop& loop, Services& services, NetworkOptions options, std::function<void(const std::string&)> tell,
          std::function<void()> changed);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  Status start();
  /// Every card's lease is asked for anew: of the server that gave it, and at the next call, where that one kept
  /// silent, of any. For machines that are moved to another network without a word (Ironic).
  void renew();

  /// Every card with a carrier has an address, or waiting longer makes little sense: some seconds after the first
  /// address, or where there is no carrier or no card at all. The caller has the last bound.
  bool settled() const;
  std::vector<Interface> interfaces() const;
  /// Of all cards, IPv4 first.
  std::vector<std::string> addresses() const;

 private:
  void refresh();
  void take_links(const std::vector<Link>& links);
  void take_link(const Link& link);
  void take_addresses(const std::vector<LinkAddress>& addresses);
  void start_dhcp(const std::string& name);
  void take_lease(const std::string& file);
  void apply(Interface& interface, const Lease& lease);
  void withdraw(Interface& interface);
  void write_resolv_conf();
  void check(const Status& status);
  bool is_card(const Link& link) const;

  Loop& loop_;
  Services& services_;
  NetworkOptions options_;
  std::function<void(const std::string&)> tell_;
  std::function<void()> changed_;
  std::optional<Links> links_;
  std::optional<Netlink> events_;
  std::optional<FolderWatch> leases_;
  std::map<std::string, Interface> cards_;
  Clock::time_point started_{};
};

}  // namespace lifeboat::init
