#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "init/source/answer.hpp"
#include "init/source/merged.hpp"
#include "init/source/source.hpp"
#include "init/sys/loop.hpp"

namespace lifeboat::init {

struct SearchOptions {
  std::span<const Source> sources = all_sources();
  Platform platform;
  std::string block_devices = "/sys/block";
  std::string device_folder = "/dev";
  HashPassword hash = nullptr;
  CheckHash check = nullptr;
  CheckKey check_key = nullptr;
  std::function<void(const std::string&)> load_module;  ///< by its name; called in workers
  Milliseconds budget{20'000};                          ///< for all sources together
  Milliseconds device_limit{10'000};                    ///< for each device alone
  Milliseconds wait_for_devices{3'000};                 ///< a drive may appear so late
  Milliseconds ask_again{30'000};  ///< services that gave nothing, where nobody can log in; then in twice the time
};

/// How an interface reaches others in one family, as far as a metadata service cares.
struct Way {
  bool ipv6 = false;
  std::vector<std::string> addresses;  ///< its own of that family, without link-local ones
  std::string dhcp_server;             ///< empty where it is not known
  bool operator==(const Way&) const = default;
};

/// What became of a source, for people.
struct SourceReport {
  std::string name;
  std::string result;  ///< "found" | "nothing" | "failed" | "waiting"
  std::string text;    ///< "config drive /dev/sr0: password, 2 keys"; or why there is nothing
};

/// Asks all sources side by side, each in workers of its own: one that hangs, crashes or lies costs its own time.
class SourceSearch {
 public:
  /// `changed`: an answer came, or the word why there is none.
  SourceSearch(Loop& loop, SearchOptions options, std::function<void()> changed);

  /// Asks firmware and kernel, and looks at every whole block device that is there.
  void start();
  /// Just now. What they drive is there; where not `all_answered`, some of it may yet come, as a CD behind a slow
  /// controller does. For wait_for_devices that is reckoned with, where it matters.
  void drivers_are_loaded(bool all_answered);
  /// A whole block device came: "sr0".
  void look_at(const std::string& device);
  /// Somebody can log in by now: where there are many disks, those that were put off for that have their turn.
  void look_at_all_disks();
  /// An interface can be used: the metadata services are asked over it, of that family, once for each way that it is.
  void ask_over(const std::string& interface, const Way& way);
  /// No further interface is to be expected soon.
  void network_settled() { network_settled_ = true; }
  /// What an agent left (its answer's text).
  void take_agent_answer(std::string_view agent, std::string_view text);

  /// By what neither the server's owner, nor whoever broke into the server, can have written onto its disks.
  bool has_login_beyond_disks() const;
  /// Firmware and all devices that are there were looked at.
  bool looked_at_all() const;
  /// Waiting longer makes no sense: somebody can log in and nothing that is close at hand is still being read; or all
  /// were asked; or the budget is spent. Answers are taken later, too.
  bool settled();

  /// Of the answers so far, in the order of precedence.
  std::vector<const Answer*> answers() const;
  Merged merged() const { return merge(answers()); }
  /// One for each source that has to do with this machine.
  std::vector<SourceReport> reports() const;

 private:
  struct State {
    std::map<std::string, Answer> answers;        ///< by place: "sr0", "eth0 IPv4"
    std::map<std::string, std::string> nothing;   ///< by place: why
    std::map<std::string, std::string> failures;  ///< by place: why, for the report's problems
    std::set<std::string> pending;                ///< places that workers ask
    std::set<std::string> asked;                  ///< places
    std::set<std::string> outdated;               ///< of those pending: what they were asked by is no more

    bool lets_somebody_in(const std::string& place) const {
      const auto answer = answers.find(place);
      return answer != answers.end() && answer->second.lets_somebody_in();
    }
  };

  void ask_firmware(std::size_t index);
  void ask_networks();
  void ask_network(std::size_t index, const std::string& interface, const Way& way, bool probe);
  void forget_way(const std::string& interface, const Way& former);
  void ask_again_after(Milliseconds pause);
  void ask(std::size_t index, const std::string& place, const std::string& origin, Milliseconds limit,
           const std::function<Result<Findings>()>& read);
  void take(std::size_t index, const std::string& place, const Result<std::string>& text);
  void take_failure(State& state, const std::string& place, const std::string& why);
  void start_next_disk();
  void start_look(const std::string& device, const std::function<void()>& over);
  void take_device(const std::string& device, const Result<std::string>& text);
  void expect_devices();
  bool has_login() const;
  bool may_probe() const;
  bool is_behind_router(const NetworkSource& source) const;
  bool devices_may_come() const;
  Milliseconds time_left() const;
  const Answer* best(const State& state) const;
  bool belongs_here(const Source& source) const;
  SourceReport report_of(std::size_t index) const;

  Loop& loop_;
  SearchOptions options_;
  std::function<void()> changed_;
  std::vector<State> states_;
  std::set<std::string> devices_looked_at_, devices_pending_;
  std::deque<std::string> disks_waiting_;
  int disks_at_once_ = 0;
  bool login_was_first_ = false;  ///< before disks that need not be read for it
  std::vector<std::string> device_troubles_;
  std::map<std::pair<std::string, bool>, Way> ways_;  ///< by interface and whether IPv6
  bool network_settled_ = false;
  bool all_devices_answered_ = false;
  bool platform_known_ = false;  ///< some network source is sure to be this machine's
  Clock::time_point started_{}, drivers_loaded_{};
};

/// A disk or CD that may carry a volume for us: not a loop, RAM, floppy, device-mapper or RAID device.
bool can_carry_volume(const std::string& device);

}  // namespace lifeboat::init
