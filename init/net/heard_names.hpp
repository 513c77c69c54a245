#pragma once
#include <optional>
#include <string>
#include <vector>

#include "init/net/resolver.hpp"
#include "init/net/router_options.hpp"
#include "init/sys/clock.hpp"

namespace lifeboat::init {

/// Name servers and domains that the routers of one link advertise, each for as long as they said (RFC 8106): the
/// newest first, at most most_router_values of each.
class HeardNames {
 public:
  /// `interface`: for link-local servers. A lifetime of nothing takes what is named away.
  void take(const RouterNames& names, const std::string& interface, Clock::time_point now);
  /// Drops what is over; `now` is over for what ends then.
  void expire(Clock::time_point now);
  /// When expire() has something to do again; nothing: never.
  std::optional<Clock::time_point> next_end() const;
  Names names() const;

 private:
  struct Entry {
    std::string value;
    Clock::time_point end;  ///< the last one there is: never
  };
  static void take(std::vector<Entry>& entries, const std::string& value, Clock::time_point end, bool gone);
  std::vector<Entry> servers_, search_;
};

}  // namespace lifeboat::init
