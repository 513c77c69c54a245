#include "builder/boot/machine.hpp"

#include <nlohmann/json.hpp>

#include "builder/base/error.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

/// A path as the value of a QEMU option: a comma would start the next option, so QEMU wants it twice.
std::string option_value(const fs::path& path) {
  std::string value;
  for (char c : path.string()) value += c == ',' ? std::string(",,") : std::string(1, c);
  return value;
}

void append(std::vector<std::string>& argv, std::initializer_list<std::string> words) {
  argv.insert(argv.end(), words);
}

void append_originals(std::vector<std::string>& argv, const Machine& machine) {
  int number = 0;
  for (const DiskImage& disk : machine.originals) {
    const std::string id = "original" + std::to_string(number++);
    append(argv, {"-drive",
                  "if=none,id=" + id + ",file=" + option_value(disk.file) + ",format=" + disk.format +
                      (machine.write ? "" : ",snapshot=on"),
                  "-device", "virtio-blk-pci,drive=" + id});
  }
}

void append_config_drive(std::vector<std::string>& argv, const Machine& machine) {
  if (machine.config_drive.empty()) return;
  append(argv, {"-drive", "if=none,id=config,format=raw,readonly=on,file=" + option_value(machine.config_drive),
                "-device", "ide-cd,drive=config,bus=ide.1"});
}

std::vector<std::string> machine_command(const Machine& machine, int ssh_port) {
  std::vector<std::string> argv{"qemu-system-x86_64", "-nodefaults", "-no-user-config", "-no-reboot"};
  append(argv,
         {"-machine", "pc", "-accel", machine.accelerator, "-smp", "2", "-m", std::to_string(machine.memory_mib)});
  if (machine.accelerator == "kvm") append(argv, {"-cpu", "host"});
  append(argv, {"-uuid", machine.uuid, "-smbios", "type=1,manufacturer=OpenStack Foundation,product=OpenStack Nova"});
  append(argv,
         {"-kernel", machine.kernel.string(), "-initrd", machine.initrd.string(), "-append", machine.kernel_arguments});
  append_originals(argv, machine);
  append(argv, {"-netdev", "user,id=net,hostfwd=tcp:127.0.0.1:" + std::to_string(ssh_port) + "-:22", "-device",
                "virtio-net-pci,netdev=net", "-device", "virtio-rng-pci", "-vga", "std", "-display", "none"});
  return argv;
}

}  // namespace

std::vector<std::string> qemu_command(const Machine& machine, const MachineChannels& channels) {
  std::vector<std::string> argv = machine_command(machine, 0);
  append_config_drive(argv, machine);
  append(argv, {"-chardev", "socket,id=console,fd=" + std::to_string(channels.console), "-serial", "chardev:console"});
  append(argv, {"-chardev", "socket,id=control,fd=" + std::to_string(channels.control), "-mon",
                "chardev=control,mode=control"});
  return argv;
}

std::string repeat_line(const Machine& machine) {
  std::vector<std::string> argv = machine_command(machine, 2222);
  append(argv, {"-serial", "mon:stdio"});
  return quote_command(argv);
}

DiskImage inspect_disk_image(const fs::path& file) {
  const fs::path whole = fs::absolute(file);
  return with_context("attaching " + file.string(), [&] {
    if (!fs::exists(whole)) throw Error("no such file");
    const std::string said =
        run_checked({.argv = {"qemu-img", "info", "--force-share", "--output=json", "--", whole.string()},
                     .needed_for = "reading the original disk's format"});
    const nlohmann::json info = nlohmann::json::parse(said, nullptr, false);
    const std::string format = info.is_object() ? info.value("format", "") : "";
    if (format != "raw" && format != "qcow2")
      throw Error("its format is " + printable(format) + "; raw and qcow2 can be attached",
                  "qemu-img convert -O qcow2 " + quote_command({file.string()}) + " original.qcow2");
    const bool names_files = info.contains("backing-filename") || said.find("\"data-file\"") != std::string::npos;
    if (names_files)
      throw Error("it is a qcow2 that takes its content from another file",
                  "if you trust it, make one file of it: qemu-img convert -O qcow2 " + quote_command({file.string()}) +
                      " original.qcow2");
    return DiskImage{whole, format};
  });
}

}  // namespace lifeboat
