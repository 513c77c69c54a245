#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "builder/base/error.hpp"
#include "builder/base/fd.hpp"
#include "builder/base/run.hpp"
#include "builder/boot/machine.hpp"
#include "builder/boot/qmp.hpp"
#include "init/contract/ready_line.hpp"

namespace lifeboat {

using Deadline = std::chrono::steady_clock::time_point;

/// How long a guest has to power off.
inline constexpr std::chrono::seconds power_off_timeout{60};

/// A running QEMU, its serial console and its control channel. Ends with its owner.
class Guest {
 public:
  /// Starts QEMU; `work` takes what QEMU says and its temporary overlays. Throws Error with QEMU's own words.
  Guest(const Machine& machine, const std::filesystem::path& work);

  struct Event {
    std::string console;  ///< what the console said, as it came
    bool ended = false;   ///< QEMU has ended
    bool other = false;   ///< `other` is readable
  };
  /// Waits for any of these or the deadline. Throws the Error of failure() when the guest's kernel panics.
  Event wait(Deadline deadline, int other = -1);

  /// Waits for the READY line, handing on what the console says. Throws the Error of failure() for a guest that
  /// panics, ends, or is late.
  contract::ReadyLine wait_until_ready(std::chrono::seconds timeout, const std::function<void(std::string_view)>& show);

  /// The port on 127.0.0.1 that leads to the guest's port 22.
  int ssh_port() const noexcept { return ssh_port_; }

  /// Keys for the console. They are lost when the guest does not read them.
  void type(std::string_view keys);

  /// Presses the power button and waits for the guest's own orderly end, then ends QEMU whatever happened. False when
  /// the guest did not do it in time.
  bool power_off(std::chrono::seconds timeout, const std::function<void(std::string_view)>& show);

  /// "REASON" with the console's last lines; the hint repeats the guest.
  Error failure(const std::string& reason) const;

 private:
  Machine machine_;
  std::filesystem::path messages_;  ///< QEMU's standard output and error
  Fd console_;
  std::optional<Qmp> qmp_;
  std::optional<Child> qemu_;
  std::string log_;        ///< the console's last part
  std::size_t fresh_ = 0;  ///< where in log_ the lines begin that the last wait() completed or added to
  bool panicking_ = false;
  int ssh_port_ = 0;

  void start();
  int ask_ssh_port();
  std::string read_console();
  void remember(std::string_view text);
  bool press(const std::string& button);  ///< false: QEMU has ended meanwhile
  [[noreturn]] void panicked();
};

}  // namespace lifeboat
