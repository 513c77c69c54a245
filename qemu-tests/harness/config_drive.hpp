#pragma once
#include <filesystem>
#include <map>
#include <string>

#include "qemu-tests/harness/vm.hpp"

namespace lifeboat::qemu {

/// OpenStack's config drive with this openstack/latest/meta_data.json.
DriveFiles openstack_drive(const std::string& meta_data);

/// Writes FOLDER/config.iso, a volume "config-2" with these files.
std::filesystem::path make_config_drive(const std::filesystem::path& folder, const DriveFiles& files);

/// The same as a FAT disk, as Nova makes it with config_drive_format=vfat: FOLDER/config.vfat.
std::filesystem::path make_vfat_config_drive(const std::filesystem::path& folder, const DriveFiles& files);

}  // namespace lifeboat::qemu
