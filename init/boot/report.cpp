#include "init/boot/report.hpp"

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "init/contract/text.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t width = 80;
constexpr std::string_view rule = "================================================================================";

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", seconds);
  return text;
}

/// Words folded at the width behind a hanging label: "  Host key    SHA256:...".
std::string row(std::string label, std::string_view text) {
  constexpr std::size_t indent = 14;
  label = "  " + label;
  label.resize(std::max(indent, label.size() + 1), ' ');
  std::string lines, line = label;
  for (std::string_view word : contract::split_words(text, " ")) {
    const bool first = line.size() == label.size();
    if (!first && line.size() + 1 + word.size() > width) {
      lines += line + "\n";
      line = std::string(indent, ' ') + std::string(word);
    } else {
      line += (first ? "" : " ") + std::string(word);
    }
  }
  return lines + line + "\n";
}

std::string_view without_length(std::string_view address) { return address.substr(0, address.find('/')); }

std::vector<std::string> all_addresses(const Report& report) {
  std::vector<std::string> addresses;
  for (const bool ipv6 : {false, true})
    for (const InterfaceReport& interface : report.interfaces)
      for (const std::string& address : interface.addresses)
        if ((address.find(':') != std::string::npos) == ipv6) addresses.emplace_back(without_length(address));
  return addresses;
}

std::string login_rows(const Report& report) {
  const AccessReport& access = report.access;
  const auto addresses = all_addresses(report);
  if (!access.lets_somebody_in()) return row("Log in", "NOBODY CAN LOG IN: no password and no SSH key was given.");
  if (!access.ssh)
    return row("Log in", "NOT OVER SSH: the SSH server does not run (see Problems). On this console: root.");
  if (addresses.empty())
    return row("Log in", "NOT YET: no network address so far. It goes on trying and says so here.");
  const bool ipv6 = addresses.front().find(':') != std::string::npos;
  return row("Log in", "ssh " + (access.users.empty() ? "root" : access.users.back()) + "@" + addresses.front() +
                           (ipv6 ? "   (IPv6)" : ""));
}

std::string joined(const std::vector<std::string>& words, const std::string& separator) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : separator) + word;
  return text;
}

std::string access_rows(const AccessReport& access) {
  std::string text;
  const std::string users = joined(access.users, " and ");
  if (access.password) text += row("Password", "set for " + users + ", from the " + access.password_origin);
  if (access.keys != 0)
    text += row("SSH keys", std::to_string(access.keys) + (access.keys == 1 ? " key" : " keys") + " for " + users +
                                ", from the " + joined(access.key_origins, " and the "));
  if (access.lets_somebody_in()) return text;
  for (const SourceLine& source : access.sources) text += row("Why", source.text);
  return text + row("What to do",
                    "Start the rescue again in a way that hands over a password or a key: with a config drive "
                    "(OpenStack: --config-drive true when the server is created), or with an SSH key pair given to the "
                    "server. There is no default password; root stays locked.");
}

std::string host_key_row(const AccessReport& access) {
  const std::string from = access.host_key_origin.empty() ? "" : ", from the " + access.host_key_origin;
  return row("Host key", access.host_key + " (" + access.host_key_type + from + ")");
}

std::string deadline_row(const DeadlineReport& deadline) {
  const std::string then = deadline.then == contract::AtDeadline::reboot      ? "and it reboots"
                           : deadline.then == contract::AtDeadline::power_off ? "and it powers off"
                                                                              : "and it stays on";
  return row("Deadline", time_text(deadline.time) + " (from the " + deadline.origin +
                             "): then disks are synced and unmounted, " + then);
}

std::string state_of(const InterfaceReport& interface) {
  if (interface.member) return "member of a bond or bridge";
  const std::string addresses = joined(interface.addresses, ", ");
  if (!addresses.empty()) return addresses;
  return interface.carrier ? "no address yet (it goes on trying)" : "no carrier: is the cable plugged in?";
}

/// What is worth a line on the console: the rest is `rescue network`'s.
std::string interface_rows(const Report& report) {
  std::string text;
  for (const InterfaceReport& interface : report.interfaces) {
    std::string more = interface.addresses.empty() || interface.configured.empty() ? "" : ", " + interface.configured;
    for (const std::string& gateway : interface.gateways)
      if (gateway.ends_with("not answer")) more += "; gateway " + gateway;
    text += row(interface.name, state_of(interface) + " (" + interface.mac + ")" + more);
  }
  return text.empty() ? row("Network", "this machine has no network card that the kernel knows") : text;
}

std::string network_by_hand_row() {
  return row("By hand", "rescue network set ADDRESS/LENGTH via GATEWAY [dns SERVER...] [dev CARD]");
}

/// Without an address the person is at the console: what was tried, and what they can do.
std::string rung_rows(const Report& report) {
  std::string text;
  for (const RungReport& rung : report.rungs) text += row(rung.name, (rung.taken ? "" : "not taken: ") + rung.why);
  return text;
}

}  // namespace

std::string time_text(std::int64_t seconds) {
  const std::string time = contract::to_rfc3339(seconds);
  return time.substr(0, 10) + " " + time.substr(11, 8) + " UTC";
}

std::string head_text(const Report& report) {
  std::string text(rule);
  text += "\n  " + (report.image.title.empty() ? std::string("Rescue system") : report.image.title);
  if (report.ready) text += ", ready after " + seconds_text(*report.ready);
  const MediumReport& medium = report.medium;
  const bool runs_from_disk = medium.kind == "disk" && !medium.in_memory;
  text += "\n  It runs from " + (runs_from_disk ? medium.title + ", which must stay plugged in." : "memory.");
  text += (runs_from_disk ? "\n  " : " ") + std::string("Nothing was written to this machine's disks.\n") +
          std::string(rule) + "\n";
  text += login_rows(report);
  if (!report.access.host_key.empty()) text += host_key_row(report.access);
  text += access_rows(report.access) + interface_rows(report);
  if (report.ready && all_addresses(report).empty()) text += rung_rows(report) + network_by_hand_row();
  if (report.deadline) text += deadline_row(*report.deadline);
  text += row("Commands", "rescue mount; rescue check; rescue exit; all: rescue help");
  for (const std::string& problem : report.problems) text += row("Problem", problem);
  return text;
}

std::string to_text(const Report& report) {
  const std::string disks =
      report.disks_text.empty() ? "  Disks       are being looked at; `rescue` shows them\n" : report.disks_text;
  return head_text(report) + "\n" + disks;
}

std::string network_text(const Report& report) {
  std::string text;
  for (const InterfaceReport& interface : report.interfaces) {
    const std::string driver = interface.driver.empty() ? "no driver: software made it" : "driver " + interface.driver;
    text += row(interface.name, state_of(interface));
    text += row("", interface.mac + ", " + driver + ", MTU " + std::to_string(interface.mtu) +
                        (interface.carrier ? ", carrier" : ", no carrier"));
    if (!interface.configured.empty()) text += row("", interface.configured);
    if (!interface.gateways.empty()) text += row("", "gateway " + joined(interface.gateways, ", "));
    if (!interface.dns.empty()) text += row("", "DNS " + joined(interface.dns, ", "));
  }
  if (text.empty()) text = row("Network", "this machine has no network card that the kernel knows");
  return text + "\n" + rung_rows(report) + network_by_hand_row();
}

contract::ReadyLine ready_line(const Report& report) {
  contract::ReadyLine line;
  line.build_id = report.image.build_id;
  line.addresses = all_addresses(report);
  line.password = report.access.ssh && report.access.password;
  line.keys = report.access.ssh && report.access.keys != 0;
  line.host_key = report.access.ssh ? report.access.host_key : "";
  line.seconds = report.ready.value_or(0);
  return line;
}

}  // namespace lifeboat::init
