#pragma once
#include <string>

#include "init/source/findings.hpp"
#include "init/source/platform.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// OpenStack's config drive: openstack/latest/meta_data.json, and beside it user_data and network_data.json.
Result<Findings> read_config_drive(const std::string& folder, const Platform& platform);

}  // namespace lifeboat::init
