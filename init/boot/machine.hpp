#pragma once
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "init/access/host_key.hpp"
#include "init/boot/driver_request.hpp"
#include "init/boot/report.hpp"
#include "init/boot/time_left.hpp"
#include "init/contract/kernel_arguments.hpp"
#include "init/disk/session_mounts.hpp"
#include "init/net/network.hpp"
#include "init/source/search.hpp"
#include "init/sys/console.hpp"
#include "init/sys/folder_watch.hpp"
#include "init/sys/loop.hpp"
#include "init/sys/service.hpp"
#include "init/sys/uevent.hpp"

namespace lifeboat::init {

/// Where things lie once the root is entered; and run_folder.
inline constexpr const char* busybox_path = "/run/lifeboat/bin/busybox";
inline constexpr const char* agent_path = "/run/lifeboat/bin/lifeboat-agent";
inline constexpr const char* dhcp_script_path = "/run/lifeboat/bin/lifeboat-dhcp";
inline constexpr const char* dhcp6_path = "/run/lifeboat/bin/lifeboat-dhcp6";
/// The initramfs's modules, within reach until the first drivers are loaded: they are few, so finding one is quick.
inline constexpr const char* first_modules_folder = "/run/lifeboat/modules";

/// Our own medium's ISO 9660 file system, where the root image lies on it.
inline const std::string medium_folder = "/run/lifeboat/medium";

/// What the emergency mode tells beside why the system cannot start; one line each.
struct Emergency {
  std::vector<std::string> facts;   ///< what was found, expected, looked at
  std::vector<std::string> advice;  ///< what to do, the likeliest first
};

/// Everything that the boot's steps share.
struct Machine {
  /// `names`: of the consoles, below /dev.
  explicit Machine(std::unique_ptr<Loop> event_loop, const std::vector<std::string>& names = find_consoles());
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  std::unique_ptr<Loop> loop;
  Consoles consoles;
  contract::KernelArguments arguments;
  Report report;
  Services services;
  Emergency emergency;
  bool memory_is_short = false;  ///< as compare_memory() found
  bool in_root = false;          ///< act 2 has begun
  struct {
    bool running = false;
    bool again = false;  ///< devices came meanwhile
  } protection;          ///< boot/protection.hpp

  /// boot/drivers.hpp.
  struct {
    bool loading = false;               ///< until all that was asked for is loaded
    bool held_up = false;               ///< some driver's devices had not answered when that was left to itself
    std::deque<DriverRequest> waiting;  ///< for the one that is being loaded
    std::set<std::string> new_aliases;  ///< of devices that came since the last look for drivers
  } drivers;
  std::optional<Clock::time_point> udev_started;
  std::optional<UeventSocket> uevents;
  std::set<std::string> damaged_blocks;  ///< of the root image, as dm-verity tells them
  bool random = false;                   ///< the kernel has random numbers for keys
  std::vector<std::function<void()>> after_random;
  std::vector<std::unique_ptr<Fd>> power_buttons;

  std::unique_ptr<SourceSearch> sources;
  std::optional<FolderWatch> answers;  ///< of agents
  /// What the sources gave so far, as it was put into force: what is the same again must not undo what the person who
  /// has logged in did since (passwd, a key of their own).
  struct {
    std::map<std::string, std::string> hashes;  ///< by user
    std::vector<std::string> keys;
    std::optional<std::string> host_name;
  } in_force;
  std::string fallback_hash;  ///< root's where no source lets anybody in; empty: locked then
  bool access_taken = false;  ///< what the sources gave is in force
  Fd active_consoles;         ///< boot/gettys.hpp
  bool gettys_started = false;
  bool ending = false;  ///< the session's end has begun (boot/session_end.hpp)
  std::unique_ptr<Network> network;
  /// boot/network_plan.hpp.
  struct {
    std::optional<NetworkPlan> by_hand;
    std::optional<NetworkPlan> original;
    std::string fruitless;     ///< the document in force, without any address, when the original system was asked
    std::string original_why;  ///< what became of the question; empty: not asked
    bool loading = false;      ///< the modules that the plan needs
    bool dhcp = false;         ///< it may begin
    NetworkPlan plan;          ///< that is in force, or about to be
    std::string origin;
  } network_choice;
  std::optional<Status> host_key_made;
  std::optional<HostKey> host_key;
  std::optional<std::vector<std::string>> sshd_without;  ///< optional settings that it does not know
  bool sshd_had_its_turn = false;                        ///< it was started, where anybody could log in then
  unsigned sshd_rules = 0;                               ///< counts who may come in by which means
  std::optional<std::string> sshd_trouble;               ///< once it is known; empty: it answers
  std::vector<std::string> announced_addresses;

  struct Session {
    std::optional<contract::Deadline> deadline;
    Warnings warnings{0};
    Loop::Timer look = 0;
    bool over = false;  ///< the deadline was kept
  } session;

  /// A line on every console.
  void say(const std::string& line);
  /// A line on every console and every terminal that somebody is logged in on.
  void tell_everybody(const std::string& line);
  /// A text on every console, as it is.
  void say_lines(std::string_view text);
  /// A line in the report's problems, and on every console. The same one only once.
  void note_problem(const std::string& text);
  void check(const Status& status);
  /// Writes report.txt and report.json anew (once the root is entered).
  void publish_report();

  /// Something that ran beside the steps has ended now.
  void record(const std::string& name, double started);
  /// Runs one step of the boot: says so, takes the time, and turns whatever goes wrong into a problem.
  void step(const std::string& name, const std::function<void(Machine&)>& run);
};

}  // namespace lifeboat::init
