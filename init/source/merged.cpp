#include "init/source/merged.hpp"

#include <algorithm>

namespace lifeboat::init {
namespace {

void take(const std::string& value, const Answer& answer, Sourced& into) {
  if (into.origin.empty() && !value.empty()) into = {value, answer.origin};
}

void take_keys(const Answer& answer, Account& account) {
  if (!answer.keys.empty()) account.key_origins.push_back(answer.origin);
  for (const std::string& key : answer.keys)
    if (std::ranges::find(account.keys, key) == account.keys.end()) account.keys.push_back(key);
}

/// One that knows name servers alone hides none that has links.
void take_network(const Answer& answer, const Answer*& into) {
  const bool hides = into != nullptr && (!into->network.links.empty() || answer.network.links.empty());
  if (!hides && !answer.network.is_empty()) into = &answer;
}

}  // namespace

bool Merged::lets_somebody_in() const {
  return std::ranges::any_of(accounts, [](const auto& entry) {
    return !entry.second.password_hash.value.empty() || !entry.second.keys.empty();
  });
}

Merged merge(const std::vector<const Answer*>& answers) {
  Merged merged;
  merged.accounts["root"];
  for (const Answer* answer : answers) {
    Account& account = merged.accounts[answer->user.empty() ? "root" : answer->user];
    take(answer->password_hash, *answer, account.password_hash);
    take_keys(*answer, account);
    take(answer->hostname, *answer, merged.hostname);
    take(answer->notify_socket, *answer, merged.notify_socket);
    take(answer->deadline, *answer, merged.deadline);
    take_network(*answer, merged.network);
    if (merged.host_key == nullptr && !answer->host_key.empty()) merged.host_key = answer;
  }
  return merged;
}

}  // namespace lifeboat::init
