#include "init/rescue/network_command.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "init/rescue/say.hpp"
#include "init/source/agent.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/folder.hpp"

namespace lifeboat::init {
namespace {

constexpr std::string_view usage =
    "usage: rescue network                what each network card has, and why\n"
    "       rescue network set ADDRESS/LENGTH... [via GATEWAY]... [dns SERVER...] [dev CARD]\n"
    "                                     in place of every other configuration of that card\n"
    "       rescue network reset          as it was before \"set\"\n"
    "example: rescue network set 192.0.2.10/24 via 192.0.2.1 dns 192.0.2.53 dev eth0\n";

const std::string& by_hand_file() {
  static const std::string file = std::string(answers_folder) + "/" + std::string(network_by_hand);
  return file;
}

int fail(const std::string& text) { return lifeboat::init::fail("network: " + text); }

/// A foreign word in a message: short, printable.
std::string quoted(std::string_view word) {
  std::string safe;
  for (char c : word.substr(0, 60)) safe += c >= 0x20 && c < 0x7f ? c : '?';
  return "\"" + safe + "\"";
}

Status add_address(PlannedLink& link, std::string_view word) {
  const auto prefix = parse_prefix(word);
  if (!prefix && parse_address(word))
    return Failure{quoted(word) + " has no length\nhint: the network's, as in " + std::string(word) +
                   (word.find(':') == word.npos ? "/24" : "/64")};
  if (!prefix || !is_usable_host(prefix->address))
    return Failure{quoted(word) + " is no address of a machine\nhint: as in 192.0.2.10/24 or 2001:db8::10/64"};
  link.addresses.push_back(*prefix);
  return Done{};
}

Status add_gateway(PlannedLink& link, std::string_view word) {
  const auto gateway = parse_address(word);
  if (!gateway || !is_usable_host(*gateway))
    return Failure{quoted(word) + " is no gateway\nhint: an address without a length, as in via 192.0.2.1"};
  const bool reachable =
      std::ranges::any_of(link.addresses, [&](const Prefix& own) { return own.address.ipv6 == gateway->ipv6; });
  if (!reachable)
    return Failure{"the gateway " + to_text(*gateway) + " is of another family than the addresses before it"};
  link.routes.push_back({{Address{gateway->ipv6, {}}, 0}, *gateway});
  return Done{};
}

Status add_server(PlannedLink& link, std::string_view word) {
  const auto server = parse_address(word);
  if (!server) return Failure{quoted(word) + " is no address of a name server\nhint: as in dns 192.0.2.53"};
  link.dns.push_back(*server);
  return Done{};
}

Status choose_card(PlannedLink& link, const std::vector<std::string>& cards, std::size_t with_carrier) {
  const std::size_t candidates = with_carrier == 1 ? 1 : cards.size();
  if (cards.empty()) return Failure{"this machine has no network card that the kernel knows"};
  if (link.name.empty() && candidates > 1) {
    std::string names;
    for (const std::string& card : cards) names += (names.empty() ? "" : ", ") + card;
    return Failure{"this machine has several cards: " + names + "\nhint: say which one: dev " + cards.front()};
  }
  if (link.name.empty()) link.name = cards.front();
  if (std::ranges::find(cards, link.name) != cards.end()) return Done{};
  return Failure{"there is no card " + quoted(link.name) + "\nhint: `rescue network` shows those that are there"};
}

/// Those with a carrier first; how many have one.
std::pair<std::vector<std::string>, std::size_t> list_cards_by_carrier() {
  std::vector<std::string> with, without;
  for (const FolderEntry& entry : list_folder("/sys/class/net")) {
    const std::string folder = "/sys/class/net/" + entry.name;
    if (::access((folder + "/device").c_str(), F_OK) != 0) continue;
    const bool carrier = read_file(folder + "/carrier", 16).value_or("").starts_with('1');
    (carrier ? with : without).push_back(entry.name);
  }
  std::ranges::sort(with);
  std::ranges::sort(without);
  const std::size_t carriers = with.size();
  with.insert(with.end(), without.begin(), without.end());
  return {with, carriers};
}

int set(std::span<const std::string_view> words) {
  const auto [cards, with_carrier] = list_cards_by_carrier();
  const auto plan = parse_network_words(words, cards, with_carrier);
  if (!plan) return fail(plan.error());
  if (Status written = replace_file(by_hand_file(), to_text(*plan), 0600); !written) return fail(written.error());
  std::printf(
      "%s is configured by hand now; `rescue network` shows what came of it, `rescue network reset` undoes it.\n",
      plan->links.front().name.c_str());
  return 0;
}

int reset() {
  if (::unlink(by_hand_file().c_str()) == 0) return 0;
  if (errno == ENOENT) return fail("nothing was set by hand");
  return fail(std::string("taking away what was set: ") + std::strerror(errno));
}

}  // namespace

Result<NetworkPlan> parse_network_words(std::span<const std::string_view> words, const std::vector<std::string>& cards,
                                        std::size_t with_carrier) {
  PlannedLink link{.id = "by-hand", .dhcp6 = Dhcpv6::by_router};
  std::string_view expected = "address";
  bool complete = true;
  for (const std::string_view word : words) {
    if (word == "via" || word == "dns" || word == "dev") {
      if (!complete) return Failure{"nothing follows \"" + std::string(expected) + "\""};
      expected = word;
      complete = false;
      continue;
    }
    Status taken = expected == "via"   ? add_gateway(link, word)
                   : expected == "dns" ? add_server(link, word)
                   : expected == "dev" ? Status(Done{})
                                       : add_address(link, word);
    if (expected == "dev") link.name = word;
    if (!taken) return taken.failure();
    complete = true;
    if (expected != "dns") expected = "address";
  }
  if (!complete) return Failure{"nothing follows \"" + std::string(expected) + "\""};
  if (link.addresses.empty())
    return Failure{"no address was given\nhint: as in rescue network set 192.0.2.10/24 via 192.0.2.1"};
  if (Status chosen = choose_card(link, cards, with_carrier); !chosen) return chosen.failure();
  return NetworkPlan{.links = {link}, .dns = {}, .search = {}, .notes = {}};
}

int run_network_command(std::span<const std::string_view> arguments) {
  if (arguments.empty()) {
    const auto text = read_file("/run/lifeboat/network.txt", std::size_t{1} << 20);
    if (!text) return fail(text.error());
    return std::fwrite(text->data(), 1, text->size(), stdout) == text->size() && std::fflush(stdout) == 0 ? 0 : 1;
  }
  if (arguments[0] == "set") return set(arguments.subspan(1));
  if (arguments[0] == "reset" && arguments.size() == 1) return reset();
  const bool help = arguments[0] == "--help" || arguments[0] == "help";
  std::fprintf(help ? stdout : stderr, "%s", std::string(usage).c_str());
  return help ? 0 : 2;
}

}  // namespace lifeboat::init
