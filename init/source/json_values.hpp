#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "init/source/findings.hpp"

namespace lifeboat::init {

/// Reading foreign documents: what is not there, or is of another type, is empty.
const nlohmann::json& value_at(const nlohmann::json& object, const char* name);
const nlohmann::json& list_at(const nlohmann::json& object, const char* name);  ///< an array, maybe an empty one
std::string text_at(const nlohmann::json& object, const char* name);

/// A text as JSON has it, with its quotes; bytes that are no UTF-8 are replaced.
std::string json_quoted(std::string_view text);

/// Keys as the clouds give them: a text of lines, or a list or an object of them, in one another. `where` is for the
/// note on what is no text.
void add_keys(const nlohmann::json& value, const std::string& where, Findings& findings);

}  // namespace lifeboat::init
