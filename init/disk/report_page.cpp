#include "init/disk/report_page.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "init/disk/file_systems.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t size_width = 10;

std::string padded(std::string_view text, std::size_t width, bool right) {
  const std::string blanks(width - std::min(width, columns(text)), ' ');
  return right ? blanks + std::string(text) : std::string(text) + blanks;
}

std::string fstab_text(const Content& content) {
  if (!content.system || content.system->fstab_lines == 0) return {};
  const std::string entries =
      std::to_string(content.system->fstab_lines) + (content.system->fstab_lines == 1 ? " entry" : " entries");
  return "fstab: " + entries + (content.system->fstab_root.empty() ? "" : ", / is " + content.system->fstab_root);
}

}  // namespace

std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::array<const char*, 6> units = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  auto value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 1023.95 && unit + 1 < units.size(); ++unit) value /= 1024;
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %s", value, units[unit]);
  return text;
}

std::string quoted_label(std::string_view label) { return label.empty() ? "" : " \"" + std::string(label) + "\""; }

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() || part.empty() ? "" : ", ") + part;
  return text;
}

std::string joined_and(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i)
    text += (i == 0 ? "" : i + 1 == parts.size() ? " and " : ", ") + parts[i];
  return text;
}

Page::Page(const DiskReport& report, int width) : width_(static_cast<std::size_t>(std::max(width, 1))) {
  static constexpr std::size_t widest = 16;  // longer names of volumes push their own row aside, not all others
  const auto fit = [this](std::string_view name, std::size_t indent = 0) {
    names_ = std::max(names_, std::min(indent + columns(name), widest));
  };
  for (const Disk& disk : report.disks) {
    fit(disk.name);
    for (const Partition& partition : disk.partitions) fit(partition.name, 2);
  }
  for (const Array& array : report.arrays) fit(array.name);
  for (const VolumeGroup& group : report.groups) {
    fit(group.name);
    for (const LogicalVolume& volume : group.volumes) fit(volume.name, 2);
  }
  for (const OpenedDevice& opened : report.opened) fit(opened.name);
}

void Page::row(std::string_view name, std::uint64_t size, std::string_view text) {
  wrap("  " + padded(name, names_, false) + "  " + padded(size == 0 ? "" : size_text(size), size_width, true) + "  ",
       text, text_column());
}

void Page::below(std::string_view text, std::string_view mark) {
  if (!text.empty()) wrap(std::string(text_column(), ' ') + std::string(mark), text, text_column() + columns(mark));
}

void Page::command(std::string_view text) {
  if (!text.empty()) put(std::string(text_column(), ' ') + "next: " + std::string(text));
}

void Page::wrap(std::string line, std::string_view text, std::size_t indent) {
  bool begun = false;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (begun && columns(line) + 1 + columns(word) > width_) {
      put(line);
      line.assign(indent, ' ');
      begun = false;
    }
    line += (begun ? " " : "") + std::string(word);
    begun = true;
  }
  put(line);
}

std::size_t Page::text_column() const { return 2 + names_ + 2 + size_width + 2; }

void Page::put(std::string_view line) {
  text_ += line.substr(0, line.find_last_not_of(' ') + 1);
  text_ += '\n';
}

std::string content_text(const Content& content) {
  if (content.type.empty()) return {};
  const FileSystemKind* kind = find_file_system_kind(content.type);
  std::string text(kind == nullptr ? content.type : std::string(kind->title));
  if (content.type == "crypto_LUKS" && !content.version.empty())
    text.insert(4, " " + content.version);  // "LUKS 2, ..."
  text += quoted_label(content.label);
  if (content.size != 0) text += ", " + size_text(content.used) + " used";
  if (content.system) text += ": " + content.system->name;
  return text;
}

void put_details(Page& page, const Content& content) {
  page.below(fstab_text(content));
  for (const std::string& line : content.care) page.below(line, "! ");
  page.command(content.next_command);
}

}  // namespace lifeboat::init
