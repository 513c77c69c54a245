#include "qemu-tests/harness/vm.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "qemu-tests/harness/config_drive.hpp"

namespace lifeboat::qemu {
namespace fs = std::filesystem;
namespace {

using Words = std::vector<std::string>;

struct SocketPair {
  Fd ours, theirs;
  SocketPair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
      throw Failure(std::string("creating a socket pair for QEMU: ") + std::strerror(errno));
    ours = Fd(ends[0]);
    theirs = Fd(ends[1]);
  }
};

void append(Words& words, const Words& more) { words.insert(words.end(), more.begin(), more.end()); }

/// TCG unless the environment vouches for KVM: a /dev/kvm that opens proves nothing.
std::string accelerator() {
  const char* asked = std::getenv("LIFEBOAT_ACCEL");
  return asked != nullptr && std::string(asked) == "kvm" ? "kvm" : "tcg,thread=multi";
}

Words machine_words(const VmOptions& options, const fs::path& config_drive) {
  Words words{"qemu-system-x86_64", "-nodefaults", "-no-user-config", "-vga", "std", "-display", "none"};
  // The secure variables are written in system management mode alone.
  const std::string more = options.firmware == Firmware::secure_boot ? ",smm=on" : "";
  append(words, {"-machine", options.machine + more, "-accel", accelerator(), "-smp", "2"});
  append(words, firmware_words(options.firmware, options.firmware_variables));
  append(words, {"-m", std::to_string(options.memory_mib)});
  if (!options.kernel.empty()) append(words, {"-kernel", options.kernel, "-append", options.kernel_arguments});
  if (!options.initrd.empty()) append(words, {"-initrd", options.initrd});
  append(words, drive_words(options.disks));
  if (!config_drive.empty()) {
    append(words, {"-drive", "if=none,id=config,format=raw,readonly=on,file=" + config_drive.string()});
    append(words,
           {"-device", std::string("ide-cd,drive=config,bus=") + (options.machine == "q35" ? "ide.5" : "ide.1")});
  }
  append(words, {"-device", "virtio-rng-pci"});
  append(words, options.extra);
  return words;
}

Words with_network(Words words, const VmOptions& options, int port) {
  if (options.network != nullptr) {
    append(words, network_words(options.cards));
    return words;
  }
  append(words, network_words(options.network_device, port, options.network_boot, options.network_folder,
                              options.network_open, options.forwarded_ports));
  return words;
}

}  // namespace

Vm::Vm(const VmOptions& options) : network_(options.network), has_virtio_console_(options.virtio_console) {
  const fs::path drive =
      options.config_drive ? make_iso_volume(folder_.path(), "config-2", *options.config_drive) : fs::path();
  const Words machine = machine_words(options, drive);
  Words again = with_network(machine, options, 2222);
  append(again, {"-serial", "mon:stdio"});
  repeat_line_ = quote_command(again);
  words_ = with_network(machine, options, 0);
  start(words_);
}

void Vm::start(Words words) {
  SocketPair console, control, virtio;
  const int console_fd = console.theirs.get();
  const int control_fd = control.theirs.get();
  const int virtio_fd = virtio.theirs.get();
  append(words, {"-chardev", "socket,id=console,fd=" + std::to_string(console_fd), "-serial", "chardev:console"});
  append(words,
         {"-chardev", "socket,id=control,fd=" + std::to_string(control_fd), "-mon", "chardev=control,mode=control"});
  if (has_virtio_console_)
    append(words, {"-chardev", "socket,id=hvc,fd=" + std::to_string(virtio_fd), "-device", "virtio-serial-pci",
                   "-device", "virtconsole,chardev=hvc"});
  const fs::path said = folder_.path() / "qemu.log";
  qemu_.emplace(Process::Start{.argv = words,
                               .out = said,
                               .err = said,
                               .keep = {console_fd, control_fd, virtio_fd},
                               .environment = {},
                               .network_namespace = network_ == nullptr ? -1 : network_->fd()});
  console.theirs = Fd();
  control.theirs = Fd();
  virtio.theirs = Fd();
  control_.emplace(std::move(control.ours));
  const std::string story = "to repeat it: " + repeat_line_ + "\nits folder:   " + folder_.path().string();
  console_.emplace(std::move(console.ours), qemu_->pidfd(), story);
  if (has_virtio_console_) virtio_console_.emplace(std::move(virtio.ours), qemu_->pidfd(), story);
  try {
    control_->greet();
    if (network_ == nullptr) ssh_port_ = forwarded_port(22);
  } catch (const Failure& failure) {
    qemu_->wait(std::chrono::steady_clock::now() + seconds(1));
    throw Failure(console_->explain("QEMU did not start: " + std::string(failure.what()) + "\n" + read_file(said)));
  }
}

Vm::~Vm() {
  if (!folder_.failing() || !console_) return;
  std::cerr << console_->explain("the test failed with this guest:");
  std::error_code ignored;
  fs::path log = folder_.path() / "console.log";
  try {
    write_file(log, console_->log());
  } catch (const Failure& failure) {
    std::cerr << failure.what() << "\n";
  }
}

int Vm::forwarded_port(int guest_port) {
  const std::string table = control_->execute("human-monitor-command", {{"command-line", "info usernet"}});
  std::istringstream lines(table);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string what, fd, address, guest_address;
    int port = 0, to = 0;
    if (words >> what >> fd >> address >> port >> guest_address >> to && what == "TCP[HOST_FORWARD]" &&
        to == guest_port)
      return port;
  }
  throw Failure("QEMU does not say which port it forwards to the guest's " + std::to_string(guest_port) + ":\n" +
                table);
}

std::string Vm::await_ready_line(seconds timeout) {
  constexpr const char* mark = "LIFEBOAT-READY ";
  try {
    return console_->wait_for_line(mark, timeout);
  } catch (const Failure& failure) {
    const std::string said = console_->log();
    const bool locked_up =
        said.find("watchdog: BUG: soft lockup") != std::string::npos && said.find(mark) == std::string::npos;
    if (!locked_up || started_again_) throw;
    std::cerr << "The guest's kernel says that its processors are stuck: QEMU's TCG does that at times. It is started "
                 "again, once.\n"
              << failure.what() << "\n";
  }
  started_again_ = true;
  console_.reset();
  virtio_console_.reset();
  control_.reset();
  qemu_.reset();  // its disks are free then
  start(words_);
  return console_->wait_for_line(mark, timeout);
}

Ready Vm::wait_until_ready(seconds timeout) {
  std::istringstream words(await_ready_line(timeout));
  Ready ready;
  for (std::string word; words >> word;)
    if (const std::size_t equals = word.find('='); equals != std::string::npos)
      ready[word.substr(0, equals)] = word.substr(equals + 1);
  return ready;
}

void Vm::press_power_button() { control_->execute("system_powerdown", nlohmann::json::object()); }

void Vm::press_keys(const std::vector<std::string>& names) {
  nlohmann::json keys = nlohmann::json::array();
  for (const std::string& name : names) keys.push_back({{"type", "qcode"}, {"data", name}});
  control_->execute("send-key", {{"keys", keys}});
}

void Vm::set_cable(const LabCard& card, bool plugged) {
  control_->execute("set_link", {{"name", card.tap}, {"up", plugged}});
}

void Vm::take_screenshot(const fs::path& file) {
  control_->execute("screendump", {{"filename", file.string()}, {"format", "png"}});
}

void Vm::dump_memory(const fs::path& file, unsigned mebibytes) {
  control_->execute("pmemsave",
                    {{"val", 0}, {"size", std::uint64_t{mebibytes} << 20}, {"filename", fs::absolute(file).string()}});
}

void Vm::quit() { control_->execute("quit", nlohmann::json::object()); }

int Vm::wait_for_end(seconds timeout) {
  console_->wait_for_end(timeout);
  return qemu_->wait(std::chrono::steady_clock::now()).value_or(-1);
}

}  // namespace lifeboat::qemu
