#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "qemu-tests/harness/console.hpp"
#include "qemu-tests/harness/control.hpp"
#include "qemu-tests/harness/drive.hpp"
#include "qemu-tests/harness/firmware.hpp"
#include "qemu-tests/harness/folder.hpp"
#include "qemu-tests/harness/namespace.hpp"
#include "qemu-tests/harness/network.hpp"

namespace lifeboat::qemu {

/// Files of a config drive: path inside -> content. See config_drive.hpp for OpenStack's.
using DriveFiles = std::map<std::string, std::string>;

struct VmOptions {
  std::filesystem::path kernel;  ///< empty: the machine boots from its disks
  std::filesystem::path initrd;  ///< empty: none
  std::string kernel_arguments = "console=tty0 console=ttyS0";
  std::string machine = "pc";  ///< its CDs are IDE; on q35 they are SATA
  Firmware firmware = Firmware::bios;
  std::filesystem::path firmware_variables = {};  ///< empty: a throw-away store
  std::string network_device = "virtio-net-pci";
  NetworkBoot network_boot = NetworkBoot::none;
  std::filesystem::path network_folder = {};  ///< what network_boot serves
  std::vector<int> forwarded_ports = {};      ///< of the guest, beside 22; see Vm::forwarded_port()
  bool network_open = false;                  ///< the guest reaches what this process reaches: see network.hpp
  const Namespace* network = nullptr;         ///< a Lab's, which outlives the guest; else QEMU's slirp is the network
  std::vector<LabCard> cards = {};            ///< in that; there may be none
  unsigned memory_mib = 1024;
  std::vector<AttachedDisk> disks = {};
  std::optional<DriveFiles> config_drive = {};  ///< attached as a CD
  bool virtio_console = false;                  ///< a second console: Vm::virtio_console()
  std::vector<std::string> extra = {};          ///< more words for QEMU
};

/// What the console's READY line says, by key: build, address, port, login, host-key, seconds.
using Ready = std::map<std::string, std::string>;

/// A QEMU with its console and control channel, ended with its owner. When its test fails, it says on standard error
/// how to repeat it and keeps its folder.
class Vm {
 public:
  explicit Vm(const VmOptions& options);
  ~Vm();

  Console& console() { return *console_; }
  /// The guest's hvc0, where its options ask for one.
  Console& virtio_console() { return virtio_console_.value(); }
  /// Waits for the READY line. Two virtual processors of QEMU 7.2's TCG lock each other up once in some hundred starts,
  /// before anything of ours has gone wrong (the kernel's watchdog says so): then the machine is started again, once.
  Ready wait_until_ready(seconds timeout = seconds(150));
  /// The port on 127.0.0.1 that leads to the guest's port 22; 0 in a Lab. slirp answers there before the guest does:
  /// connect after READY.
  int ssh_port() const noexcept { return ssh_port_; }

  /// The port on 127.0.0.1 that leads to this port of the guest.
  int forwarded_port(int guest_port);

  /// QEMU's control channel, for what has no function of its own here.
  Control& control() { return *control_; }

  void press_power_button();
  /// QEMU's key names, all down at once: {"ctrl", "alt", "delete"}.
  void press_keys(const std::vector<std::string>& names);
  /// Plugs in the cable of a Lab's card, or pulls it out: the card has a carrier or none.
  void set_cable(const LabCard& card, bool plugged);
  /// The graphical console as a PNG file.
  void take_screenshot(const std::filesystem::path& file);
  /// The guest's memory, as it is, to a file.
  void dump_memory(const std::filesystem::path& file, unsigned mebibytes);
  /// Ends QEMU now.
  void quit();
  /// QEMU's exit status once it has ended by itself; a Failure when it has not in time.
  int wait_for_end(seconds timeout);

  const std::filesystem::path& folder() const noexcept { return folder_.path(); }
  /// The QEMU line for a person: the same machine with its console on the terminal.
  const std::string& repeat_line() const noexcept { return repeat_line_; }

 private:
  Folder folder_{"vm"};
  std::string repeat_line_;
  std::vector<std::string> words_;
  const Namespace* network_;
  bool has_virtio_console_;
  bool started_again_ = false;
  std::optional<Process> qemu_;
  std::optional<Control> control_;
  std::optional<Console> console_, virtio_console_;
  int ssh_port_ = 0;

  void start(std::vector<std::string> words);
  std::string await_ready_line(seconds timeout);
};

}  // namespace lifeboat::qemu
