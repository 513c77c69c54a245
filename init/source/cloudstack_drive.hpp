#pragma once
#include <string>

#include "init/source/findings.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// CloudStack's config drive, whose label is OpenStack's: cloudstack/password/vm_password.txt,
/// cloudstack/metadata/public-keys.txt (or _keys), cloudstack/metadata/local-hostname.txt.
Result<Findings> read_cloudstack_drive(const std::string& folder);

}  // namespace lifeboat::init
