#include "init/net/network.hpp"

#include <linux/rtnetlink.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>

#include "init/net/resolver.hpp"
#include "init/sys/mount.hpp"

namespace lifeboat::init {
namespace {

/// How long the others may take once one card has its address, and IPv4 once there is an IPv6 address.
constexpr Milliseconds grace{3'000};
constexpr Milliseconds wait_for_a_card{4'000};
constexpr Milliseconds wait_for_a_carrier{8'000};

/// Router advertisements count although forwarding may be on; replies leave by the card they came in on or another.
void prepare_kernel() {
  for (const char* scope : {"all", "default"}) {
    const std::string name = scope;
    static_cast<void>(write_file("/proc/sys/net/ipv6/conf/" + name + "/accept_ra", "2"));
    static_cast<void>(write_file("/proc/sys/net/ipv4/conf/" + name + "/rp_filter", "2"));
  }
}

bool settled_card(const Interface& card, Clock::time_point now) {
  return card.lease || (!card.addresses.empty() && now - card.addressed_since >= grace);
}

}  // namespace

std::string dhcp_service_name(const std::string& interface) { return "dhcp-" + interface; }

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
  auto events = Netlink::open(NETLINK_ROUTE, RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR);
  if (!events) return events.failure();
  events_ = std::move(*events);
  auto leases = FolderWatch::open(options_.lease_folder);
  if (!leases) return leases.failure();
  leases_ = std::move(*leases);
  check(loop_.watch(events_->fd(), EPOLLIN, [this](std::uint32_t) {
    static_cast<void>(events_->receive_events([](const NetlinkMessage&) {}));
    refresh();
  }));
  check(loop_.watch(leases_->fd(), EPOLLIN, [this](std::uint32_t) {
    leases_->receive([this](const std::string& file) { take_lease(file); });
  }));
  refresh();
  return Done{};
}

/// udhcpc's own signal: it renews; one that is still waiting for that starts over.
void Network::renew() {
  for (const auto& [name, card] : cards_) services_.signal(dhcp_service_name(name), SIGUSR1);
}

/// Asks the kernel for everything anew: an event that was lost then costs nothing.
void Network::refresh() {
  auto links = links_->list();
  auto addresses = links_->addresses();
  if (!links || !addresses) return check(links ? Status(addresses.failure()) : Status(links.failure()));
  take_links(*links);
  take_addresses(*addresses);
  changed_();
}

void Network::take_links(const std::vector<Link>& links) {
  for (const Link& link : links)
    if (link.loopback && !link.up) check(links_->set_up(link));
  for (const Link& link : links)
    if (is_card(link)) take_link(link);
  for (auto card = cards_.begin(); card != cards_.end();) {
    const bool there = std::ranges::any_of(links, [&](const Link& link) { return link.name == card->first; });
    if (!there) services_.stop(dhcp_service_name(card->first));
    card = there ? std::next(card) : cards_.erase(card);
  }
}

void Network::take_link(const Link& link) {
  const auto [card, is_new] = cards_.try_emplace(link.name);
  const bool carrier_came = link.carrier && !card->second.link.carrier;
  card->second.link = link;
  if (is_new) {
    card->second.metric = 100 * static_cast<std::uint32_t>(cards_.size());
    if (!link.up) check(links_->set_up(link));
  }
  if (!carrier_came) return;
  card->second.carrier_since = Clock::now();
  start_dhcp(link.name);
}

void Network::take_addresses(const std::vector<LinkAddress>& addresses) {
  for (auto& [name, card] : cards_) {
    const bool had = !card.addresses.empty();
    card.addresses.clear();
    card.link_local = false;
    for (const LinkAddress& address : addresses) {
      if (address.index != card.link.index) continue;
      if (address.link_local)
        card.link_local = true;
      else
        card.addresses.push_back(address);
    }
    if (had || card.addresses.empty()) continue;
    card.addressed_since = Clock::now();
    loop_.after(grace, [] {});  // so that settled() is asked again then
  }
}

/// It stays for renewals; -f keeps it in the foreground, the rest is what it does not ask for by itself.
void Network::start_dhcp(const std::string& name) {
  std::vector<std::string> argv{options_.busybox, "udhcpc", "-f", "-i", name, "-s", options_.dhcp_script};
  for (const char* word : {"-t", "5", "-T", "2", "-A", "5"}) argv.emplace_back(word);
  for (const char* option : {"mtu", "staticroutes", "msstaticroutes", "search"})
    argv.insert(argv.end(), {"-O", option});
  services_.start({.name = dhcp_service_name(name), .command = [argv] { return Command{.argv = argv}; }});
}

void Network::take_lease(const std::string& file) {
  constexpr std::string_view ending = ".lease";
  if (!file.ends_with(ending)) return;
  const auto card = cards_.find(file.substr(0, file.size() - ending.size()));
  if (card == cards_.end()) return;
  const std::string path = options_.lease_folder + "/" + file;
  if (::access(path.c_str(), F_OK) != 0) {
    withdraw(card->second);
  } else if (auto text = read_file(path)) {
    const auto lease = parse_lease(*text);
    if (lease && lease->interface == card->first) apply(card->second, *lease);
  }
  refresh();
}

void Network::apply(Interface& card, const Lease& lease) {
  if (card.lease == lease) return;
  if (card.lease && !(card.lease->address == lease.address)) withdraw(card);
  for (const std::string& note : lease.notes) tell_(card.link.name + ": " + note);
  if (lease.mtu != 0 && lease.mtu != card.link.mtu) check(links_->set_mtu(card.link, lease.mtu));
  check(links_->add_address(card.link, lease.address));
  for (const Route& route : lease.routes) check(links_->add_route(card.link, route, lease.address, card.metric));
  card.lease = lease;
  write_resolv_conf();
}

void Network::withdraw(Interface& card) {
  if (!card.lease) return;
  check(links_->remove_address(card.link, card.lease->address));
  card.lease.reset();
  write_resolv_conf();
}

void Network::write_resolv_conf() {
  std::vector<Lease> leases;
  for (const auto& [name, card] : cards_)
    if (card.lease) leases.push_back(*card.lease);
  check(replace_file(options_.resolv_conf, make_resolv_conf(leases)));
}

void Network::check(const Status& status) {
  if (!status) tell_(status.error());
}

bool Network::is_card(const Link& link) const {
  return link.ethernet && !link.loopback && ::access((options_.sysfs + "/" + link.name + "/device").c_str(), F_OK) == 0;
}

bool Network::settled() const {
  const Clock::time_point now = Clock::now();
  bool any_carrier = false, any_settled = false, all_settled = true, long_enough = false;
  for (const auto& [name, card] : cards_) {
    if (!card.link.carrier) continue;
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
