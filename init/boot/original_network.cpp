#include "init/boot/original_network.hpp"

#include "init/boot/disks.hpp"
#include "init/disk/discover.hpp"
#include "init/disk/original_file.hpp"
#include "init/net/card_names.hpp"
#include "init/source/original_network.hpp"
#include "init/sys/worker.hpp"

namespace lifeboat::init {
namespace {

constexpr Milliseconds network_read_limit{30'000};
constexpr std::string_view no_network_mark = "failed: ";

/// In the worker, which alone sees what the disk says.
std::string read_original_network(const DiscoverOptions& options) {
  auto read = read_original_files(discover_disks(options), original_network_paths());
  if (!read) return std::string(no_network_mark) + read.error();
  std::vector<NetworkFile> files;
  for (auto& [path, text] : *read) files.push_back({path, std::move(text)});
  OriginalNetwork found = find_original_network(files);
  if (found.origin.empty()) return std::string(no_network_mark) + "the original system has no network configuration";
  name_cards_by_mac(found.plan);
  found.plan.notes.insert(found.plan.notes.begin(), "from the original system's " + found.origin);
  return to_text(found.plan);
}

Result<NetworkPlan> plan_of(const Result<std::string>& text) {
  if (!text) return text.failure();
  if (text->starts_with(no_network_mark)) return Failure{text->substr(no_network_mark.size())};
  auto plan = parse_plan(*text);
  return plan ? Result<NetworkPlan>(std::move(*plan)) : Failure{"the original system's network makes no sense"};
}

}  // namespace

void ask_original_network(Machine& machine, std::function<void(Result<NetworkPlan>)> take) {
  start_work(*machine.loop,
             {.name = "reading the original system's network configuration",
              .limit = network_read_limit,
              .run = [options = discover_options(machine)] { return read_original_network(options); },
              .ended = [take = std::move(take)](const Result<std::string>& text) { take(plan_of(text)); }});
}

}  // namespace lifeboat::init
