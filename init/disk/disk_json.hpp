#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "init/disk/disk_report.hpp"

namespace lifeboat::init {

/// One disk on one line, as it stands in the report; also how a disk's worker tells what it found.
std::string disk_to_json(const Disk& disk);
/// Nothing where the text is not what disk_to_json writes.
std::optional<Disk> disk_from_json(std::string_view text);

/// The same for what lies in an array or a volume.
std::string content_to_json(const Content& content);
std::optional<Content> content_from_json(std::string_view text);

}  // namespace lifeboat::init
