#pragma once
#include <string_view>

#include "init/source/findings.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// Reads OpenStack's meta_data.json (config drive and metadata service): admin_pass, public_keys, keys, hostname,
/// random_seed, and where an older cloud describes the network (network_config). Only the top-level admin_pass counts:
/// what is below "meta" can be set by anyone who may label the server. A value of a wrong type or with control
/// characters is left out with a note. A Failure: not a JSON object.
Result<Findings> parse_meta_data(std::string_view json);

}  // namespace lifeboat::init
