#pragma once
#include <string>
#include <string_view>

#include "init/source/findings.hpp"
#include "init/source/platform.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// The CD (UDF) that Azure attaches when a machine is made, as for a repair: ovf-env.xml has the user, the password and
/// keys that were asked for. A CD without it is another's.
Result<Findings> read_azure_drive(const std::string& folder, const Platform& platform);
Result<Findings> parse_ovf_environment(std::string_view xml);

}  // namespace lifeboat::init
