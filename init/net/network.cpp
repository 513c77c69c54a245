#include "init/net/network.hpp"

#include <linux/rtnetlink.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>

#include "init/net/card_names.hpp"
#include "init/sys/mount.hpp"

namespace lifeboat::init {
namespace {

/// How long the others may take once one card has its address, and IPv4 once there is an IPv6 address.
constexpr Milliseconds grace{3'000};
constexpr Milliseconds wait_for_a_card{4'000};
constexpr Milliseconds wait_for_a_carrier{8'000};
/// How long DHCP waits for the drives to be looked at.
constexpr Milliseconds documents_go_first{3'000};
/// After a refresh that took this long, others have their turn: with a flood of routers, each with routes that the
/// kernel lists, a fifth of one processor goes here.
constexpr Milliseconds long_refresh{50};
constexpr int rest_per_refresh = 4;
/// In whose events changes of a router's M and O flags come.
constexpr std::uint32_t ipv6_flags_group = RTMGRP_IPV6_IFINFO;
constexpr std::uint32_t router_options_group = std::uint32_t{1} << (RTNLGRP_ND_USEROPT - 1);
/// A bond, the VLAN on it, a bridge on that: no plan nests deeper.
constexpr int most_build_rounds = 6;

/// Router advertisements count although forwarding may be on; replies leave by the card they came in on or another.
void prepare_kernel() {
  for (const char* scope : {"all", "default"}) {
    const std::string name = scope;
    static_cast<void>(write_file("/proc/sys/net/ipv6/conf/" + name + "/accept_ra", "2"));
    static_cast<void>(write_file("/proc/sys/net/ipv4/conf/" + name + "/rp_filter", "2"));
  }
}

/// Of the default routes that the kernel makes of router advertisements (Linux 5.12 and newer): behind ours of the
/// card.
void set_router_metric(const std::string& interface, std::uint32_t metric) {
  static_cast<void>(write_file("/proc/sys/net/ipv6/conf/" + interface + "/ra_defrtr_metric",
                               std::to_string(router_metric_offset + metric)));
}

bool settled_card(const Interface& card, Clock::time_point now) {
  if (card.member) return true;
  const bool as_planned =
      !card.origin.empty() && !card.dhcp && !card.tentative && !card.settings.wish().addresses.empty();
  if (card.addresses.empty()) return false;
  return card.lease || as_planned || now - card.addressed_since >= grace;
}

}  // namespace

Network::Network(Loop& loop, Services& services, NetworkOptions options, std::function<void(const std::string&)> tell,
                 std::function<void()> changed)
    : loop_(loop),
      services_(services),
      options_(std::move(options)),
      tell_(std::move(tell)),
      changed_(std::move(changed)) {}

Network::~Network() {
  if (events_) loop_.unwatch(events_->fd());
  if (leases_) loop_.unwatch(leases_->fd());
}

Status Network::start() {
  started_ = Clock::now();
  for (Milliseconds wake : {wait_for_a_card, wait_for_a_carrier}) loop_.after(wake, [] {});
  prepare_kernel();
  if (Status made = make_folders(options_.lease_folder); !made) return made;
  auto links = Links::open();
  if (!links) return links.failure();
  links_ = std::move(*links);
  auto events = Netlink::open(NETLINK_ROUTE, RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV6_ROUTE |
                                                 ipv6_flags_group | router_options_group);
  if (!events) return events.failure();
  events_ = std::move(*events);
  auto leases = FolderWatch::open(options_.lease_folder);
  if (!leases) return leases.failure();
  leases_ = std::move(*leases);
  check(loop_.watch(events_->fd(), EPOLLIN, [this](std::uint32_t) {
    static_cast<void>(events_->receive_events([this](const NetlinkMessage& message) {
      for (const RouterNames& names : parse_router_options(message)) take_router_names(names);
    }));
    refresh_soon();
  }));
  check(loop_.watch(leases_->fd(), EPOLLIN, [this](std::uint32_t) {
    leases_->receive([this](const std::string& file) { take_lease(file); });
    refresh();
  }));
  loop_.after(documents_go_first, [this] { begin_dhcp(); });
  refresh();
  return Done{};
}

void Network::begin_dhcp() {
  if (std::exchange(dhcp_may_begin_, true)) return;
  refresh();
}

void Network::take_plan(const NetworkPlan& plan, const std::string& origin) {
  if (plan == given_ && origin == origin_) return;
  for (const std::string& note : plan.notes) tell_(origin + ": " + note);
  if (links_)
    if (const auto there = links_->list()) built_.remove(*links_, *there);
  given_ = plan_ = plan;
  known_cards_.clear();
  origin_ = origin;
  ++plans_;
  for (auto& [name, card] : cards_) {
    card.silent.clear();
    card.dhcp_beside_plan = false;
  }
  if (links_) refresh();
}

std::vector<std::string> Network::missing_cards() const {
  std::vector<std::string> missing;
  for (const PlannedLink& link : plan_.links)
    if (std::ranges::find(assignment_.missing, link.id) != assignment_.missing.end())
      missing.push_back(link.mac.empty() ? link.id : link.id + " (" + link.mac + ")");
  return missing;
}

/// udhcpc's own signal, and our client's: it renews; one that is still waiting for that starts over.
void Network::renew() {
  for (const auto& [name, card] : cards_) {
    services_.signal(dhcp_service_name(name), SIGUSR1);
    services_.signal(dhcp6_service_name(name), SIGUSR1);
  }
}

void Network::refresh_soon() {
  if (waiting_ != 0) return;
  const auto rest = std::chrono::duration_cast<Milliseconds>(rest_until_ - Clock::now());
  if (rest <= Milliseconds(0)) return refresh();
  waiting_ = loop_.after(rest, [this] {
    waiting_ = 0;
    refresh();
  });
}

void Network::refresh() {
  const Clock::time_point begun = Clock::now();
  take_all();
  const Clock::time_point now = Clock::now();
  if (now - begun >= long_refresh) rest_until_ = now + rest_per_refresh * (now - begun);
}

/// Asks the kernel for everything anew: an event that was lost then costs nothing.
void Network::take_all() {
  auto links = links_->list();
  if (!links) return check(links.failure());
  know_cards(*links);
  take_links(build_links(std::move(*links)));
  auto addresses = links_->addresses_of_all_states();
  if (!addresses) return check(addresses.failure());
  take_addresses(*addresses);
  take_routers();
  for (auto& [name, card] : cards_) configure(card);
  expire_names();
  write_resolv_conf();
  changed_();
}

/// Documents call cards by names that other systems gave them. Asked anew whenever a card came or went.
void Network::know_cards(const std::vector<Link>& links) {
  std::vector<std::string> cards;
  for (const Link& link : links)
    if (is_card(link)) cards.push_back(link.name);
  if (given_.links.empty() || cards == known_cards_) return;
  known_cards_ = std::move(cards);
  plan_ = given_;
  const std::size_t notes = plan_.notes.size();
  name_cards_by_mac(plan_, list_cards(options_.sysfs));
  for (std::size_t i = notes; i < plan_.notes.size(); ++i) tell_(origin_ + ": " + plan_.notes[i]);
}

std::vector<Link> Network::build_links(std::vector<Link> links) {
  for (int round = 0; round < most_build_rounds; ++round) {
    std::vector<Link> cards;
    std::ranges::copy_if(links, std::back_inserter(cards), [this](const Link& link) { return is_card(link); });
    assignment_ = assign(plan_, cards);
    if (!built_.build(*links_, plan_, assignment_, links, [this](const Status& status) { check(status); })) break;
    auto now = links_->list();
    if (!now) break;
    links = std::move(*now);
  }
  return links;
}

void Network::take_links(const std::vector<Link>& links) {
  for (const Link& link : links)
    if (link.loopback && !link.up) check(links_->set_up(link));
  for (const Link& link : links)
    if (is_card(link) || built_.made(link.name)) take_link(link);
  for (auto card = cards_.begin(); card != cards_.end();) {
    const bool there = std::ranges::any_of(links, [&](const Link& link) { return link.name == card->first; });
    if (!there) {
      services_.stop(dhcp_service_name(card->first));
      services_.stop(dhcp6_service_name(card->first));
    }
    card = there ? std::next(card) : cards_.erase(card);
  }
}

void Network::take_link(const Link& link) {
  const auto [entry, is_new] = cards_.try_emplace(link.name);
  Interface& card = entry->second;
  const bool carrier_came = link.carrier && !card.link.carrier;
  card.link = link;
  card.member = link.master != 0 || is_planned_member(plan_, assignment_, link.name);
  if (is_new) {
    card.metric = 100 * static_cast<std::uint32_t>(cards_.size());
    set_router_metric(link.name, card.metric);
    if (!link.up && !card.member) check(links_->set_up(link));
  }
  if (carrier_came) card.carrier_since = Clock::now();
}

void Network::take_addresses(const std::vector<LinkAddress>& addresses) {
  for (auto& [name, card] : cards_) {
    const bool had = !card.addresses.empty();
    card.addresses.clear();
    card.duplicates.clear();
    card.link_local = card.tentative = false;
    for (const LinkAddress& address : addresses) {
      if (address.index != card.link.index) continue;
      if (address.state == AddressState::duplicate) card.duplicates.push_back(address.text);
      if (address.state == AddressState::tentative && !address.link_local) card.tentative = true;
      if (address.state != AddressState::ready) continue;
      if (address.link_local)
        card.link_local = true;
      else
        card.addresses.push_back(address);
    }
    for (const std::string& duplicate : card.duplicates)
      tell_(name + ": another machine on the network has the address " + duplicate + " already: it stays unused");
    if (had || card.addresses.empty()) continue;
    card.addressed_since = Clock::now();
    loop_.after(grace, [] {});  // so that settled() is asked again then
  }
}

void Network::take_lease(const std::string& file) {
  const bool ipv6 = file.ends_with(".lease6");
  if (!ipv6 && !file.ends_with(".lease")) return;
  const auto card = cards_.find(file.substr(0, file.rfind('.')));
  if (card == cards_.end()) return;
  const auto text = read_file(options_.lease_folder + "/" + file);
  auto lease = text ? parse_lease(*text) : std::nullopt;
  if (lease && lease->interface != card->first) lease.reset();
  std::optional<Lease>& known = ipv6 ? card->second.lease6 : card->second.lease;
  if (known == lease) return;
  if (lease)
    for (const std::string& note : lease->notes) tell_(card->first + ": " + note);
  known = std::move(lease);
}

void Network::check(const Status& status) {
  if (!status) tell_(status.error());
}

bool Network::is_card(const Link& link) const {
  return link.ethernet && !link.loopback &&
         ::access((options_.sysfs + "/class/net/" + link.name + "/device").c_str(), F_OK) == 0;
}

bool Network::settled() const {
  const Clock::time_point now = Clock::now();
  bool any_carrier = false, any_settled = false, all_settled = true, long_enough = false;
  for (const auto& [name, card] : cards_) {
    if (!card.link.carrier || card.member) continue;
    any_carrier = true;
    const bool settled = settled_card(card, now);
    any_settled = any_settled || settled;
    all_settled = all_settled && settled;
    long_enough = long_enough || (!card.addresses.empty() && now - card.addressed_since >= grace);
  }
  if (cards_.empty()) return now - started_ >= wait_for_a_card;
  if (!any_carrier) return now - started_ >= wait_for_a_carrier;
  return any_settled && (all_settled || long_enough);
}

std::vector<Interface> Network::interfaces() const {
  std::vector<Interface> interfaces;
  for (const auto& [name, card] : cards_) interfaces.push_back(card);
  return interfaces;
}

std::vector<std::string> Network::addresses() const {
  std::vector<std::string> texts;
  for (bool ipv6 : {false, true})
    for (const auto& [name, card] : cards_)
      for (const LinkAddress& address : card.addresses)
        if (address.ipv6 == ipv6) texts.push_back(address.text);
  return texts;
}

}  // namespace lifeboat::init
