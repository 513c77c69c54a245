#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lifeboat {

/// "Sat, 06 Sep 2025 09:57:01 UTC" as Unix time: the one form that Release files use; GMT and +0000 say the same.
std::optional<std::int64_t> parse_release_date(std::string_view text);

/// The same form from Unix time. Years that four digits cannot tell are cut to the nearest that they can.
std::string release_date_text(std::int64_t unix_time);

/// "20250906T095701Z": how a dated snapshot archive names a moment.
std::string snapshot_stamp(std::int64_t unix_time);

}  // namespace lifeboat
