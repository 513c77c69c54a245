#pragma once
#include <map>
#include <string>
#include <vector>

#include "init/source/answer.hpp"

namespace lifeboat::init {

/// A value and the source that it came from, for people.
struct Sourced {
  std::string value;
  std::string origin;  ///< empty: no source had one
};

/// What one user may log in with.
struct Account {
  Sourced password_hash;
  std::vector<std::string> keys;         ///< of all sources, each once
  std::vector<std::string> key_origins;  ///< of those that had any
};

/// All answers in one: the first in the order of precedence wins, keys are merged from all.
struct Merged {
  std::map<std::string, Account> accounts;  ///< by user; "root" is always there
  Sourced hostname;
  Sourced notify_socket;
  Sourced deadline;
  const Answer* host_key = nullptr;  ///< the answer that has one
  const Answer* network = nullptr;   ///< the first that has a link, else that knows name servers

  bool lets_somebody_in() const;
};

/// `answers` in the order of precedence; they outlive the result.
Merged merge(const std::vector<const Answer*>& answers);

}  // namespace lifeboat::init
