#include "init/net/card_names.hpp"

#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "init/contract/text.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/folder.hpp"

namespace lifeboat::init {
namespace {

using Slots = std::vector<std::pair<std::string, std::string>>;

std::string first_line(const std::string& file) {
  const std::string text = read_file(file, 4096).value_or("");
  return text.substr(0, text.find('\n'));
}

/// What the links lead to; empty: nothing.
std::string real_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr), &std::free);
  return real ? real.get() : "";
}

Slots list_slots(const std::string& sysfs) {
  Slots slots;
  for (const FolderEntry& entry : list_folder(sysfs + "/bus/pci/slots"))
    slots.emplace_back(entry.name, first_line(sysfs + "/bus/pci/slots/" + entry.name + "/address"));
  return slots;
}

/// The last PCI address in the path, "0000:00:03.0": a virtio card lies below its own.
std::string pci_address(const std::string& path) {
  std::string last;
  for (const std::string_view part : contract::split_words(path, "/"))
    if (part.size() == 12 && part[4] == ':' && part[7] == ':' && part[10] == '.') last = part;
  return last;
}

bool is_taken(const NetworkPlan& plan, const Card& card) {
  return std::ranges::any_of(plan.links, [&](const PlannedLink& link) {
    return link.kind == LinkKind::card && (link.mac.empty() ? link.name == card.name : link.mac == card.mac);
  });
}

const Card* find_card(const std::vector<Card>& cards, const PlannedLink& link) {
  const auto found = std::ranges::find_if(cards, [&](const Card& card) {
    return link.mac.empty() ? card.name == link.name || std::ranges::find(card.others, link.name) != card.others.end()
                            : card.mac == link.mac;
  });
  return found == cards.end() ? nullptr : &*found;
}

}  // namespace

std::vector<std::string> other_names(const std::string& device_path, const std::string& firmware_index,
                                     const Slots& slots, const std::string& mac) {
  std::vector<std::string> names;
  std::string digits = mac;
  std::erase(digits, ':');
  if (!digits.empty()) names.push_back("enx" + digits);
  if (!firmware_index.empty() && firmware_index != "0") names.push_back("eno" + firmware_index);
  unsigned domain = 0, bus = 0, slot = 0, function = 0;
  const std::string address = pci_address(device_path);
  if (std::sscanf(address.c_str(), "%4x:%2x:%2x.%1x", &domain, &bus, &slot, &function) != 4) return names;
  const std::string behind = function == 0 ? "" : "f" + std::to_string(function);
  const std::string before = domain == 0 ? "en" : "enP" + std::to_string(domain);
  // The first function of several has its "f0" too.
  for (const std::string& end : {behind, "f" + std::to_string(function)}) {
    names.push_back(before + "p" + std::to_string(bus) + "s" + std::to_string(slot) + end);
    for (const auto& [name, where] : slots)
      if (!where.empty() && device_path.find("/" + where + ".") != std::string::npos)
        names.push_back(before + "s" + name + end);
  }
  return names;
}

std::vector<Card> list_cards(const std::string& sysfs) {
  std::vector<Card> cards;
  const Slots slots = list_slots(sysfs);
  for (const FolderEntry& entry : list_folder(sysfs + "/class/net")) {
    const std::string folder = sysfs + "/class/net/" + entry.name;
    const std::string device = real_path(folder + "/device");
    if (device.empty() || first_line(folder + "/type") != "1") continue;
    std::string index = first_line(folder + "/device/acpi_index");
    if (index.empty()) index = first_line(folder + "/device/index");
    const auto own = parse_mac(first_line(folder + "/bonding_slave/perm_hwaddr"));  // a bond's member bears the bond's
    const std::string mac = own ? *own : parse_mac(first_line(folder + "/address")).value_or("");
    cards.push_back({entry.name, mac, other_names(device + "/", index, slots, mac)});
  }
  return cards;
}

void name_cards_by_mac(NetworkPlan& plan, const std::vector<Card>& cards) {
  std::vector<PlannedLink*> lost;
  for (PlannedLink& link : plan.links) {
    if (link.kind != LinkKind::card || link.name.find('*') != std::string::npos) continue;
    const Card* card = find_card(cards, link);
    if (card == nullptr && !link.mac.empty() && !link.name.empty()) {
      link.mac.clear();
      card = find_card(cards, link);
    }
    if (card == nullptr) lost.push_back(&link);
    if (card != nullptr && link.mac.empty()) link.mac = card->mac;
  }
  std::vector<const Card*> free_cards;
  for (const Card& card : cards)
    if (!is_taken(plan, card)) free_cards.push_back(&card);
  if (lost.size() != 1 || free_cards.size() != 1) return;
  plan.notes.push_back("its " + lost.front()->id + " is taken to be " + free_cards.front()->name +
                       ", the only card that nothing else is said of");
  lost.front()->mac = free_cards.front()->mac;
}

}  // namespace lifeboat::init
