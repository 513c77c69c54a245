#include "init/net/dhcp6_exchange.hpp"

#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace lifeboat::init {
namespace {

constexpr std::uint16_t client_port = 546;
constexpr std::uint16_t server_port = 547;
/// How long better offers may come after the first. RFC 8415 has a second from the question on; the servers of one link
/// answer within milliseconds, and somebody waits for this machine.
constexpr Milliseconds better_offers{300};

std::uint32_t random_number() {
  std::uint32_t number = 0;
  if (::getrandom(&number, sizeof number, 0) != sizeof number) number = static_cast<std::uint32_t>(::getpid());
  return number;
}

sockaddr_in6 socket_address(const Address& address, std::uint16_t port, int index) {
  sockaddr_in6 socket{};
  socket.sin6_family = AF_INET6;
  socket.sin6_port = htons(port);
  socket.sin6_scope_id = static_cast<std::uint32_t>(index);
  std::memcpy(&socket.sin6_addr, address.bytes.data(), 16);
  return socket;
}

/// ff02::1:2, All_DHCP_Relay_Agents_and_Servers.
constexpr Address all_servers{true, {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 2}};

int poll_milliseconds(Clock::time_point until) {
  const auto left = std::chrono::ceil<Milliseconds>(until - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

}  // namespace

Status Dhcp6Exchange::open(const std::string& interface) {
  sigset_t asked;
  ::sigemptyset(&asked);
  ::sigaddset(&asked, SIGUSR1);
  ::sigprocmask(SIG_BLOCK, &asked, nullptr);
  signals_ = Fd(::signalfd(-1, &asked, SFD_CLOEXEC | SFD_NONBLOCK));
  auto own = wait_for_own_address(interface);
  if (!own) return own.failure();
  duid_ = duid_of(link_.permanent_mac);
  if (duid_.empty()) return Failure{"DHCPv6 on " + interface + ": it has no MAC address"};
  std::memcpy(&iaid_, duid_.data() + duid_.size() - sizeof iaid_, sizeof iaid_);
  socket_ = Fd(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const sockaddr_in6 bound = socket_address(*own, client_port, link_.index);
  if (!socket_ || ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&bound), sizeof bound) != 0)
    return failure_from_errno("DHCPv6 on " + interface + ": taking port 546 of " + to_text(*own), errno);
  return Done{};
}

/// The link-local address, as soon as nobody else has it. It comes when the interface has a carrier.
Result<Address> Dhcp6Exchange::wait_for_own_address(const std::string& interface) {
  auto events = Netlink::open(NETLINK_ROUTE, RTMGRP_LINK | RTMGRP_IPV6_IFADDR);
  if (!events) return events.failure();
  auto links = Links::open();
  if (!links) return links.failure();
  while (true) {
    const auto all = links->list();
    const auto addresses = links->addresses();
    if (!all || !addresses) return all ? addresses.failure() : all.failure();
    const auto link = std::ranges::find(*all, interface, &Link::name);
    if (link == all->end()) return Failure{"DHCPv6: there is no interface " + interface};
    link_ = *link;
    for (const LinkAddress& address : *addresses)
      if (address.index == link_.index && address.link_local)
        if (auto own = parse_address(address.text)) return *own;
    pollfd poll{events->fd().get(), POLLIN, 0};
    ::poll(&poll, 1, 10'000);
    static_cast<void>(events->receive_events([](const NetlinkMessage&) {}));
  }
}

Dhcp6Question Dhcp6Exchange::question(Dhcp6Type type) const {
  Dhcp6Question question;
  question.type = type;
  question.client_id = duid_;
  question.iaid = iaid_;
  return question;
}

Result<bool> Dhcp6Exchange::ask(Dhcp6Question& question, const Dhcp6Pace& pace, TimePoint until) {
  question.transaction = random_number() & 0xffffff;
  const TimePoint start = Clock::now();
  Milliseconds pause{};
  for (int times = 0; pace.most == 0 || times < pace.most; ++times) {
    const TimePoint now = Clock::now();
    if (now >= until || asked_anew) break;
    const auto hundredths = std::chrono::duration_cast<Milliseconds>(now - start).count() / 10;
    question.elapsed = static_cast<std::uint16_t>(std::min<std::int64_t>(hundredths, 0xffff));
    if (Status sent = send(question); !sent) return sent.failure();
    pause = next_pause(pace, times, pause, random_number());
    if (collect(question, std::min(until, now + pause))) return true;
  }
  return false;
}

/// A reply ends the waiting; of offers the one with the highest preference counts, and the highest there is at once.
bool Dhcp6Exchange::collect(const Dhcp6Question& question, TimePoint until) {
  bool any = false;
  while (wait(until)) {
    auto answer = receive(question);
    if (!answer) continue;
    if (!any) until = std::min(until, Clock::now() + better_offers);
    const bool best = answer->type == Dhcp6Type::reply || answer->preference == 255;
    if (!any || best || answer->preference > heard_.preference) heard_ = std::move(*answer);
    if (best) return true;
    any = true;
  }
  return any;
}

std::optional<Dhcp6Answer> Dhcp6Exchange::receive(const Dhcp6Question& question) {
  std::array<char, 4096> buffer;
  sockaddr_in6 from{};
  socklen_t size = sizeof from;
  const ssize_t count =
      ::recvfrom(socket_.get(), buffer.data(), buffer.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
  if (count <= 0) return std::nullopt;
  auto answer = parse_dhcp6({buffer.data(), static_cast<std::size_t>(count)});
  if (!answer || !answers(question, *answer)) return std::nullopt;
  server_ = Address::from_bytes({reinterpret_cast<const char*>(&from.sin6_addr), 16});
  return answer;
}

Status Dhcp6Exchange::send(const Dhcp6Question& question) {
  const sockaddr_in6 all = socket_address(all_servers, server_port, link_.index);
  const std::string bytes = to_bytes(question);
  const ssize_t sent = ::sendto(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL,
                                reinterpret_cast<const sockaddr*>(&all), sizeof all);
  if (sent >= 0 || errno == EAGAIN || errno == ENOBUFS || errno == EINTR) return Done{};
  return failure_from_errno("DHCPv6 on " + link_.name + ": asking", errno);
}

/// True: there is something to receive. False: `until` has come, or all is to be asked for anew.
bool Dhcp6Exchange::wait(TimePoint until) {
  while (!asked_anew) {
    const TimePoint now = Clock::now();
    if (held_to_ && now >= *held_to_) drop();
    if (now >= until) return false;
    std::array<pollfd, 2> fds{{{socket_.get(), POLLIN, 0}, {signals_.get(), POLLIN, 0}}};
    if (::poll(fds.data(), fds.size(), poll_milliseconds(held_to_ ? std::min(until, *held_to_) : until)) <= 0) continue;
    signalfd_siginfo signal{};
    if (fds[1].revents != 0) asked_anew = ::read(signals_.get(), &signal, sizeof signal) > 0;
    if (fds[0].revents != 0) return !asked_anew;
  }
  return false;
}

/// What comes meanwhile answers nothing that was asked.
void Dhcp6Exchange::sleep_until(TimePoint until) {
  std::array<char, 1> byte{};
  while (wait(until)) static_cast<void>(::recv(socket_.get(), byte.data(), byte.size(), 0));
}

void Dhcp6Exchange::hold(const std::string& file, std::optional<TimePoint> to) {
  file_ = file;
  held_to_ = to;
}

void Dhcp6Exchange::drop() {
  held_to_.reset();
  static_cast<void>(::unlink(file_.c_str()));
}

}  // namespace lifeboat::init
