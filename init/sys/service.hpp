#pragma once
#include <sys/types.h>

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
};

/// Keeps services running: one that ends is started again, after a pause that doubles from 1/4 to 30 seconds while it
/// keeps ending at once. What a service prints goes to LOG_FOLDER/NAME.log, whose size is bounded.
class Services {
 public:
  /// `tell` takes a line for the report: what ended, how, and its last words.
  Services(Loop& loop, std::string log_folder, std::function<void(const std::string&)> tell);
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

  Loop& loop_;
  std::string log_folder_;
  std::function<void(const std::string&)> tell_;
  std::map<std::string, std::unique_ptr<Running>> running_;
};

}  // namespace lifeboat::init
