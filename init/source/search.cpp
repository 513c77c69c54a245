#include "init/source/search.hpp"

#include <strings.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "init/source/volume.hpp"
#include "init/sys/folder.hpp"
#include "init/sys/worker.hpp"

namespace lifeboat::init {
namespace {

/// What a worker says where there is no answer; none begins as an answer does.
constexpr std::string_view nothing_prefix = "nothing: ";
constexpr std::string_view failed_prefix = "failed: ";
/// And, reading a device, of which source its label is.
constexpr std::string_view source_prefix = "source: ";

constexpr int most_disks_at_once = 3;
/// So many cost little.
constexpr std::size_t few_devices = 8;
constexpr Milliseconds disk_patience{300};

std::string answer_text(Result<Findings> findings, const std::string& origin, const SearchOptions& options) {
  if (!findings)
    return std::string(is_nothing_there(findings.failure()) ? nothing_prefix : failed_prefix) + findings.error();
  keep_good_keys(*findings, options.check_key);
  return to_text(answer_from(std::move(*findings), origin, options.hash, options.check));
}

bool is_cd(const std::string& device) { return device.starts_with("sr"); }

/// A customer's disk may have a volume that bears the label, even one that its partitions do not touch. A CD is none.
/// A FAT file system's boot sector may hold a table of one partition that is the whole disk, from its first sector on:
/// mkfs.fat writes it for Windows's sake.
bool is_partitioned(const std::string& block_devices, const std::string& device) {
  const std::string folder = block_devices + "/" + device;
  const auto is_partition = [&](const FolderEntry& entry) {
    return entry.name.starts_with(device) && read_file(folder + "/" + entry.name + "/start").value_or("") != "0\n";
  };
  return !is_cd(device) && std::ranges::any_of(list_folder(folder), is_partition);
}

bool belongs_to(const VolumeSource& volume, const Platform& platform) {
  return volume.belongs == nullptr || volume.belongs(platform) == Belonging::yes;
}

/// The table's row for a volume: that of its label, else one that takes any CD; the table's size for none.
std::size_t row_of(const std::string& label, const std::string& device, const SearchOptions& options) {
  const auto find = [&](std::string_view wanted) {
    return std::ranges::find_if(options.sources, [&](const Source& source) {
      const auto* volume = std::get_if<VolumeSource>(&source.how);
      return volume != nullptr && belongs_to(*volume, options.platform) &&
             ::strcasecmp(std::string(wanted).c_str(), std::string(volume->label).c_str()) == 0;
    });
  };
  auto row = label.empty() ? options.sources.end() : find(label);
  if (row == options.sources.end() && is_cd(device)) row = find("");
  return static_cast<std::size_t>(row - options.sources.begin());
}

/// In the worker: the password lives and dies here.
std::string look_at_device(const std::string& device, const SearchOptions& options) {
  const std::string path = options.device_folder + "/" + device;
  auto label = read_volume_label(path);
  const bool empty_drive = !label && (label.failure().number == ENOMEDIUM || label.failure().number == ENXIO);
  if (!label && !empty_drive) return std::string(failed_prefix) + label.error();
  if (!label || !*label) return "";
  const std::size_t row = row_of((*label)->label, device, options);
  if (row == options.sources.size()) return "";
  const std::string head = std::string(source_prefix) + std::to_string(row) + "\n";
  if (is_partitioned(options.block_devices, device))
    return head + std::string(failed_prefix) + path + ": it has partitions, so it is taken for a server's disk";
  const Source& source = options.sources[row];
  Result<Findings> findings = Failure{"it was not read"};
  const Status mounted = with_volume(path, **label, options.load_module, [&](const std::string& folder) {
    findings = std::get<VolumeSource>(source.how).read(folder, options.platform);
  });
  if (!mounted) findings = mounted.failure();
  if (!findings && !is_nothing_there(findings.failure())) findings = Failure{path + ": " + findings.error()};
  return head + answer_text(std::move(findings), std::string(source.name) + " " + path, options);
}

std::string summary(const Answer& answer) {
  std::vector<std::string> parts;
  if (!answer.password_hash.empty()) parts.emplace_back("password");
  if (!answer.keys.empty())
    parts.push_back(std::to_string(answer.keys.size()) + (answer.keys.size() == 1 ? " key" : " keys"));
  if (!answer.hostname.empty()) parts.emplace_back("host name");
  if (!answer.host_key.empty()) parts.emplace_back("host key");
  if (!answer.deadline.empty()) parts.emplace_back("deadline");
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
  return text.empty() ? "no password and no key" : text;
}

std::string joined(const std::map<std::string, std::string>& failures) {
  std::string all;
  for (const auto& [place, why] : failures) all += (all.empty() ? "" : "; ") + why;
  return all;
}

}  // namespace

bool can_carry_volume(const std::string& device) {
  constexpr std::array<std::string_view, 7> others{"loop", "ram", "zram", "fd", "dm-", "md", "nbd"};
  return std::ranges::none_of(others, [&](std::string_view other) { return device.starts_with(other); });
}

SourceSearch::SourceSearch(Loop& loop, SearchOptions options, std::function<void()> changed)
    : loop_(loop), options_(std::move(options)), changed_(std::move(changed)), states_(options_.sources.size()) {
  platform_known_ = std::ranges::any_of(options_.sources, [&](const Source& source) {
    const auto* network = std::get_if<NetworkSource>(&source.how);
    return network != nullptr && network->belongs(options_.platform) == Belonging::yes;
  });
}

void SourceSearch::drivers_are_loaded(bool all_answered) {
  all_devices_answered_ = all_answered;
  expect_devices();
}

void SourceSearch::expect_devices() {
  drivers_loaded_ = Clock::now();
  loop_.after(options_.wait_for_devices, [this] { ask_networks(); });  // and settled() is asked again then
}

bool SourceSearch::devices_may_come() const { return Clock::now() - drivers_loaded_ < options_.wait_for_devices; }

void SourceSearch::start() {
  started_ = Clock::now();
  loop_.after(options_.budget, [this] { ask_networks(); });
  ask_again_after(options_.ask_again);
  expect_devices();
  for (std::size_t i = 0; i < states_.size(); ++i)
    if (std::holds_alternative<FirmwareSource>(options_.sources[i].how)) ask_firmware(i);
  for (const FolderEntry& entry : list_folder(options_.block_devices)) look_at(entry.name);
}

void SourceSearch::ask(std::size_t index, const std::string& place, const std::string& origin, Milliseconds limit,
                       const std::function<Result<Findings>()>& read) {
  if (!states_[index].asked.insert(place).second) return;
  states_[index].pending.insert(place);
  start_work(loop_, {.name = "asking the " + origin,
                     .limit = limit,
                     .run = [this, origin, read] { return answer_text(read(), origin, options_); },
                     .ended =
                         [this, index, place](const Result<std::string>& text) {
                           State& state = states_[index];
                           state.pending.erase(place);
                           take(index, place, text);
                           if (state.outdated.erase(place) == 0 || state.lets_somebody_in(place)) return;
                           state.asked.erase(place);
                           ask_networks();
                         },
                     .holds_secrets = true});
}

void SourceSearch::ask_firmware(std::size_t index) {
  const Source& source = options_.sources[index];
  const auto& firmware = std::get<FirmwareSource>(source.how);
  ask(index, "firmware", std::string(source.name), options_.device_limit, [this, firmware] {
    for (const char* module : firmware.modules) options_.load_module(module);
    return firmware.read(options_.platform);
  });
}

void SourceSearch::look_at(const std::string& device) {
  const bool read = std::ranges::any_of(states_, [&](const State& state) { return state.answers.contains(device); });
  if (read || !can_carry_volume(device) || !devices_pending_.insert(device).second) return;  // each event comes by here
  devices_looked_at_.insert(device);
  if (is_cd(device)) return start_look(device, [] {});
  disks_waiting_.push_back(device);
  start_next_disk();
}

/// Few at once, and of many disks none once somebody can log in without: a machine of 64 disks shall not keep its
/// processors from the login. One that takes long is left to its own time.
void SourceSearch::start_next_disk() {
  if (!login_was_first_ && devices_looked_at_.size() > few_devices && has_login_beyond_disks()) return;
  while (disks_at_once_ < most_disks_at_once && !disks_waiting_.empty()) {
    const std::string device = disks_waiting_.front();
    disks_waiting_.pop_front();
    ++disks_at_once_;
    const auto over = [this, counted = std::make_shared<bool>(true)] {
      if (!std::exchange(*counted, false)) return;
      --disks_at_once_;
      start_next_disk();
    };
    loop_.after(disk_patience, over);
    start_look(device, over);
  }
}

void SourceSearch::look_at_all_disks() {
  login_was_first_ = true;
  start_next_disk();
}

void SourceSearch::start_look(const std::string& device, const std::function<void()>& over) {
  start_work(loop_, {.name = "looking for a volume on " + options_.device_folder + "/" + device,
                     .limit = options_.device_limit,
                     .run = [this, device] { return look_at_device(device, options_); },
                     .ended =
                         [this, device, over](const Result<std::string>& text) {
                           over();
                           take_device(device, text);
                         },
                     .holds_secrets = true});
}

void SourceSearch::take_device(const std::string& device, const Result<std::string>& text) {
  devices_pending_.erase(device);
  if (!text) device_troubles_.push_back(text.error());
  if (text && text->starts_with(failed_prefix)) device_troubles_.push_back(text->substr(failed_prefix.size()));
  if (!device_troubles_.empty()) changed_();
  if (!text || !text->starts_with(source_prefix)) return ask_networks();
  const std::size_t index = std::stoul(text->substr(source_prefix.size()));
  if (index < states_.size()) take(index, device, text->substr(text->find('\n') + 1));
}

void SourceSearch::take(std::size_t index, const std::string& place, const Result<std::string>& text) {
  State& state = states_[index];
  if (!text) {
    take_failure(state, place, text.error());
  } else if (text->starts_with(failed_prefix)) {
    take_failure(state, place, text->substr(failed_prefix.size()));
  } else if (text->starts_with(nothing_prefix)) {
    state.failures.erase(place);
    state.nothing[place] = text->substr(nothing_prefix.size());
  } else if (auto answer = parse_answer(*text)) {
    state.failures.erase(place);
    state.answers[place] = std::move(*answer);
    changed_();
  }
  ask_networks();
}

/// The second failure of one place is no news.
void SourceSearch::take_failure(State& state, const std::string& place, const std::string& why) {
  if (state.failures.try_emplace(place, why).second) changed_();
}

void SourceSearch::take_agent_answer(std::string_view agent, std::string_view text) {
  for (std::size_t i = 0; i < states_.size(); ++i)
    if (const auto* source = std::get_if<AgentSource>(&options_.sources[i].how); source && source->agent == agent)
      take(i, std::string(agent), std::string(text));
}

Milliseconds SourceSearch::time_left() const {
  const auto left = std::chrono::duration_cast<Milliseconds>(started_ + options_.budget - Clock::now());
  return std::max(left, Milliseconds(0));
}

bool SourceSearch::looked_at_all() const {
  for (std::size_t i = 0; i < states_.size(); ++i)
    if (std::holds_alternative<FirmwareSource>(options_.sources[i].how) && !states_[i].pending.empty()) return false;
  return devices_pending_.empty();
}

bool SourceSearch::has_login() const { return merged().lets_somebody_in(); }

bool SourceSearch::has_login_beyond_disks() const {
  std::vector<const Answer*> beyond;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const bool volume = std::holds_alternative<VolumeSource>(options_.sources[i].how);
    for (const auto& [place, answer] : states_[i].answers)
      if (!volume || is_cd(place)) beyond.push_back(&answer);
  }
  return merge(beyond).lets_somebody_in();
}

bool SourceSearch::settled() {
  // A disk that does not answer holds up no login that is there; a CD goes before a disk (best()).
  const bool cd_may_come = !has_login_beyond_disks() && !all_devices_answered_ && devices_may_come();
  if (has_login()) return !cd_may_come && std::ranges::none_of(devices_pending_, is_cd);
  if (time_left() == Milliseconds(0)) return true;
  if (!looked_at_all() || devices_may_come() || !network_settled_) return false;
  ask_networks();
  return std::ranges::all_of(states_, [](const State& state) { return state.pending.empty(); });
}

/// Of several drives with one label a CD wins: the server's owner, or whoever broke into it, can write to disks alone.
/// Else the first that lets somebody in: a service may know more over one card than over another.
const Answer* SourceSearch::best(const State& state) const {
  const auto& all = state.answers;
  const auto cd = std::ranges::find_if(all, [](const auto& entry) { return is_cd(entry.first); });
  if (cd != all.end()) return &cd->second;
  const auto login = std::ranges::find_if(all, [](const auto& entry) { return entry.second.lets_somebody_in(); });
  if (login != all.end()) return &login->second;
  return all.empty() ? nullptr : &all.begin()->second;
}

std::vector<const Answer*> SourceSearch::answers() const {
  std::vector<const Answer*> all;
  for (const State& state : states_)
    if (const Answer* answer = best(state)) all.push_back(answer);
  return all;
}

bool SourceSearch::belongs_here(const Source& source) const {
  const Platform& platform = options_.platform;
  if (const auto* network = std::get_if<NetworkSource>(&source.how)) {
    const Belonging belongs = network->belongs(platform);
    return belongs == Belonging::yes || (belongs == Belonging::maybe && !platform_known_);
  }
  if (const auto* volume = std::get_if<VolumeSource>(&source.how)) return belongs_to(*volume, platform);
  if (const auto* agent = std::get_if<AgentSource>(&source.how)) return agent->belongs(platform) != Belonging::no;
  return true;
}

SourceReport SourceSearch::report_of(std::size_t index) const {
  const State& state = states_[index];
  const std::string name(options_.sources[index].name);
  if (const Answer* answer = best(state)) {
    std::string text = answer->origin + ": " + summary(*answer);
    for (const auto& [place, other] : state.answers)
      if (&other != answer) text += "; passed over: " + other.origin;
    return {name, "found", text};
  }
  if (!state.failures.empty()) return {name, "failed", name + ": " + joined(state.failures)};
  if (!state.pending.empty()) return {name, "waiting", name + ": no answer yet"};
  if (const auto* volume = std::get_if<VolumeSource>(&options_.sources[index].how)) {
    std::string devices;
    for (const std::string& device : devices_looked_at_) devices += (devices.empty() ? "" : ", ") + device;
    if (volume->label.empty())
      return {name, "nothing",
              name + ": " + (state.nothing.empty() ? "there is no CD" : state.nothing.begin()->second)};
    const std::string where =
        devices.empty() ? "this machine has no disk or CD at all"
                        : "no disk or CD is labelled " + std::string(volume->label) + " (looked at " + devices + ")";
    return {name, "nothing", name + ": " + where};
  }
  if (!state.nothing.empty()) return {name, "nothing", name + ": " + state.nothing.begin()->second};
  if (std::holds_alternative<AgentSource>(options_.sources[index].how))
    return {name, "nothing", name + ": the host has asked for nothing yet"};
  return {name, "nothing", name + ": was not asked"};
}

std::vector<SourceReport> SourceSearch::reports() const {
  std::vector<SourceReport> all;
  for (std::size_t i = 0; i < states_.size(); ++i)
    if (belongs_here(options_.sources[i])) all.push_back(report_of(i));
  for (const std::string& trouble : device_troubles_) all.push_back({"devices", "failed", trouble});
  return all;
}

}  // namespace lifeboat::init
