#include "builder/boot/boot.hpp"

#include <unistd.h>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/progress.hpp"
#include "builder/base/text.hpp"
#include "builder/boot/accelerator.hpp"
#include "builder/boot/config_drive.hpp"
#include "builder/boot/console.hpp"
#include "builder/boot/guest.hpp"
#include "builder/boot/plan_machine.hpp"
#include "builder/boot/ssh.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view work_prefix = "lifeboat-boot";

void be_silent(std::string_view) {}

void check_options(const BootOptions& options) {
  if (!options.run.empty() && options.no_password)
    throw Error("--run logs in with the temporary password, and --no-password makes none", "leave one of them out");
}

/// The machine with all that is made for this one run.
Machine make_machine(const BootOptions& options, const std::string& password, const fs::path& work) {
  Machine machine = plan_machine(options);
  machine.accelerator = choose_accelerator(work);
  machine.uuid = random_uuid();
  make_efi_disk(machine, work);
  if (!password.empty()) machine.config_drive = write_config_drive(work, {machine.uuid, "lifeboat", password});
  return machine;
}

/// What the person needs next; the password only where the guest has taken it.
std::string introduction(const contract::ReadyLine& ready, const SshAccess* ssh, const std::string& password) {
  std::string text = "\r\n";
  if (ssh == nullptr) {
    text += "Nobody can log in over SSH; the console says why.\r\n";
  } else {
    text += "log in:    " + ssh->command_line() + "\r\n";
    text += "host key:  " + printable(ready.host_key) + " (ED25519, checked), for known_hosts:\r\n";
    text += "           " + ssh->known_hosts_line() + "\r\n";
  }
  if (ready.password && !password.empty()) text += "password:  " + password + " (temporary, user root)\r\n";
  return text + "console:   below; Ctrl-] powers the guest off and leaves\r\n\r\n";
}

int run_command(Guest& guest, const SshAccess& ssh, const std::string& password, const std::string& command,
                Progress& progress) {
  const int status = ssh.run(guest, password, command);
  if (!guest.power_off(power_off_timeout, be_silent))
    progress.note("the guest did not power off within " + std::to_string(power_off_timeout.count()) +
                  " s and was stopped");
  return status;
}

}  // namespace

int boot_image(const BootOptions& options) {
  check_options(options);
  const bool interactive = options.run.empty();
  Progress progress(interactive);  // there the console itself shows how far it is
  remove_stale(fs::temp_directory_path(), work_prefix);
  const TempDir work(fs::temp_directory_path(), work_prefix);
  const std::string password = options.no_password ? "" : random_password();

  Progress::Step booting(progress, "boot");
  Guest guest(make_machine(options, password, work.path()), work.path());
  if (interactive) show_on_terminal("the guest starts; its console follows, Ctrl-C ends it\r\n");
  const contract::ReadyLine ready =
      guest.wait_until_ready(std::chrono::seconds(options.timeout_seconds), interactive ? show_on_terminal : be_silent);
  std::optional<SshAccess> ssh;
  if (ready.host_key != "none") ssh.emplace(work.path(), guest, ready.host_key);
  booting.done("ready, SSH answers");

  if (!interactive) {
    if (!ssh) throw guest.failure("nobody can log in over SSH, so --run cannot run its command");
    return run_command(guest, *ssh, password, options.run, progress);
  }
  show_on_terminal(introduction(ready, ssh ? &*ssh : nullptr, password));
  show_console(guest);
  return 0;
}

}  // namespace lifeboat
