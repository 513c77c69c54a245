#include "init/source/ironic.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <thread>

#include "init/contract/text.hpp"
#include "init/source/command_server.hpp"
#include "init/source/http.hpp"
#include "init/source/ironic_api.hpp"
#include "init/source/ironic_commands.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/folder.hpp"

namespace lifeboat::init {
namespace {

constexpr Milliseconds exchange_limit{15'000};
constexpr Milliseconds first_ironic_pause{2'000}, longest_pause{30'000};
/// How long the lookup may fail before a person is told why: cards get their addresses meanwhile.
constexpr Milliseconds patience{45'000};
/// The conductor is busy with the machine's record.
constexpr Milliseconds pause_while_locked{5'000};
/// So that whoever sent the command gets its whole reply.
constexpr Milliseconds last_words{2'000};
/// Switching the server's networks takes a conductor from seconds to minutes; nothing says when it is done.
constexpr Milliseconds between_renewals{10'000};
constexpr int renewals = 30;

/// Of all cards: what has a device; what software made has none.
std::vector<std::string> read_macs(const std::string& cards) {
  std::vector<std::string> macs;
  for (const FolderEntry& card : list_folder(cards)) {
    const std::string folder = cards + "/" + card.name;
    const std::string mac(contract::trim(read_file(folder + "/address", 4096).value_or("")));
    if (::access((folder + "/device").c_str(), F_OK) == 0 && mac.size() == 17) macs.push_back(mac);
  }
  return macs;
}

/// Our address on the way to the API, as the host part of a URL.
Result<std::string> own_address(const IronicParameters& api) {
  const bool ipv6 = api.address.find(':') != std::string::npos;
  sockaddr_in6 six{};
  sockaddr_in four{};
  six.sin6_family = AF_INET6;
  six.sin6_port = four.sin_port = htons(api.api_port);
  four.sin_family = AF_INET;
  void* bytes = ipv6 ? static_cast<void*>(&six.sin6_addr) : &four.sin_addr;
  ::inet_pton(ipv6 ? AF_INET6 : AF_INET, api.address.c_str(), bytes);
  auto* address = ipv6 ? reinterpret_cast<sockaddr*>(&six) : reinterpret_cast<sockaddr*>(&four);
  socklen_t size = ipv6 ? sizeof six : sizeof four;
  const Fd fd(::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  // A datagram socket's connect sends nothing: it asks the kernel for the route.
  if (!fd || ::connect(fd.get(), address, size) != 0 || ::getsockname(fd.get(), address, &size) != 0)
    return failure_from_errno("finding the way to Ironic's API at " + api.address, errno);
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(ipv6 ? AF_INET6 : AF_INET, bytes, text.data(), text.size());
  return ipv6 ? "[" + std::string(text.data()) + "]" : std::string(text.data());
}

/// The conversation with one conductor.
class Rescue {
 public:
  Rescue(const AgentHelp& help, const IronicPlaces& places, IronicParameters api)
      : help_(help), places_(places), api_(std::move(api)) {}

  void run() {
    const IronicNode node = look_up();
    IronicCommands commands(help_, node.token);
    const Clock::time_point started = Clock::now();
    while (true) {
      auto server = CommandServer::open(api_.listen_port, [&commands](ServedRequest request) {
        const IronicCommands::Reply reply = commands.answer(std::move(request));
        return make_http_reply(reply.status, reply.json);
      });
      if (server) return serve(*server, commands, node);
      if (Clock::now() - started > patience) tell(server.error());
      std::this_thread::sleep_for(first_ironic_pause);
    }
  }

 private:
  /// Once for each reason.
  void tell(const std::string& why) {
    if (why == told_) return;
    told_ = why;
    std::fprintf(stderr, "%s\n", why.c_str());
    static_cast<void>(help_.answer(Answer{.origin = "Ironic", .notes = {why}}));
  }

  Result<HttpReply> ask(const std::string& method, const std::string& path, const std::string& body) {
    HttpClient http("", exchange_limit);
    return http.request({.method = method,
                         .address = api_.address,
                         .port = api_.api_port,
                         .path = api_.api_path + path,
                         .headers = {{"X-OpenStack-Ironic-API-Version", "1.62"},
                                     {"Accept", "application/json"},
                                     {"Content-Type", "application/json"}},
                         .body = body});
  }

  Result<IronicNode> look_up_once() {
    if (auto address = own_address(api_); !address) return address.failure();
    const std::vector<std::string> macs = read_macs(places_.cards);
    if (macs.empty()) return Failure{"the machine has no network card to be looked up by"};
    auto reply = ask("GET", ironic_lookup_path(macs), "");
    if (!reply) return reply.failure();
    if (reply->status != 200)
      return Failure{"Ironic's API at " + api_.address + " answers the lookup with status " +
                     std::to_string(reply->status) + (reply->status == 404 ? ": it knows no server of our MACs" : "")};
    return parse_ironic_lookup(reply->body.view(), api_.agent_token);
  }

  IronicNode look_up() {
    const Clock::time_point started = Clock::now();
    for (Milliseconds pause = first_ironic_pause;; pause = std::min(pause * 3 / 2, longest_pause)) {
      auto node = look_up_once();
      if (node) return *node;
      std::fprintf(stderr, "%s\n", node.error().c_str());
      if (Clock::now() - started > patience) tell(node.error());
      std::this_thread::sleep_for(pause);
    }
  }

  /// When to send the next one.
  Milliseconds send_heartbeat(const IronicNode& node) {
    auto address = own_address(api_);
    if (!address) return first_ironic_pause;
    const std::string callback = "http://" + *address + ":" + std::to_string(api_.listen_port);
    auto reply = ask("POST", "/v1/heartbeat/" + node.uuid, make_ironic_heartbeat(callback, node.token));
    if (reply && reply->status == 202) return node.heartbeat_timeout / 2;
    if (reply && reply->status == 409) return pause_while_locked;
    tell("the heartbeat: " + (reply ? "status " + std::to_string(reply->status) : reply.error()));
    return pause_while_locked;
  }

  void serve(CommandServer& server, const IronicCommands& commands, const IronicNode& node) {
    constexpr Milliseconds slice{250};
    Clock::time_point next_heartbeat = Clock::now();
    while (!commands.finalized()) {
      if (Clock::now() >= next_heartbeat) next_heartbeat = Clock::now() + send_heartbeat(node);
      server.serve(slice);
    }
    server.serve(last_words);
  }

  const AgentHelp& help_;
  const IronicPlaces& places_;
  IronicParameters api_;
  std::string told_;
};

/// An agent that ends is started again.
}  // namespace

Belonging belongs_to_ironic(const Platform& platform) {
  return has_ironic_parameters(platform.kernel_command_line) ? Belonging::yes : Belonging::no;
}

void run_ironic_agent(const AgentHelp& help, const IronicPlaces& places) {
  const auto api = parse_ironic_parameters(read_file(places.command_line).value_or(""));
  if (!api) {
    static_cast<void>(help.answer(Answer{.origin = "Ironic", .notes = {api.error()}}));
    stay();
  }
  Rescue(help, places, *api).run();
  for (int i = 0; i < renewals; ++i) {
    std::this_thread::sleep_for(between_renewals);
    help.renew_network();
  }
  stay();
}

}  // namespace lifeboat::init
