#include "init/source/guest_interfaces.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <memory>

namespace lifeboat::init {
namespace {

/// The address's bytes behind the family's head. A copy: the kernel's list gives no alignment for casts.
template <class Address>
Address as(const sockaddr* address) {
  Address copy{};
  std::memcpy(&copy, address, sizeof copy);
  return copy;
}

template <class Bytes>
int ones(const Bytes& mask) {
  std::array<unsigned char, sizeof mask> bytes{};
  std::memcpy(bytes.data(), &mask, sizeof mask);
  int count = 0;
  for (const unsigned char byte : bytes) count += __builtin_popcount(byte);
  return count;
}

std::string mac_text(const sockaddr_ll& address) {
  if (address.sll_halen != 6) return "";
  std::array<char, 18> text{};
  const unsigned char* mac = address.sll_addr;
  std::snprintf(text.data(), text.size(), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
                mac[5]);
  return text.data();
}

GuestAddress make_address(int family, const void* bytes, int prefix_length) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family, bytes, text.data(), text.size());
  return {text.data(), family == AF_INET6, prefix_length};
}

void take(const ifaddrs& entry, GuestInterface& interface) {
  if (entry.ifa_addr == nullptr) return;
  const int family = entry.ifa_addr->sa_family;
  if (family == AF_PACKET) interface.mac = mac_text(as<sockaddr_ll>(entry.ifa_addr));
  if (entry.ifa_netmask == nullptr) return;
  if (family == AF_INET) {
    const auto address = as<sockaddr_in>(entry.ifa_addr), mask = as<sockaddr_in>(entry.ifa_netmask);
    interface.addresses.push_back(make_address(family, &address.sin_addr, ones(mask.sin_addr)));
  }
  if (family == AF_INET6) {
    const auto address = as<sockaddr_in6>(entry.ifa_addr), mask = as<sockaddr_in6>(entry.ifa_netmask);
    interface.addresses.push_back(make_address(family, &address.sin6_addr, ones(mask.sin6_addr)));
  }
}

}  // namespace

std::vector<GuestInterface> read_guest_interfaces() {
  std::vector<GuestInterface> interfaces;
  ifaddrs* list = nullptr;
  if (::getifaddrs(&list) != 0) return interfaces;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, ::freeifaddrs);
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    auto found = std::ranges::find(interfaces, entry->ifa_name, &GuestInterface::name);
    if (found == interfaces.end()) found = interfaces.insert(found, GuestInterface{entry->ifa_name, "", {}});
    take(*entry, *found);
  }
  return interfaces;
}

}  // namespace lifeboat::init
