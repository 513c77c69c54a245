#pragma once
#include <string>
#include <string_view>

namespace lifeboat::init {

/// "EFI system" for "c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "Linux" for "0x83"; empty where the type is not in the
/// table.
std::string partition_type_name(std::string_view type);

}  // namespace lifeboat::init
