#pragma once
#include <string>

#include "init/source/findings.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init::test {

/// What a source found as a table's expected text has it: "what: value", one per line, in this order.
inline std::string described(const Result<Findings>& findings) {
  if (!findings) return "failure: " + findings.error();
  std::string text;
  const auto add = [&text](const char* what, std::string_view value) {
    if (!value.empty()) text += (text.empty() ? "" : "\n") + std::string(what) + ": " + std::string(value);
  };
  add("password", findings->password.view());
  add("password hash", findings->password_hash);
  add("user", findings->user);
  add("hostname", findings->hostname);
  add("random seed", findings->random_seed);
  add("host key", findings->host_key.view());
  add("notify socket", findings->notify_socket);
  add("deadline", findings->deadline);
  for (const std::string& key : findings->keys) add("key", key);
  for (const std::string& note : findings->notes) add("note", note);
  return text;
}

}  // namespace lifeboat::init::test
