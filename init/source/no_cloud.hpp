#pragma once
#include <string>

#include "init/source/findings.hpp"
#include "init/source/platform.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// cloud-init's NoCloud seed: meta-data (YAML: local-hostname, public-keys, and lifeboat-deadline of ours) and
/// user-data (cloud_config.hpp), both required; vendor-data where user-data has no password.
Result<Findings> read_no_cloud(const std::string& folder, const Platform& platform);

}  // namespace lifeboat::init
