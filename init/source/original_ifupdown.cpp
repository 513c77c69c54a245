// Debian's ifupdown: interfaces(5), and what the packages ifenslave, vlan, bridge-utils and resolvconf add to it.
#include <fnmatch.h>

#include <algorithm>

#include "init/contract/text.hpp"
#include "init/source/original_network.hpp"
#include "init/source/plan_draft.hpp"

namespace lifeboat::init {
namespace {

using Words = std::vector<std::string_view>;

/// Most files that are read and `source` lines that are followed: they may go round in circles.
constexpr int most_files = 64;

/// The logical lines: a '\' at a line's end joins the next one.
std::vector<std::string> read_lines(std::string_view text) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = contract::trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool goes_on = line.ends_with('\\');
    lines.back() += line.substr(0, line.size() - (goes_on ? 1 : 0));
    if (!goes_on) lines.emplace_back();
    if (goes_on) lines.back() += ' ';
  }
  return lines;
}

std::string_view from(std::string_view line, std::string_view word) {
  return line.substr(static_cast<std::size_t>(word.data() - line.data()));
}

/// "eth0.5": the package vlan makes it by its name alone.
bool is_vlan_name(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  return dot != std::string_view::npos && contract::parse_number(name.substr(dot + 1), 4094);
}

class Interfaces {
 public:
  explicit Interfaces(const std::vector<NetworkFile>& files) : files_(files) {}
  void read_files(const std::string& pattern);
  NetworkPlan finish();

 private:
  void read_line(std::string_view line);
  void start_interface(const Words& words);
  void read_option(PlannedLink& link, std::string_view key, std::string_view value);
  void read_link_option(PlannedLink& link, std::string_view key, std::string_view value);
  void read_command(PlannedLink& link, std::string_view command);
  void read_old_route(PlannedLink& link, const Words& words);
  void end_interface();

  const std::vector<NetworkFile>& files_;
  int read_ = 0;
  PlanDraft draft_;
  std::vector<std::string> brought_up_;  ///< auto, allow-hotplug
  PlannedLink* link_ = nullptr;          ///< whose stanza it is
  std::string address_, mask_;
};

/// `pattern`: a path in the system, with the shell's wildcards.
void Interfaces::read_files(const std::string& pattern) {
  bool found = ++read_ > most_files;
  for (const NetworkFile& file : files_) {
    if (::fnmatch(pattern.c_str(), file.path.c_str(), FNM_PATHNAME | FNM_PERIOD) != 0) continue;
    found = true;
    if (++read_ > most_files) return;
    for (const std::string& line : read_lines(file.text)) read_line(line);
    end_interface();
  }
  if (!found && pattern.find_first_of("*?[") == std::string::npos) draft_.leave_out("", "a file", pattern);
}

std::string pattern_of(std::string_view path, bool folder) {
  std::string pattern(path.substr(path.starts_with('/') ? 1 : 0));
  if (!path.starts_with('/')) pattern = "etc/network/" + pattern;
  return pattern + (folder ? "/*" : "");
}

void Interfaces::read_line(std::string_view line) {
  const Words words = contract::split_words(line, " \t");
  if (words.empty() || words[0].starts_with('#')) return;
  const std::string_view key = words[0];
  const bool names = key == "auto" || key.starts_with("allow-");
  if (names || key == "iface" || key == "mapping" || key.starts_with("source") || key.starts_with("no-"))
    end_interface();
  if (names)
    for (const std::string_view word : words) brought_up_.emplace_back(word.substr(0, word.find(':')));
  if (key == "iface") return start_interface(words);
  if (key == "source" || key == "source-directory")
    for (std::size_t i = 1; i < words.size(); ++i) read_files(pattern_of(words[i], key != "source"));
  else if (link_ != nullptr && words.size() > 1)
    read_option(*link_, key, contract::trim(from(line, words[1])));
}

/// iface NAME inet|inet6 METHOD
void Interfaces::start_interface(const Words& words) {
  if (words.size() < 2 || words[1] == "lo") return;
  link_ = &draft_.link(words[1].substr(0, words[1].find(':')));  // "eth0:1" is a second address
  const std::string_view family = words.size() > 2 ? words[2] : "", method = words.size() > 3 ? words[3] : "";
  if (family == "inet" && method == "dhcp") link_->dhcp4 = true;
  if (family == "inet6" && method == "dhcp") link_->dhcp6 = Dhcpv6::stateful;
  if (family == "inet6" && method == "auto") link_->accept_ra = true;
  if (method == "ppp" || method == "wvdial" || method == "tunnel" || method == "v4tunnel" || method == "6to4")
    draft_.leave_out(link_->id, "the method", method);
}

/// The address waits for its mask.
void Interfaces::end_interface() {
  if (link_ != nullptr && !address_.empty()) draft_.add_address(*link_, address_, mask_);
  link_ = nullptr;
  address_.clear();
  mask_.clear();
}

void Interfaces::read_option(PlannedLink& link, std::string_view key, std::string_view value) {
  const std::string_view first = contract::split_words(value, " \t").front();
  if (key == "address" && !address_.empty()) draft_.add_address(link, address_, mask_);  // ifupdown2 has several
  if (key == "address") address_ = first;
  if (key == "netmask") mask_ = first;
  if (key == "gateway" && first != "none") draft_.add_gateway(link, first);
  if (key == "mtu") draft_.set_mtu(link, first);
  if (key == "hwaddress") draft_.set_mac(link, contract::split_words(value, " \t").back());
  if (key == "dns-nameservers" || key == "dns-nameserver") draft_.add_dns(&link, value);
  if (key == "dns-search" || key == "dns-domain") draft_.add_search(&link, value);
  if (key == "accept_ra") link.accept_ra = first != "0";
  if (key == "dhcp" && first == "1") link.dhcp6 = Dhcpv6::stateless;  // of inet6 auto: for names alone
  if (key == "up" || key == "post-up" || key == "pre-up") read_command(link, value);
  read_link_option(link, key, value);
}

/// Older packages have '_' where newer ones have '-'.
void Interfaces::read_link_option(PlannedLink& link, std::string_view name, std::string_view value) {
  std::string key(name);
  std::ranges::replace(key, '_', '-');
  const std::string_view members = value == "none" ? "" : value;
  if (key == "vlan-raw-device") draft_.set_vlan(link, value, "");
  if (key == "vlan-id") draft_.set_vlan(link, link.parent, value);
  if (key == "bridge-ports") draft_.add_members(link, LinkKind::bridge, members);
  if (key == "bond-slaves" || key == "slaves") draft_.add_members(link, LinkKind::bond, members);
  if (key == "bond-master") draft_.add_members(draft_.link(value), LinkKind::bond, link.id);
  if (!key.starts_with("bond-") || key == "bond-slaves" || key == "bond-master") return;
  std::string option = key.substr(5);
  std::ranges::replace(option, '-', '_');
  if (option == "primary" || option == "give_a_chance") return;  // said in each member, or of ifenslave alone
  draft_.add_members(link, LinkKind::bond, "");
  draft_.add_option(link, option, value);
}

/// Of what the shell is to run then only plain routes and addresses are known.
void Interfaces::read_command(PlannedLink& link, std::string_view command) {
  command = command.substr(0, command.find_first_of("|;&"));
  const Words words = contract::split_words(command, " \t");
  const auto is = [&](std::size_t at, std::string_view text) { return at < words.size() && words[at] == text; };
  if (words.empty()) return;
  const std::string_view program = base_name(words[0]);
  std::size_t at = 1;
  while (is(at, "-4") || is(at, "-6") || is(at, "-A") || is(at, "inet6")) ++at;
  const bool ip_route = program == "ip" && (is(at, "route") || is(at, "r"));
  const bool ip_address = program == "ip" && (is(at, "addr") || is(at, "address") || is(at, "a"));
  const bool add = is(at + 1, "add") || is(at + 1, "replace") || is(at + 1, "append");
  if (ip_route && add && words.size() > at + 2) return draft_.add_ip_route(link, from(command, words[at + 2]));
  if (ip_address && add && words.size() > at + 2) return draft_.add_address(link, words[at + 2]);
  if (program == "route" && is(at, "add"))
    read_old_route(link, Words(words.begin() + static_cast<std::ptrdiff_t>(at) + 1, words.end()));
}

/// route add [-net|-host] TO [netmask MASK] [gw GATEWAY] [metric N] [dev NAME]
void Interfaces::read_old_route(PlannedLink& link, const Words& words) {
  std::string_view to, mask, gateway, metric;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view next = i + 1 < words.size() ? words[i + 1] : "";
    if (words[i] == "netmask") mask = next;
    if (words[i] == "gw") gateway = next;
    if (words[i] == "metric") metric = next;
    if (to.empty() && !words[i].starts_with('-')) to = words[i];
  }
  draft_.add_route(link, to, gateway, metric, mask);
}

/// What did not come up on its own, and is no part of what did, is not wanted now either.
NetworkPlan Interfaces::finish() {
  end_interface();
  for (const PlannedLink& link : draft_.links())
    if (link.kind == LinkKind::card && is_vlan_name(link.id)) draft_.set_vlan(*draft_.find(link.id), "", "");
  NetworkPlan plan = draft_.finish();
  std::vector<std::string> used = brought_up_;
  for (const PlannedLink& link : plan.links) {
    used.push_back(link.parent);
    used.insert(used.end(), link.members.begin(), link.members.end());
  }
  std::erase_if(plan.links, [&](const PlannedLink& link) { return std::ranges::find(used, link.id) == used.end(); });
  return plan;
}

}  // namespace

NetworkPlan parse_interfaces(const std::vector<NetworkFile>& files) {
  Interfaces interfaces(files);
  interfaces.read_files("etc/network/interfaces");
  return interfaces.finish();
}

Result<NetworkPlan> parse_interfaces_file(std::string_view text) {
  return parse_interfaces({{"etc/network/interfaces", std::string(text)}});
}

}  // namespace lifeboat::init
