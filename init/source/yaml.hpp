#pragma once
#include <string_view>

#include "init/source/json.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// One YAML document as JSON. Every scalar is a text, as it is written (12345 and yes may be passwords); a plain empty
/// one, ~ and null are null. Refused: aliases (a bomb of them fits in a line), more than 20 levels or 100,000 values,
/// keys that are no scalars. Of equal keys the last one counts. A Failure says the line.
Result<Json> parse_yaml(std::string_view text);

}  // namespace lifeboat::init
