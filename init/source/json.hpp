#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "init/source/findings.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

using Json = nlohmann::json;

/// The member; null where there is none, or where the value is no object.
const Json& member(const Json& value, const char* name);
/// The text; empty where the value is none.
std::string text_of(const Json& value);

/// A text of key lines, or a list or an object of such, in one another: clouds differ. What is neither is noted.
void add_keys(const Json& value, std::string_view where, Findings& findings);

/// The keys at a path of members, "compute/publicKeys/*/keyData": "*" is each value of a list or an object.
void add_keys_at(const Json& value, std::string_view path, Findings& findings);

/// A text as JSON has it, with its quotes; bytes that are no UTF-8 are replaced.
std::string json_quoted(std::string_view text);

/// Overwrites every text in it.
void wipe(Json& document);

/// Parses the document, which must be an object, and lets `read` take what it wants. A Failure that names the document
/// where it is none; whatever `read` throws is one, too. Its texts are wiped in the end.
Result<Findings> read_json_object(std::string_view text, const std::string& document,
                                  void (*read)(Json& object, Findings& findings));

}  // namespace lifeboat::init
