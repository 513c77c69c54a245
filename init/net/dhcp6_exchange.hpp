#pragma once
#include <optional>
#include <string>

#include "init/net/dhcp6_timing.hpp"
#include "init/net/links.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {

/// Questions to the DHCPv6 servers of one interface, from its link-local address, and the waiting between them. In each
/// wait SIGUSR1 is heard, and the lease's file removed when its time is over.
class Dhcp6Exchange {
 public:
  using TimePoint = Clock::time_point;

  Dhcp6Exchange() = default;
  Dhcp6Exchange(const Dhcp6Exchange&) = delete;
  Dhcp6Exchange& operator=(const Dhcp6Exchange&) = delete;

  /// Waits for the link-local address; a Failure where the interface is gone.
  Status open(const std::string& interface);
  const Link& link() const { return link_; }

  /// A question of this client, to any server and for any address.
  Dhcp6Question question(Dhcp6Type type) const;
  /// True: heard() answers it. False: `until` came first, it was asked as often as it may be, or all is to be asked for
  /// anew. A Failure where the kernel does not send: the interface or its address is gone.
  Result<bool> ask(Dhcp6Question& question, const Dhcp6Pace& pace, TimePoint until);
  const Dhcp6Answer& heard() const { return heard_; }
  const Address& server() const { return server_; }  ///< where heard() came from
  /// The address that heard() gives this client; nullptr: none.
  const Dhcp6Address* given() const { return address_for(iaid_, heard_); }

  /// Until then, or until all is to be asked for anew.
  void sleep_until(TimePoint until);
  /// SIGUSR1 came: no wait lasts any more, until it is taken note of.
  bool asked_anew = false;

  /// The lease's file stays until then; without a time, for good.
  void hold(const std::string& file, std::optional<TimePoint> to);
  void drop();

 private:
  Result<Address> wait_for_own_address(const std::string& interface);
  bool collect(const Dhcp6Question& question, TimePoint until);
  std::optional<Dhcp6Answer> receive(const Dhcp6Question& question);
  Status send(const Dhcp6Question& question);
  bool wait(TimePoint until);

  Link link_;
  Fd socket_, signals_;
  std::string duid_;
  std::uint32_t iaid_ = 0;
  Dhcp6Answer heard_;
  Address server_;
  std::string file_;
  std::optional<TimePoint> held_to_;
};

}  // namespace lifeboat::init
