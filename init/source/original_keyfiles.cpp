// NetworkManager's keyfiles: nm-settings-keyfile(5).
#include <algorithm>

#include "init/contract/text.hpp"
#include "init/source/ini.hpp"
#include "init/source/original_network.hpp"
#include "init/source/plan_draft.hpp"
#include "init/source/plan_values.hpp"

namespace lifeboat::init {
namespace {

/// One connection profile: its sections, by their names of today.
struct Profile {
  std::vector<IniSection> sections;

  std::string_view value(std::string_view section, std::string_view key) const {
    for (const IniSection& one : sections)
      if (one.name == section) return one.value(key);
    return {};
  }
  std::string_view either(std::string_view section, std::string_view key, std::string_view former) const {
    const std::string_view today = value(section, key);
    return today.empty() ? value(section, former) : today;
  }
};

Profile read_profile(std::string_view text) {
  Profile profile{parse_ini(text)};
  for (IniSection& section : profile.sections)
    if (section.name == "802-3-ethernet") section.name = "ethernet";
  return profile;
}

class Keyfiles {
 public:
  void add(const std::string& text) { profiles_.push_back(read_profile(text)); }
  NetworkPlan finish();

 private:
  std::string id_of(const Profile& profile) const;
  std::string id_behind(std::string_view name_or_uuid) const;
  void configure(const Profile& profile);
  void read_kind(PlannedLink& link, const Profile& profile, std::string_view type);
  void read_address(PlannedLink& link, const IniSection& section, std::string_view value);
  void read_family(PlannedLink& link, const IniSection& section);
  void read_entry(PlannedLink& link, const IniSection& section, std::string_view key, std::string_view value);

  std::vector<Profile> profiles_;
  std::vector<std::pair<std::string, std::string>> ids_;  ///< UUID, id
  PlanDraft draft_;
};

/// A profile without a device is for any.
std::string Keyfiles::id_of(const Profile& profile) const {
  const std::string_view name = profile.value("connection", "interface-name");
  if (!name.empty()) return std::string(name);
  if (const auto mac = parse_mac(profile.value("ethernet", "mac-address"))) return *mac;
  if (profile.value("connection", "type") != "vlan") return "*";
  return id_behind(profile.value("vlan", "parent")) + "." + std::string(profile.value("vlan", "id"));
}

std::string Keyfiles::id_behind(std::string_view name_or_uuid) const {
  for (const auto& [uuid, id] : ids_)
    if (uuid == name_or_uuid) return id;
  return std::string(name_or_uuid);
}

void Keyfiles::read_kind(PlannedLink& link, const Profile& profile, std::string_view type) {
  const std::string_view mac = profile.value("ethernet", "mac-address");
  if (type == "ethernet" && !mac.empty()) draft_.set_mac(link, mac);
  if (type == "bridge") draft_.add_members(link, LinkKind::bridge, "");
  if (type == "vlan") draft_.set_vlan(link, id_behind(profile.value("vlan", "parent")), profile.value("vlan", "id"));
  if (type == "bond") draft_.add_members(link, LinkKind::bond, "");
  for (const IniSection& section : profile.sections)
    if (type == "bond" && section.name == "bond")
      for (const auto& [key, value] : section.entries) draft_.add_option(link, key, value);
  const std::string_view mtu = profile.value("ethernet", "mtu");
  if (!mtu.empty() && mtu != "auto" && mtu != "0") draft_.set_mtu(link, mtu);
}

/// "192.0.2.5/24,192.0.2.1", or a list of such with ';'.
void Keyfiles::read_address(PlannedLink& link, const IniSection& section, std::string_view value) {
  for (const std::string_view one : contract::split_words(value, "; ")) {
    const auto parts = contract::split_words(one, ",");
    if (parts.empty()) continue;
    draft_.add_address(link, parts[0]);
    if (parts.size() > 1 && !is_yes(section.value("never-default"))) draft_.add_gateway(link, parts[1]);
  }
}

void Keyfiles::read_entry(PlannedLink& link, const IniSection& section, std::string_view key, std::string_view value) {
  if (key.starts_with("address") && key.find('-') == std::string_view::npos) read_address(link, section, value);
  if (key == "gateway" && !is_yes(section.value("never-default"))) draft_.add_gateway(link, value);
  if (key == "dns") draft_.add_dns(&link, value);
  if (key == "dns-search") draft_.add_search(&link, value);
  const std::string_view number = key.starts_with("route") ? key.substr(5) : "";
  if (!contract::parse_number(number, 9999)) return;
  auto parts = contract::split_words(value, ",");
  parts.resize(3);
  draft_.add_route(link, parts[0], parts[1], parts[2]);
}

void Keyfiles::read_family(PlannedLink& link, const IniSection& section) {
  const std::string_view method = section.value("method");
  if (section.name == "ipv4") link.dhcp4 = method == "auto";
  if (section.name == "ipv6" && method == "dhcp") link.dhcp6 = Dhcpv6::stateful;
  if (section.name == "ipv6" && (method == "manual" || method == "disabled" || method == "link-local"))
    link.accept_ra = false;
  if (method == "disabled" || method == "ignore") return;
  for (const auto& [key, value] : section.entries) read_entry(link, section, key, value);
}

void Keyfiles::configure(const Profile& profile) {
  const std::string_view type = profile.value("connection", "type");
  const std::string_view master = profile.either("connection", "controller", "master");
  const std::string_view port = profile.either("connection", "port-type", "slave-type");
  if (profile.value("connection", "autoconnect") == "false" && master.empty()) return;
  const bool card = type == "ethernet" || type == "802-3-ethernet";
  if (!card && type != "bond" && type != "bridge" && type != "vlan") {
    if (type != "loopback") draft_.leave_out(profile.value("connection", "id"), "a connection of the type", type);
    return;
  }
  PlannedLink& link = draft_.card(id_of(profile));
  read_kind(link, profile, card ? "ethernet" : type);
  if (!master.empty())
    draft_.add_members(draft_.link(id_behind(master)), port == "bridge" ? LinkKind::bridge : LinkKind::bond, link.id);
  for (const IniSection& section : profile.sections)
    if (section.name == "ipv4" || section.name == "ipv6") read_family(link, section);
}

NetworkPlan Keyfiles::finish() {
  for (const Profile& profile : profiles_)
    if (const auto uuid = profile.value("connection", "uuid"); !uuid.empty()) ids_.emplace_back(uuid, id_of(profile));
  for (const Profile& profile : profiles_) configure(profile);
  return draft_.finish();
}

}  // namespace

NetworkPlan parse_keyfiles(const std::vector<NetworkFile>& files) {
  Keyfiles keyfiles;
  for (const NetworkFile& file : files) keyfiles.add(file.text);
  return keyfiles.finish();
}

}  // namespace lifeboat::init
