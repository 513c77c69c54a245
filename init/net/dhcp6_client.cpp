#include "init/net/dhcp6_client.hpp"

#include <algorithm>

#include "init/net/dhcp6_exchange.hpp"
#include "init/net/lease.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {
namespace {

using TimePoint = Clock::time_point;
using Seconds = std::chrono::seconds;

/// The kernel's duplicate address detection is over then: a random second, and one to hear.
constexpr Seconds address_check{3};
constexpr Seconds pause_after_refusal{5};

/// Each step is false where nothing came of it: a server refused, the lease is over, or all is to be asked for anew.
class Client {
 public:
  explicit Client(const Dhcp6Options& options)
      : options_(options), file_(options.lease_folder + "/" + options.interface + ".lease6") {}
  Status run();

 private:
  void take_old_lease();
  Status hold_names();
  Status hold_address();
  Result<bool> get_address();
  Result<bool> renew_address(const std::string& server_id, const Address& address, const Dhcp6Times& times,
                             TimePoint bound_at);
  Status hold_leases();
  bool is_taken(const Address& address);
  bool is_taken_back(const Address& address) const;
  Status decline(const std::string& server_id, const Address& address);
  Status keep(const Dhcp6Address& address, std::optional<TimePoint> to);

  Dhcp6Options options_;
  std::string file_;
  Dhcp6Exchange exchange_;
};

Status Client::run() {
  if (Status opened = exchange_.open(options_.interface); !opened) return opened;
  take_old_lease();
  while (true) {
    exchange_.asked_anew = false;
    if (Status held = options_.stateful ? hold_address() : hold_names(); !held) return held;
  }
}

/// How old it is nobody knows, so it may stay as long as a new one.
void Client::take_old_lease() {
  const auto text = read_file(file_);
  const auto lease = text ? parse_lease(*text) : std::nullopt;
  if (!lease || lease->address.address.is_none()) return;
  exchange_.hold(file_, Clock::now() + Seconds(options_.stateful ? lease->seconds : 0));
}

Status Client::hold_names() {
  Dhcp6Question question = exchange_.question(Dhcp6Type::information_request);
  const auto heard = exchange_.ask(question, information_pace, TimePoint::max());
  if (!heard) return heard.failure();
  if (!*heard) return Done{};
  const Dhcp6Address none{Address{true, {}}, 0, exchange_.heard().refresh_after};
  if (Status kept = keep(none, {}); !kept) return kept;
  exchange_.sleep_until(Clock::now() + times_of({}, none).end);
  return Done{};
}

Status Client::hold_address() {
  const auto heard = get_address();
  if (!heard) return heard.failure();
  if (*heard && exchange_.given() != nullptr) return hold_leases();
  exchange_.sleep_until(Clock::now() + pause_after_refusal);
  return Done{};
}

/// Of the best offer, or at once where the server knows Rapid Commit.
Result<bool> Client::get_address() {
  Dhcp6Question solicit = exchange_.question(Dhcp6Type::solicit);
  const auto offered = exchange_.ask(solicit, solicit_pace, TimePoint::max());
  if (!offered || !*offered || exchange_.heard().type == Dhcp6Type::reply) return offered;
  Dhcp6Question request = exchange_.question(Dhcp6Type::request);
  request.server_id = exchange_.heard().server_id;
  request.address = exchange_.given()->address;
  return exchange_.ask(request, request_pace, TimePoint::max());
}

/// Until the lease is lost, somebody else turns out to have the address, or all is to be asked for anew. Where the
/// server does not know the lease any more, another one is asked for while this one still counts.
Status Client::hold_leases() {
  while (const Dhcp6Address* given = exchange_.given()) {
    const Dhcp6Address own = *given;
    const std::string server_id = exchange_.heard().server_id;
    const Dhcp6Times times = times_of(exchange_.heard(), own);
    const TimePoint now = Clock::now();
    if (Status kept = keep(own, now + times.end); !kept) return kept;
    exchange_.sleep_until(now + std::min(times.renew, address_check));
    if (is_taken(own.address)) return decline(server_id, own.address);
    const auto renewed = renew_address(server_id, own.address, times, now);
    if (!renewed) return renewed.failure();
    if (!*renewed) break;
    if (is_taken_back(own.address)) exchange_.drop();
  }
  return Done{};
}

Result<bool> Client::renew_address(const std::string& server_id, const Address& address, const Dhcp6Times& times,
                                   TimePoint bound_at) {
  exchange_.sleep_until(bound_at + times.renew);
  Dhcp6Question again = exchange_.question(Dhcp6Type::renew);
  again.server_id = server_id;
  again.address = address;
  const auto heard = exchange_.ask(again, renew_pace, bound_at + times.rebind);
  if (!heard || *heard) return heard;
  again.type = Dhcp6Type::rebind;
  again.server_id.clear();
  return exchange_.ask(again, renew_pace, bound_at + times.end);
}

/// Whoever set the address meanwhile knows by the kernel.
bool Client::is_taken(const Address& address) {
  auto links = Links::open();
  if (!links) return false;
  const auto all = links->addresses_of_all_states();
  return all && std::ranges::any_of(*all, [&](const LinkAddress& known) {
           return known.index == exchange_.link().index && known.state == AddressState::duplicate &&
                  known.text == to_text(address);
         });
}

/// The server gives it no more time.
bool Client::is_taken_back(const Address& address) const {
  return std::ranges::any_of(exchange_.heard().addresses,
                             [&](const Dhcp6Address& other) { return other.address == address && other.valid == 0; });
}

Status Client::decline(const std::string& server_id, const Address& address) {
  Dhcp6Question question = exchange_.question(Dhcp6Type::decline);
  question.server_id = server_id;
  question.address = address;
  exchange_.drop();
  const auto heard = exchange_.ask(question, decline_pace, TimePoint::max());
  return heard ? Status(Done{}) : Status(heard.failure());
}

Status Client::keep(const Dhcp6Address& address, std::optional<TimePoint> to) {
  Lease lease;
  lease.interface = options_.interface;
  lease.address = {address.address, 128};
  lease.dns = exchange_.heard().dns;
  lease.search = exchange_.heard().search;
  lease.server = exchange_.server();
  lease.seconds = address.valid;
  exchange_.hold(file_, to);
  return replace_file(file_, to_text(lease), 0644);
}

}  // namespace

Status run_dhcp6(const Dhcp6Options& options) {
  if (!is_interface_name(options.interface)) return Failure{"DHCPv6: that is no interface's name"};
  return Client(options).run();
}

}  // namespace lifeboat::init
