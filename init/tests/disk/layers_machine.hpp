#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "init/tests/disk/machine.hpp"

namespace lifeboat::init::test {

/// An image with the bytes that init/tests/data/layers/NAME.txt has of a real one ("OFFSET HEX" lines), zeros
/// elsewhere.
std::filesystem::path make_golden_image(const std::filesystem::path& folder, const std::string& name);

/// A machine with those images as whole disks, vda, vdb ...; then its report, with devices as "/dev/vda". `named`: as
/// DiscoverOptions has it.
DiskReport discover_golden(const std::vector<std::string>& names, const std::string& own_disk = "",
                           const std::vector<std::string>& named = {});

/// "0 vda active, 1 - missing": the members of an array or a group.
std::string member_words(const std::vector<Member>& members);

}  // namespace lifeboat::init::test
