#include "init/disk/fstab_tags.hpp"

#include <algorithm>
#include <charconv>

#include "init/disk/kernel_name.hpp"
#include "init/disk/read_bytes.hpp"

namespace lifeboat::init {
namespace {

/// udev writes "\x20" for a blank in its links' names; of others an fstab has none.
std::string without_udev_escapes(std::string_view name) {
  std::string out;
  while (!name.empty()) {
    unsigned value = 0;
    const bool escaped = name.starts_with("\\x") && name.size() >= 4 &&
                         std::from_chars(name.data() + 2, name.data() + 4, value, 16).ptr == name.data() + 4 &&
                         value >= 0x20 && value < 0x7f;
    out += escaped ? static_cast<char>(value) : name.front();
    name.remove_prefix(escaped ? 4 : 1);
  }
  return out;
}

constexpr FstabTag tags[] = {
    {"UUID=", "/dev/disk/by-uuid/", "no file system here has this UUID",
     [](const FstabDevice& device, std::string_view id) {
       return is_mountable(device) && same_id(device.content->uuid, id);
     }},
    {"LABEL=", "/dev/disk/by-label/", "no file system here has this label",
     [](const FstabDevice& device, std::string_view id) {
       return is_mountable(device) && !id.empty() && device.content->label == id;
     }},
    {"PARTUUID=", "/dev/disk/by-partuuid/", "no partition here has this UUID",
     [](const FstabDevice& device, std::string_view id) {
       return device.partition != nullptr && same_id(device.partition->uuid, id);
     }},
    {"PARTLABEL=", "/dev/disk/by-partlabel/", "no partition here has this name",
     [](const FstabDevice& device, std::string_view id) {
       return device.partition != nullptr && !id.empty() && device.partition->label == id;
     }},
};

}  // namespace

bool same_id(std::string_view left, std::string_view right) {
  return !left.empty() &&
         std::ranges::equal(left, right, [](char a, char b) { return ascii_lower(a) == ascii_lower(b); });
}

std::optional<std::string_view> after(std::string_view text, std::string_view prefix) {
  return text.starts_with(prefix) ? std::optional(text.substr(prefix.size())) : std::nullopt;
}

bool is_mountable(const FstabDevice& device) {
  return device.content->usage != "raid" && !device.content->type.empty();
}

std::optional<TaggedId> parse_tag(std::string_view spec) {
  for (const FstabTag& tag : tags) {
    if (const auto name = after(spec, tag.folder)) return TaggedId{&tag, without_udev_escapes(*name)};
    auto id = after(spec, tag.name);
    if (!id) continue;
    if (id->size() >= 2 && id->front() == '"' && id->back() == '"') id = id->substr(1, id->size() - 2);
    return TaggedId{&tag, std::string(*id)};
  }
  return std::nullopt;
}

std::pair<std::string_view, std::uint32_t> split_part(std::string_view name) {
  const std::size_t at = name.rfind("-part");
  if (at == std::string_view::npos) return {name, 0};
  const auto number = parse_number(name.substr(at + 5));
  return number ? std::pair(name.substr(0, at), *number) : std::pair(name, std::uint32_t{0});
}

bool is_part(const FstabDevice& device, std::uint32_t number) {
  if (device.disk == nullptr) return false;
  return number == 0 ? device.partition == nullptr : device.partition != nullptr && device.partition->number == number;
}

std::string underscored(std::string text) {
  std::ranges::replace(text, ' ', '_');
  return text;
}

}  // namespace lifeboat::init
