#pragma once
#include <string_view>

#include "init/source/findings.hpp"
#include "init/source/platform.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// What Nova (or whoever prepared the medium for this machine) left on the partition of our own medium that is there
/// for it: contract/injection.hpp. Nothing elsewhere counts, whatever its label.
Result<Findings> read_injected_files(const Platform& platform);

/// Root's password out of a shadow(5) file, one that is not locked, the keys of an authorized_keys file, and the
/// network of ifupdown's file.
Result<Findings> parse_injected_files(std::string_view shadow, std::string_view authorized_keys,
                                      std::string_view interfaces = {});

}  // namespace lifeboat::init
