#pragma once
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "init/source/answer.hpp"
#include "init/sys/loop.hpp"
#include "init/sys/secret.hpp"

namespace lifeboat::init {

struct ConfigDriveOptions {
  std::string block_devices = "/sys/block";
  std::string device_folder = "/dev";
  std::function<Result<std::string>(const Secret&)> hash_password;
  std::function<void(const std::string&)> load_module;  ///< "isofs"; called in the worker
  Milliseconds device_limit{10'000};                    ///< for each device alone
  Milliseconds wait_for_devices{3'000};                 ///< a drive may appear so late
};

/// Looks at every whole block device, each in a worker of its own: a dead one costs its own time.
class ConfigDriveSearch {
 public:
  ConfigDriveSearch(Loop& loop, ConfigDriveOptions options);

  /// Looks at what is there.
  void start();
  /// A whole block device came: "sr0".
  void look_at(const std::string& name);

  /// Nothing that is there now remains to be looked at.
  bool looked_at_all() const { return answer_ || pending_.empty(); }
  /// A config drive was read, or none can be expected any more.
  bool settled() const;
  const std::optional<Answer>& answer() const { return answer_; }
  /// Why there is no answer, for people: which devices were looked at and what was wrong with each.
  std::string reason() const;
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  void take(const std::string& name, const Result<std::string>& text);

  Loop& loop_;
  ConfigDriveOptions options_;
  std::set<std::string> pending_;
  std::set<std::string> looked_at_;
  std::vector<std::string> problems_;
  std::optional<Answer> answer_;
  Clock::time_point started_{};
};

/// A disk or CD that may hold data: not a loop, RAM, floppy, device-mapper or RAID device.
bool can_be_config_drive(const std::string& name);

}  // namespace lifeboat::init
