#include "init/source/xenstore_agent.hpp"

#include <strings.h>

#include <cerrno>
#include <cstdio>
#include <thread>

#include "init/contract/text.hpp"
#include "init/source/xenstore_network.hpp"

namespace lifeboat::init {
namespace {

constexpr const char* host_folder = "data/host";
constexpr const char* guest_folder = "data/guest";
constexpr const char* network_folder = "vm-data/networking";
constexpr Milliseconds open_again{5'000};
/// Hosts wait 30 s for an answer; a watch tells at once, this is for those that do not.
constexpr Milliseconds look_again_at_store{5'000};
constexpr std::size_t most_requests = 64;  // at a time

bool is_lost(const Status& status) { return !status && status.failure().number == 0; }

/// The value of an optional key; a Failure where the connection is lost.
Result<std::string> read_optional(Xenstore& store, const std::string& path) {
  auto value = store.read(path);
  if (!value && value.failure().number != 0) return std::string();
  return value;
}

/// It names one key of the store.
bool is_request_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 &&
         name.find_first_not_of("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_") ==
             std::string_view::npos;
}

/// The host takes the answer for the request's once the request is gone.
Status answer_one(Xenstore& store, XenstoreCommands& commands, const std::string& name) {
  const std::string path = std::string(host_folder) + "/" + name;
  auto request = read_optional(store, path);
  if (!request) return request.failure();
  if (Status removed = store.remove(path); is_lost(removed)) return removed;
  if (request->empty()) return Done{};
  const std::string reply = commands.answer(*request);
  Secret::wipe(*request);
  Status written = store.write(std::string(guest_folder) + "/" + name, reply);
  return is_lost(written) ? written : Status(Done{});
}

/// What the host says of each card; a Failure where the connection is lost.
Result<NetworkPlan> read_network(Xenstore& store) {
  auto names = store.list(network_folder);
  if (!names && names.failure().number == 0) return names.failure();
  if (!names) return NetworkPlan{};
  if (names->size() > most_planned_links) names->resize(most_planned_links);
  std::vector<std::string> documents;
  for (const std::string& name : *names) {
    if (!is_request_name(name)) continue;
    auto document = read_optional(store, std::string(network_folder) + "/" + name);
    if (!document) return document.failure();
    if (!document->empty()) documents.push_back(std::move(*document));
  }
  return parse_xenstore_network(documents);
}

/// The host has all of it there before it starts the machine, and before it asks for the network anew.
Status take_host_data(Xenstore& store, XenstoreCommands& commands) {
  auto network = read_network(store);
  if (!network) return network.failure();
  commands.take_network(std::move(*network));
  auto hostname = read_optional(store, "vm-data/hostname");
  if (!hostname) return hostname.failure();
  commands.take_hostname(std::string(contract::trim(*hostname)));
  return Done{};
}

/// Until the connection is lost.
Status serve(Xenstore& store, XenstoreCommands& commands) {
  if (Status made = store.make_folder(host_folder); is_lost(made)) return made;
  if (Status watched = store.watch(host_folder); is_lost(watched)) return watched;
  while (true) {
    if (Status taken = take_host_data(store, commands); !taken) return taken;
    if (Status answered = answer_xenstore_requests(store, commands); !answered) return answered;
    if (Status waited = store.await_change(look_again_at_store); !waited) return waited;
  }
}

}  // namespace

Belonging belongs_to_xenstore(const Platform& platform) {
  return platform.has_xenstore ? Belonging::yes : Belonging::no;
}

Status check_xenstore_provider(Xenstore& store, const std::string& accepted) {
  auto provider = read_optional(store, "vm-data/provider_data/provider");
  if (!provider) return provider.failure();
  const std::string name(contract::trim(*provider));
  if (name.empty() || ::strcasecmp(name.c_str(), "rackspace") == 0 || ::strcasecmp(name.c_str(), accepted.c_str()) == 0)
    return Done{};
  return Failure{"the host's provider \"" + name +
                     "\" is not known, so its requests are not answered (lifeboat.xenstore_provider=NAME has them "
                     "answered)",
                 EPERM};
}

Status answer_xenstore_requests(Xenstore& store, XenstoreCommands& commands) {
  auto names = store.list(host_folder);
  if (!names) return names.failure().number == 0 ? Status(names.failure()) : Status(Done{});
  if (names->size() > most_requests) names->resize(most_requests);
  for (const std::string& name : *names)
    if (is_request_name(name))
      if (Status answered = answer_one(store, commands, name); !answered) return answered;
  return Done{};
}

void run_xenstore_agent(const AgentHelp& help, const std::string& accepted_provider,
                        const std::function<Result<Fd>()>& open) {
  XenstoreCommands commands(help);
  std::string told;
  while (true) {
    auto device = open();
    Status served = device ? Status(Done{}) : Status(device.failure());
    if (device) {
      Xenstore store(std::move(*device));
      served = check_xenstore_provider(store, accepted_provider);
      if (!served && !is_lost(served)) {
        static_cast<void>(help.answer(Answer{.origin = "xenstore", .notes = {served.error()}}));
        stay();
      }
      if (served) served = serve(store, commands);
    }
    if (served.error() != told) std::fprintf(stderr, "%s\n", (told = served.error()).c_str());
    std::this_thread::sleep_for(open_again);
  }
}

}  // namespace lifeboat::init
