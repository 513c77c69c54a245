#include <array>

#include "init/disk/report_page.hpp"

namespace lifeboat::init {
namespace {

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

/// The table's word for a partition where it says more than its content does.
std::string partition_text(const Partition& partition) {
  const std::string content = content_text(partition.content);
  const auto says = [&](std::string_view word) { return partition.type_name.find(word) != std::string::npos; };
  const bool special = says("EFI") || says("boot") || says("recovery");
  if (!content.empty()) return special ? partition.type_name + ", " + content : content;
  const std::string type = partition.type_name.empty() ? "type " + partition.type : partition.type_name;
  return (partition.type.empty() ? "empty, or not known" : type) + quoted_label(partition.label);
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
  put_layers(page, report);
  return page.take();
}

}  // namespace lifeboat::init
