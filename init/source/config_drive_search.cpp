#include "init/source/config_drive_search.hpp"

#include <algorithm>
#include <array>

#include "init/source/config_drive.hpp"
#include "init/sys/folder.hpp"
#include "init/sys/worker.hpp"

namespace lifeboat::init {
namespace {

/// What a worker says of a device that is none.
constexpr std::string_view no_config_drive = "none";
constexpr std::string_view failed = "failed: ";

/// In the worker: the password lives and dies here.
std::string look(const std::string& device, const ConfigDriveOptions& options) {
  auto is_one = is_config_drive(device);
  if (!is_one || !*is_one) return std::string(no_config_drive);  // an empty CD drive is no news
  auto findings = read_config_drive(device, options.load_module);
  if (!findings) return std::string(failed) + findings.error();
  Answer answer{"config drive " + device, "", std::move(findings->keys), std::move(findings->hostname),
                std::move(findings->notes)};
  if (!findings->password.empty()) {
    auto hash = options.hash_password(findings->password);
    if (!hash) return std::string(failed) + hash.error();
    answer.password_hash = *hash;
  }
  return to_text(answer);
}

}  // namespace

bool can_be_config_drive(const std::string& name) {
  constexpr std::array<std::string_view, 7> others{"loop", "ram", "zram", "fd", "dm-", "md", "nbd"};
  return std::ranges::none_of(others, [&](std::string_view other) { return name.starts_with(other); });
}

ConfigDriveSearch::ConfigDriveSearch(Loop& loop, ConfigDriveOptions options)
    : loop_(loop), options_(std::move(options)) {}

void ConfigDriveSearch::start() {
  started_ = Clock::now();
  loop_.after(options_.wait_for_devices, [] {});  // so that settled() is asked again then
  for (const FolderEntry& entry : list_folder(options_.block_devices)) look_at(entry.name);
}

void ConfigDriveSearch::look_at(const std::string& name) {
  if (answer_ || !can_be_config_drive(name) || !pending_.insert(name).second) return;
  looked_at_.insert(name);
  const std::string device = options_.device_folder + "/" + name;
  start_work(loop_, {.name = "looking for a config drive on " + device,
                     .limit = options_.device_limit,
                     .run = [this, device] { return look(device, options_); },
                     .ended = [this, name](const Result<std::string>& text) { take(name, text); }});
}

void ConfigDriveSearch::take(const std::string& name, const Result<std::string>& text) {
  pending_.erase(name);
  if (!text) {
    problems_.push_back(text.error());
  } else if (text->starts_with(failed)) {
    problems_.push_back("config drive " + options_.device_folder + "/" + name + ": " + text->substr(failed.size()));
  } else if (*text != no_config_drive && !answer_) {
    answer_ = parse_answer(*text);
  }
}

bool ConfigDriveSearch::settled() const {
  return answer_ || (looked_at_all() && Clock::now() - started_ >= options_.wait_for_devices);
}

std::string ConfigDriveSearch::reason() const {
  std::string text;
  for (const std::string& problem : problems_) text += (text.empty() ? "" : "; ") + problem;
  if (!text.empty()) return text;
  if (looked_at_.empty()) return "config drive: this machine has no disk or CD at all";
  for (const std::string& name : looked_at_) text += (text.empty() ? "" : ", ") + name;
  return "config drive: no disk or CD is labelled config-2 (looked at " + text + ")";
}

}  // namespace lifeboat::init
