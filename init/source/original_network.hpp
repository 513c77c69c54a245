#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "init/net/plan.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// A file of an installed system's network configuration.
struct NetworkFile {
  std::string path;  ///< in its root: "etc/network/interfaces"; of a credential its name alone
  std::string text;
};

/// What an installed system's files, each of its own kind and all of one kind, say of its network. Nothing of theirs is
/// run; what they say that no login needs (firewalls, Wi-Fi, tunnels) is left out, and a link that has it is noted.
/// One that the system did not bring up when it started is left out as well.

/// ifupdown: etc/network/interfaces and, where it says `source`, what lies beside it.
NetworkPlan parse_interfaces(const std::vector<NetworkFile>& files);
/// The same of one file's text alone, as clouds hand it out.
Result<NetworkPlan> parse_interfaces_file(std::string_view text);
/// Red Hat's etc/sysconfig/network-scripts/ifcfg-*, route-*, route6-*, and etc/sysconfig/network.
NetworkPlan parse_ifcfg(const std::vector<NetworkFile>& files);
/// NetworkManager's keyfiles: etc/NetworkManager/system-connections/*.
NetworkPlan parse_keyfiles(const std::vector<NetworkFile>& files);
/// systemd-networkd's *.network and *.netdev, and of *.link which MAC address has which name. In the order of their
/// names: the first that fits a card counts.
NetworkPlan parse_networkd(const std::vector<NetworkFile>& files);

/// Where all of these lie, and netplan's: files and folders of an installed system.
std::vector<std::string> original_network_paths();

/// What of them configures the network, and its name for people: "netplan (etc/netplan/50-cloud-init.yaml)".
struct OriginalNetwork {
  std::string origin;  ///< empty: none
  NetworkPlan plan;
};

/// Of `files` that lie there. Where a system has several kinds, the first that has a link counts.
OriginalNetwork find_original_network(const std::vector<NetworkFile>& files);

/// Behind the last '/'.
std::string_view base_name(std::string_view path);

}  // namespace lifeboat::init
