#pragma once
#include <string>
#include <string_view>

#include "init/source/findings.hpp"
#include "init/source/platform.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// cloud-init's NoCloud seed: meta-data (YAML: local-hostname, public-keys, and lifeboat-deadline of ours) and
/// user-data (cloud_config.hpp), both required; vendor-data where user-data has no password; network-config
/// (network_config.hpp).
Result<Findings> read_no_cloud(const std::string& folder, const Platform& platform);

/// The same seed, from its files' texts.
Findings parse_no_cloud(std::string_view meta_data, std::string_view user_data, std::string_view vendor_data);

}  // namespace lifeboat::init
