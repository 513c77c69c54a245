#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "qemu-tests/harness/vm.hpp"

namespace lifeboat::qemu {

/// OpenStack's config drive with this openstack/latest/meta_data.json.
DriveFiles openstack_drive(const std::string& meta_data);

/// Writes FOLDER/LABEL.iso, a volume of the label with these files.
std::filesystem::path make_iso_volume(const std::filesystem::path& folder, const std::string& label,
                                      const DriveFiles& files);

/// The same as a FAT disk, as Nova makes it with config_drive_format=vfat: FOLDER/LABEL.vfat.
std::filesystem::path make_vfat_volume(const std::filesystem::path& folder, const std::string& label,
                                       const DriveFiles& files);

}  // namespace lifeboat::qemu
