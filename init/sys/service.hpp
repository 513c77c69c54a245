#pragma once
#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "init/sys/clock.hpp"
#include "init/sys/loop.hpp"
#include "init/sys/spawn.hpp"

namespace lifeboat::init {

/// A program that is to run all the time.
struct Service {
  std::string name;                  ///< also the name of its log
  std::function<Command()> command;  ///< asked before each start
  bool may_end = false;              ///< its end is no news (a getty after a logout)
  int give_up_after = 0;             ///< so many ends in a row, each after a short run; 0: never
  /// Whether an end after a short run counts: not where somebody used it meanwhile.
  std::function<bool(std::chrono::seconds ran)> was_useless = {};
};

/// When one that ended is started again.
struct ServicePauses {
  Milliseconds first{250};
  Milliseconds longest{30'000};   ///< it doubles up to this
  Milliseconds long_run{15'000};  ///< who ran so long begins anew; longer than the ten seconds that agetty waits
                                  ///< before it ends for want of a terminal
};

/// Keeps services running: one that ends is started again, after a pause that doubles while it keeps ending soon, or
/// given up. What a service prints goes to LOG_FOLDER/NAME.log, whose size is bounded.
class Services {
 public:
  /// `tell` takes a line for the report: what ended, how, and its last words.
  Services(Loop& loop, std::string log_folder, std::function<void(const std::string&)> tell, ServicePauses pauses = {});
  ~Services();
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  void start(Service service);
  /// Started anew with another command, as soon as what runs of it has ended (SIGTERM); that is no news.
  void restart(Service service);
  /// Asks it to end (SIGTERM), and starts it no more. Unknown names are passed over.
  void stop(const std::string& name);
  /// Where it runs.
  void signal(const std::string& name, int number) const;
  /// No service is started again from now on.
  void stop_all();
  bool is_running(const std::string& name) const;
  /// How often it had to be started again since it last ran for long.
  int restarts(const std::string& name) const;
  /// The last line it printed; empty without one.
  std::string last_words(const std::string& name) const;

 private:
  struct Running;
  void launch(Running& running);
  void read_output(Running& running);
  void ended(Running& running, const std::string& how, bool clean);
  bool give_up(Running& running, const std::string& how);

  Loop& loop_;
  std::string log_folder_;
  std::function<void(const std::string&)> tell_;
  ServicePauses pauses_;
  std::map<std::string, std::unique_ptr<Running>> running_;
};

}  // namespace lifeboat::init
