#include "init/boot/place.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "init/contract/text.hpp"

namespace lifeboat::init {
namespace {

using contract::split_words;

std::optional<unsigned> number(std::string_view text, int base) {
  unsigned value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
  return value;
}

std::vector<std::optional<unsigned>> numbers(std::string_view text, std::string_view separators, int base) {
  std::vector<std::optional<unsigned>> values;
  for (const std::string_view word : split_words(text, separators)) values.push_back(number(word, base));
  return values;
}

bool all_known(const std::vector<std::optional<unsigned>>& values, std::size_t count) {
  return values.size() == count && std::ranges::all_of(values, [](const auto& value) { return value.has_value(); });
}

std::string pci_text(unsigned device, unsigned function) {
  constexpr std::string_view digits = "0123456789abcdef";
  return {digits[device >> 4 & 15], digits[device & 15], '.', digits[function & 15]};
}

bool is_pci_address(std::string_view text) {
  return text.size() == 12 && text[4] == ':' && text[7] == ':' && text[10] == '.';  // 0000:00:1f.2
}

/// The digits behind `word` at the start of a component: 6 for "ata6" and "ata".
std::optional<unsigned> numbered(std::string_view component, std::string_view word) {
  if (!component.starts_with(word)) return std::nullopt;
  return number(component.substr(word.size()), 10);
}

/// "2:0:1:0" is host, channel, target, LUN.
std::optional<Place::Scsi> scsi_address(std::string_view component) {
  const auto values = numbers(component, ":", 10);
  if (component.find(':') == component.npos || !all_known(values, 4)) return std::nullopt;
  return Place::Scsi{*values[1], *values[2], *values[3]};
}

/// "1-2.4" is port 4 of the hub at port 2 of bus 1; interfaces ("1-2.4:1.0") and buses ("usb1") are none.
std::vector<unsigned> usb_ports(std::string_view component) {
  const std::size_t dash = component.find('-');
  if (dash == component.npos || component.find(':') != component.npos || !number(component.substr(0, dash), 10))
    return {};
  std::vector<unsigned> ports;
  for (const auto& port : numbers(component.substr(dash + 1), ".", 10)) {
    if (!port) return {};
    ports.push_back(*port);
  }
  return ports;
}

/// "nvme0n1" -> 1; the controller in the middle of multipath's names ("nvme0c0n1") is passed over.
std::optional<unsigned> nvme_namespace(std::string_view component) {
  const std::size_t last = component.rfind('n');
  if (!component.starts_with("nvme") || last == 0 || last == component.npos) return std::nullopt;
  return number(component.substr(last + 1), 10);
}

}  // namespace

std::string ata_port_name(std::string_view position) {
  for (const std::string_view component : split_words(position, "/"))
    if (numbered(component, "ata")) return std::string(component);
  return {};
}

std::optional<Place> place_of_disk(std::string_view position, std::optional<unsigned> ata_port) {
  Place place;
  for (const std::string_view component : split_words(position, "/")) {
    if (is_pci_address(component)) place.pci.emplace_back(component.substr(8));
    if (const auto scsi = scsi_address(component)) place.scsi = scsi;
    if (auto ports = usb_ports(component); !ports.empty()) place.usb = std::move(ports);
    if (const auto name_space = nvme_namespace(component)) place.nvme_namespace = name_space;
  }
  if (place.pci.empty()) return std::nullopt;
  if (ata_port && *ata_port > 0) {
    place.ata_port = *ata_port - 1;
    place.ata_device = place.scsi ? place.scsi->target : 0;
    place.scsi.reset();
  }
  return place;
}

namespace {

/// One component of an Open Firmware path, "disk@1,0": a name, and numbers in hexadecimal.
struct Component {
  std::string_view name;
  std::vector<std::optional<unsigned>> at;
};

Component component_of(std::string_view text) {
  const std::size_t at = std::min(text.find('@'), text.size());
  return {text.substr(0, at), numbers(text.substr(std::min(at + 1, text.size())), ",", 16)};
}

/// What hangs on a PCI device, not on a PCI bus.
bool ends_pci(std::string_view name) {
  constexpr std::array<std::string_view, 7> names{"drive", "disk",    "channel",     "namespace",
                                                  "hub",   "storage", "ethernet-phy"};
  return std::ranges::find(names, name) != names.end() || name.starts_with("usb-");
}

bool read_pci(Place& place, const Component& component) {
  if (component.at.empty() || component.at.size() > 2) return false;
  const auto device = component.at[0];
  const auto function = component.at.size() == 2 ? component.at[1] : std::optional<unsigned>(0);
  if (!device || !function || *device > 0x1f || *function > 7) return false;
  place.pci.push_back(pci_text(*device, *function));
  return true;
}

/// "disk@0" of an IDE or AHCI drive; "disk@TARGET,LUN" behind a channel; "disk@0,0" of virtio-blk, which says nothing.
bool read_disk(Place& place, const Component& component) {
  if (place.ata_port) {
    if (!all_known(component.at, 1)) return false;
    place.ata_device = component.at[0];
  } else if (place.scsi) {
    if (!all_known(component.at, 2)) return false;
    place.scsi->target = *component.at[0];
    place.scsi->lun = *component.at[1];
  }
  return true;
}

bool read_behind_pci(Place& place, const Component& component) {
  if (component.name == "disk") return read_disk(place, component);
  if (component.at.empty() || !component.at[0]) return false;
  if (component.name == "drive") {
    place.ata_port = component.at[0];
  } else if (component.name == "channel") {
    place.scsi = Place::Scsi{*component.at[0], 0, 0};
  } else if (component.name == "namespace") {
    place.nvme_namespace = component.at[0];
  } else if (component.name == "hub" || component.name == "storage" || component.name.starts_with("usb-")) {
    place.usb.push_back(*component.at[0]);
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::optional<Place> place_in_boot_order(std::string_view line) {
  const auto words = split_words(line, "/");
  if (words.empty() || !words[0].starts_with("pci")) return std::nullopt;
  Place place;
  bool behind_pci = false;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const Component component = component_of(words[i]);
    behind_pci = behind_pci || ends_pci(component.name);
    if (!(behind_pci ? read_behind_pci(place, component) : read_pci(place, component))) return std::nullopt;
  }
  if (place.pci.empty()) return std::nullopt;
  return place;
}

namespace {

unsigned little(std::string_view bytes, std::size_t offset, std::size_t width) {
  unsigned value = 0;
  for (std::size_t i = 0; i < width && offset + i < bytes.size(); ++i)
    value |= static_cast<unsigned>(static_cast<unsigned char>(bytes[offset + i])) << (8 * i);
  return value;
}

constexpr unsigned node(unsigned type, unsigned subtype) { return type << 8 | subtype; }

/// One node's data. False where nothing that follows can be understood.
bool read_node(Place& place, unsigned kind, std::string_view data) {
  const auto has = [&](std::size_t size) { return data.size() >= size; };
  const auto byte = [&](std::size_t at) { return little(data, at, 1); };
  switch (kind) {
    case node(2, 1):  // ACPI: the PCI root bridge
      return place.pci.empty() && has(8) && (little(data, 0, 4) == 0x0a0341d0 || little(data, 0, 4) == 0x0a0841d0);
    case node(1, 1):  // PCI: function, device
      place.pci.push_back(pci_text(byte(1), byte(0)));
      return has(2) && byte(1) <= 0x1f && byte(0) <= 7;
    case node(3, 1):  // ATAPI, that is IDE: channel, slave, LUN
      place.ata_port = byte(0);
      place.ata_device = byte(1);
      return has(4);
    case node(3, 2):  // SCSI: target, LUN
      place.scsi = Place::Scsi{0, little(data, 0, 2), little(data, 2, 2)};
      return has(4);
    case node(3, 5):  // USB: port counted from 0, interface
      place.usb.push_back(byte(0) + 1);
      return has(2);
    case node(3, 18):  // SATA: port, port multiplier, LUN
      place.ata_port = little(data, 0, 2);
      return has(6);
    case node(3, 23):  // NVMe: namespace
      place.nvme_namespace = little(data, 0, 4);
      return has(12);
    case node(3, 17):  // a USB device's logical unit
    case node(4, 1):   // a partition
    case node(4, 2):   // a CD's boot entry
    case node(4, 4):   // a file
      return true;
    default:
      return false;
  }
}

}  // namespace

std::optional<Place> place_in_boot_option(std::string_view option) {
  constexpr std::size_t fixed = 6, end_of_path = 0x7f, head = 4;
  if (option.size() < fixed) return std::nullopt;
  std::size_t at = fixed;
  while (at + 1 < option.size() && little(option, at, 2) != 0) at += 2;  // the description
  std::string_view path = option.substr(std::min(at + 2, option.size()), little(option, 4, 2));
  Place place;
  while (path.size() >= head) {
    const unsigned type = little(path, 0, 1), length = little(path, 2, 2);
    if (length < head || length > path.size()) return std::nullopt;
    if (type == end_of_path) break;
    if (!read_node(place, node(type, little(path, 1, 1)), path.substr(head, length - head))) return std::nullopt;
    path.remove_prefix(length);
  }
  if (place.pci.empty()) return std::nullopt;
  return place;
}

bool leads_to(const Place& firmware, const Place& disk) {
  if (firmware.pci != disk.pci || firmware.usb != disk.usb) return false;
  if (firmware.ata_port != disk.ata_port) return false;
  if (disk.ata_port) return firmware.ata_device.value_or(0) == disk.ata_device.value_or(0);
  if (disk.nvme_namespace) return firmware.nvme_namespace.value_or(1) == *disk.nvme_namespace;
  if (!disk.usb.empty()) return !firmware.scsi || !disk.scsi || firmware.scsi->lun == disk.scsi->lun;
  return firmware.scsi == disk.scsi;
}

}  // namespace lifeboat::init
