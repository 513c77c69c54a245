#pragma once
#include <string>

namespace lifeboat {

/// A random-style (version 4) GUID from 32 hexadecimal digits: "01234567-89ab-4def-a123-456789abcdef".
std::string make_guid(const std::string& digits);

}  // namespace lifeboat
