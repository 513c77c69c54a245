#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "init/sys/result.hpp"

namespace lifeboat::init {

/// One YAML document as JSON. Every scalar is a text, as it is written (12345 and yes may be passwords); a plain empty
/// one, ~ and null are null. Refused: aliases (a bomb of them fits in a line), more than 20 levels or 100,000 values,
/// keys that are no scalars. Of equal keys the last one counts. A Failure says the line.
Result<nlohmann::json> parse_yaml(std::string_view text);

/// Overwrites every text in it.
void wipe(nlohmann::json& document);

}  // namespace lifeboat::init
