#include <array>
#include <nlohmann/json.hpp>

#include "init/disk/disk_json.hpp"
#include "init/disk/disk_report.hpp"
#include "init/disk/optional_json.hpp"

namespace lifeboat::init {
namespace {

constexpr std::array roles = {DiskRole::rescue_medium, DiskRole::original,  DiskRole::config_drive,
                              DiskRole::swap,          DiskRole::ephemeral, DiskRole::other};

/// On one line; bytes that are no UTF-8 (there should be none left) become U+FFFD rather than an exception.
std::string dump(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

// nlohmann finds these by their names, in the namespace of the types.
void to_json(nlohmann::json& out, DiskRole role);
void from_json(const nlohmann::json& in, DiskRole& role);

void to_json(nlohmann::json& out, DiskRole role) { out = to_text(role); }

void from_json(const nlohmann::json& in, DiskRole& role) {
  for (DiskRole candidate : roles)
    if (in == to_text(candidate)) role = candidate;
}

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(FstabEntry, spec, point, type, options, line, device, problem)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(OperatingSystem, kind, name, fstab_lines, fstab_root, fstab, subvolume, architecture,
                                   kernels, machine_id, selinux, boot_loader)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Content, type, usage, label, uuid, size, used, version, devices, device_number,
                                   generation, system, care, next_command, boot)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Partition, number, name, start, size, type, type_name, label, uuid, active, content)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Disk, name, path, position, size, bus, model, serial, read_only, removable, optical,
                                   role, role_reason, medium_build, care, problem, table, table_id, content, partitions)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Member, device, uuid, state, slot)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Array, uuid, name, metadata, level, slots, members, size, state, path, content, care,
                                   rivals, doubt)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(LogicalVolume, name, uuid, kind, size, path, complete, cached, content)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(VolumeGroup, name, uuid, size, physical_volumes, volumes, care, rivals, doubt)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(OpenedDevice, name, path, device, size, content)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(Clone, kind, id, devices)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(RootPlace, device, kind, id)

namespace {

template <class T>
std::optional<T> parse_as(std::string_view text) {
  try {
    return nlohmann::json::parse(text).get<T>();
  } catch (const nlohmann::json::exception&) {  // the library's only way to say so; it goes no further
    return std::nullopt;
  }
}

}  // namespace

std::string disk_to_json(const Disk& disk) { return dump(disk); }
std::optional<Disk> disk_from_json(std::string_view text) { return parse_as<Disk>(text); }
std::string content_to_json(const Content& content) { return dump(content); }
std::optional<Content> content_from_json(std::string_view text) { return parse_as<Content>(text); }

std::string to_json(const DiskReport& report) {
  nlohmann::json json;
  json["original"] = report.original.empty() ? nlohmann::json(nullptr) : nlohmann::json(report.original);
  json["confidence"] = to_text(report.confidence);
  json["reason"] = report.reason;
  json["root"] = report.root;
  json["disks"] = report.disks;
  json["arrays"] = report.arrays;
  json["groups"] = report.groups;
  json["opened"] = report.opened;
  json["clones"] = report.clones;
  json["problems"] = report.problems;
  return dump(json);
}

}  // namespace lifeboat::init
