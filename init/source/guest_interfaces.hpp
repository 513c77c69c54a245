#pragma once
#include <string>
#include <vector>

namespace lifeboat::init {

struct GuestAddress {
  std::string text;  ///< without a scope
  bool ipv6 = false;
  int prefix_length = 0;
};

/// An interface as its host may know it.
struct GuestInterface {
  std::string name;
  std::string mac;  ///< "52:54:00:12:34:56"; empty for one without
  std::vector<GuestAddress> addresses;
};

/// All that the kernel has, in its order; empty where it does not say.
std::vector<GuestInterface> read_guest_interfaces();

}  // namespace lifeboat::init
