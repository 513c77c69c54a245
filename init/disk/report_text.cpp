#include <algorithm>
#include <array>
#include <cstdio>

#include "init/disk/disk_report.hpp"
#include "init/disk/file_systems.hpp"

namespace lifeboat::init {
namespace {

std::size_t columns(std::string_view text) {  // as many as it has characters
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

std::string padded(std::string_view text, std::size_t width, bool right) {
  const std::string blanks(width - std::min(width, columns(text)), ' ');
  return right ? blanks + std::string(text) : std::string(text) + blanks;
}

std::string quoted(std::string_view label) { return label.empty() ? "" : " \"" + std::string(label) + "\""; }

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() || part.empty() ? "" : ", ") + part;
  return text;
}

/// Three columns: the name (a partition's is indented), the size, and text that goes on below itself.
class Page {
 public:
  Page(const DiskReport& report, int width) : width_(static_cast<std::size_t>(std::max(width, 1))) {
    for (const Disk& disk : report.disks) {
      names_ = std::max(names_, columns(disk.name));
      for (const Partition& partition : disk.partitions) names_ = std::max(names_, 2 + columns(partition.name));
    }
  }

  void row(std::string_view name, std::uint64_t size, std::string_view text) {
    wrap("  " + padded(name, names_, false) + "  " + padded(size == 0 ? "" : size_text(size), size_width, true) + "  ",
         text, text_column());
  }
  void below(std::string_view text, std::string_view mark = "") {
    if (!text.empty()) wrap(std::string(text_column(), ' ') + std::string(mark), text, text_column() + columns(mark));
  }
  /// A command is never broken: it is copied as it stands.
  void command(std::string_view text) {
    if (!text.empty()) put(std::string(text_column(), ' ') + "next: " + std::string(text));
  }
  void wrap(std::string line, std::string_view text, std::size_t indent) {
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
  std::string take() { return std::move(text_); }

 private:
  static constexpr std::size_t size_width = 10;
  std::size_t text_column() const { return 2 + names_ + 2 + size_width + 2; }
  void put(std::string_view line) {
    text_ += line.substr(0, line.find_last_not_of(' ') + 1);
    text_ += '\n';
  }

  std::size_t width_;
  std::size_t names_ = 4;
  std::string text_;
};

std::string role_text(const Disk& disk, Confidence confidence) {
  constexpr std::array<const char*, 3> originals = {
      "ORIGINAL DISK: ", "ORIGINAL DISK, likely: ", "ORIGINAL DISK? Not sure: "};
  switch (disk.role) {
    case DiskRole::original:
      return originals[static_cast<std::size_t>(confidence)] + disk.role_reason;
    case DiskRole::rescue_medium:
      return "rescue medium: " + disk.role_reason;
    case DiskRole::config_drive:
      return "config drive";
    case DiskRole::swap:
      return "swap";
    case DiskRole::ephemeral:
      return "ephemeral disk";
    case DiskRole::other:
      break;
  }
  return disk.role_reason.empty() ? "another disk" : disk.role_reason;
}

std::string content_text(const Content& content) {
  if (content.type.empty()) return {};
  const FileSystemKind* kind = find_file_system_kind(content.type);
  std::string text(kind == nullptr ? content.type : std::string(kind->title));
  if (content.type == "crypto_LUKS" && !content.version.empty())
    text.insert(4, " " + content.version);  // "LUKS 2, ..."
  text += quoted(content.label);
  if (content.size != 0) text += ", " + size_text(content.used) + " used";
  if (content.system) text += ": " + content.system->name;
  return text;
}

/// The table's word for a partition where it says more than its content does.
std::string partition_text(const Partition& partition) {
  const std::string content = content_text(partition.content);
  const auto says = [&](std::string_view word) { return partition.type_name.find(word) != std::string::npos; };
  const bool special = says("EFI") || says("boot") || says("recovery");
  if (!content.empty()) return special ? partition.type_name + ", " + content : content;
  const std::string type = partition.type_name.empty() ? "type " + partition.type : partition.type_name;
  return (partition.type.empty() ? "empty, or not known" : type) + quoted(partition.label);
}

std::string fstab_text(const Content& content) {
  if (!content.system || content.system->fstab_lines == 0) return {};
  const std::string entries =
      std::to_string(content.system->fstab_lines) + (content.system->fstab_lines == 1 ? " entry" : " entries");
  return "fstab: " + entries + (content.system->fstab_root.empty() ? "" : ", / is " + content.system->fstab_root);
}

void put_details(Page& page, const Content& content) {
  page.below(fstab_text(content));
  for (const std::string& line : content.care) page.below(line, "! ");
  page.command(content.next_command);
}

std::string table_text(const Disk& disk) {
  if (disk.table.empty()) return {};
  const std::string title = disk.table == "gpt" ? "GPT" : disk.table == "dos" ? "MBR" : disk.table + " partition table";
  const std::string id = disk.table == "dos" ? ", disk signature " : " ";
  return title + (disk.table_id.empty() ? "" : id + disk.table_id);
}

void put_disk(Page& page, const Disk& disk, Confidence confidence) {
  page.row(disk.name, disk.size, role_text(disk, confidence));
  const std::string serial = disk.serial.empty() ? "" : "serial " + disk.serial;
  page.below(joined({disk.bus, disk.model, serial, disk.read_only && !disk.optical ? "read-only" : ""}));
  page.below(table_text(disk));
  for (const std::string& line : disk.care) page.below(line, "! ");
  if (!disk.problem.empty()) page.below(disk.problem, "! ");
  page.below(content_text(disk.content));
  put_details(page, disk.content);
  for (const Partition& partition : disk.partitions) {
    const std::string name = partition.name.empty() ? "(" + std::to_string(partition.number) + ")" : partition.name;
    page.row("  " + name, partition.size, partition_text(partition));
    put_details(page, partition.content);
  }
}

}  // namespace

std::string_view to_text(DiskRole role) {
  switch (role) {
    case DiskRole::rescue_medium:
      return "rescue medium";
    case DiskRole::original:
      return "original";
    case DiskRole::config_drive:
      return "config drive";
    case DiskRole::swap:
      return "swap";
    case DiskRole::ephemeral:
      return "ephemeral";
    case DiskRole::other:
      break;
  }
  return "other";
}

std::string_view to_text(Confidence confidence) {
  constexpr std::array<std::string_view, 3> words = {"certain", "likely", "unsure"};
  return words[static_cast<std::size_t>(confidence)];
}

std::string to_text(const DiskReport& report, int width) {
  Page page(report, width);
  page.wrap("", "Disks", 0);
  if (report.original.empty()) page.wrap("  ", "No original disk was found: " + report.reason + ".", 2);
  for (const std::string& problem : report.problems) page.wrap("  ! ", problem, 4);
  for (const Disk& disk : report.disks) put_disk(page, disk, report.confidence);
  return page.take();
}

}  // namespace lifeboat::init
