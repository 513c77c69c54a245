#pragma once
#include <nlohmann/json.hpp>
#include <optional>

namespace nlohmann {

/// An optional value is null where there is none; this version of the library does not know it by itself.
template <class T>
struct adl_serializer<std::optional<T>> {
  static void to_json(json& out, const std::optional<T>& value) { out = value ? json(*value) : json(nullptr); }
  static void from_json(const json& in, std::optional<T>& value) {
    value = in.is_null() ? std::nullopt : std::optional<T>(in.get<T>());
  }
};

}  // namespace nlohmann
