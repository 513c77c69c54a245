#include "init/source/ip_arguments.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "init/contract/kernel_arguments.hpp"
#include "init/contract/text.hpp"
#include "init/source/plan_draft.hpp"
#include "init/source/source.hpp"

namespace lifeboat::init {
namespace {

/// "a::[2001:db8::1]" -> "a", "", "2001:db8::1", and empty ones up to the most that any argument has.
std::vector<std::string> split_fields(std::string_view text) {
  constexpr std::size_t most_fields = 16;
  std::vector<std::string> fields(1);
  bool bracket = false;
  for (const char c : text) {
    if (c == '[' || c == ']') {
      bracket = c == '[';
    } else if (c == ':' && !bracket && fields.size() < most_fields) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  fields.resize(most_fields);
  return fields;
}

/// How a card gets its addresses; router advertisements count unless a word says otherwise.
struct Autoconf {
  std::string_view word;
  bool dhcp4 = false;
  Dhcpv6 dhcp6 = Dhcpv6::by_router;
  std::optional<bool> accept_ra = {};
};

constexpr std::array autoconfs{
    Autoconf{"dhcp", true},
    Autoconf{"dhcp4", true},
    Autoconf{"single-dhcp", true},
    Autoconf{"on", true},
    Autoconf{"any", true},
    Autoconf{"both", true},
    Autoconf{"bootp", true},
    Autoconf{"rarp", true},
    Autoconf{"none"},
    Autoconf{"off"},
    Autoconf{"static"},
    Autoconf{"link-local"},
    Autoconf{"link6"},
    Autoconf{"dhcp6", false, Dhcpv6::stateful, true},
    Autoconf{"auto6", false, Dhcpv6::by_router, true},
    Autoconf{"either6", false, Dhcpv6::by_router, true},
};

const Autoconf* find_autoconf(std::string_view word) {
  const auto* const found = std::ranges::find(autoconfs, word, &Autoconf::word);
  return found == autoconfs.end() ? nullptr : found;
}

/// A card may have one ip= for each family: what one asks for the other leaves.
void set_autoconf(PlannedLink& link, const Autoconf& wanted) {
  link.dhcp4 = link.dhcp4 || wanted.dhcp4;
  if (wanted.dhcp6 != Dhcpv6::by_router) link.dhcp6 = wanted.dhcp6;
  if (wanted.accept_ra) link.accept_ra = wanted.accept_ra;
}

/// Behind AUTOCONF: dracut's MTU, or the kernel's name servers. What dracut has behind the MTU is a MAC address to give
/// to the card, and behind the kernel's name servers is one for the time: nothing that a login needs.
void read_rest(PlanDraft& draft, PlannedLink& link, const std::string& first, const std::string& second) {
  const bool mtu = contract::parse_number(first, 0xffffffff).has_value();
  if (mtu) draft.set_mtu(link, first);
  if (!mtu) draft.add_dns(&link, first);
  if (!mtu) draft.add_dns(&link, second);
}

void read_whole(PlanDraft& draft, const std::vector<std::string>& fields, const std::string& word,
                std::string& hostname) {
  if (!fields[0].empty() && !parse_address(fields[0].substr(0, fields[0].find('/'))))
    return draft.leave_out("", "the kernel argument", word);
  PlannedLink& link = draft.card(fields[5].empty() ? "*" : fields[5]);
  if (!fields[0].empty()) draft.add_address(link, fields[0], fields[3]);
  if (!fields[2].empty()) draft.add_gateway(link, fields[2]);
  if (is_host_name(fields[4])) hostname = fields[4];
  const Autoconf* autoconf = find_autoconf(fields[6]);
  if (autoconf != nullptr) set_autoconf(link, *autoconf);
  if (autoconf == nullptr && !fields[6].empty()) draft.leave_out(link.id, "autoconf", word);
  // Without an address the kernel asks for one, whatever is said.
  if (link.addresses.empty() && fields[6].empty()) link.dhcp4 = true;
  read_rest(draft, link, fields[7], fields[8]);
}

void read_ip(PlanDraft& draft, std::string_view value, const std::string& word, std::string& hostname) {
  const auto fields = split_fields(value);
  const Autoconf *any = fields[1].empty() ? find_autoconf(fields[0]) : nullptr, *one = find_autoconf(fields[1]);
  if (any == nullptr && (one == nullptr || parse_address(fields[0]))) return read_whole(draft, fields, word, hostname);
  PlannedLink& link = draft.card(any != nullptr ? "*" : fields[0]);
  set_autoconf(link, any != nullptr ? *any : *one);
  if (any == nullptr) read_rest(draft, link, fields[2], "");
  if (any == nullptr || any->dhcp4 || any->accept_ra) return;
  link.accept_ra = false;  // ip=off: whoever says so wants nothing that comes on its own
  link.dhcp6 = Dhcpv6::none;
}

void read_bond(PlanDraft& draft, const std::vector<std::string>& fields) {
  PlannedLink& bond = draft.link(fields[0].empty() ? "bond0" : fields[0]);
  draft.add_members(bond, LinkKind::bond, fields[1].empty() ? "eth0,eth1" : fields[1]);
  for (const std::string_view option : contract::split_words(fields[2], ",")) {
    const auto pair = contract::split_assignment(option);
    if (pair) draft.add_option(bond, pair->first, pair->second);
    if (!pair) draft.leave_out(bond.id, "the bond's option", option);
  }
  if (!fields[3].empty()) draft.set_mtu(bond, fields[3]);
}

/// That of the device, or of whose network the gateway is, or the first.
PlannedLink& link_of_route(PlanDraft& draft, const std::vector<std::string>& fields) {
  const auto gateway = parse_address(fields[1]);
  const auto reaches = [&](const PlannedLink& link) {
    return gateway && std::ranges::any_of(link.addresses, [&](const Prefix& own) { return contains(own, *gateway); });
  };
  if (!fields[2].empty()) return draft.card(fields[2]);
  const auto found = std::ranges::find_if(draft.links(), reaches);
  if (found != draft.links().end()) return draft.link(found->id);
  return draft.link(draft.links().empty() ? "*" : draft.links().front().id);
}

/// All but ip= and rd.route=, which want to know the links.
void read_other(PlanDraft& draft, std::string_view name, std::string_view value) {
  const auto fields = split_fields(value);
  if (name == "nameserver") draft.add_dns(nullptr, value);
  if (name == "bond") read_bond(draft, fields);
  if (name == "bridge") draft.add_members(draft.link(fields[0]), LinkKind::bridge, fields[1]);
  if (name == "vlan") draft.set_vlan(draft.link(fields[0]), fields[1], "");
  if (name == "ifname") draft.set_mac(draft.link(fields[0]), value.substr(value.find(':') + 1));
}

}  // namespace

IpArguments parse_ip_arguments(const std::vector<std::string>& words) {
  PlanDraft draft;
  IpArguments read;
  for (const std::string& word : words) {
    const auto [name, value] = contract::split_assignment(word).value_or(std::pair(word, ""));
    if (name == "ip") read_ip(draft, value, word, read.hostname);
    if (name != "ip" && name != "rd.route") read_other(draft, name, value);
  }
  for (const std::string& word : words) {
    if (!word.starts_with("rd.route=")) continue;
    const auto fields = split_fields(std::string_view(word).substr(9));
    draft.add_route(link_of_route(draft, fields), fields[0], fields[1]);
  }
  read.plan = draft.finish();
  return read;
}

Result<Findings> read_ip_arguments(const Platform& platform) {
  const auto words = contract::parse_kernel_arguments(platform.kernel_command_line).network;
  if (words.empty()) return nothing_there("no ip= on the kernel command line");
  IpArguments read = parse_ip_arguments(words);
  Findings findings;
  findings.network = std::move(read.plan);
  findings.hostname = std::move(read.hostname);
  return findings;
}

}  // namespace lifeboat::init
