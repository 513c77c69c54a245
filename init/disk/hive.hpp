#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lifeboat::init {

/// Bytes of a registry hive's file; nothing where it ends before.
using HiveReader = std::function<std::optional<std::string>(std::uint64_t offset, std::size_t size)>;

/// Values of one key of a Windows registry hive, "microsoft/windows nt/currentversion": of each name its text, or its
/// number in decimal, as UTF-8; empty where there is no such key or value. Paths and names are ASCII, in lower case.
/// Reads what it needs alone, and not without end.
std::vector<std::string> read_hive_values(const HiveReader& read, std::string_view path,
                                          const std::vector<std::string_view>& names);

}  // namespace lifeboat::init
