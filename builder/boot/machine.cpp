#include "builder/boot/machine.hpp"

#include "builder/base/run.hpp"
#include "builder/boot/qemu_words.hpp"

namespace lifeboat {
namespace {

std::vector<std::string> kernel_words(const DirectKernel& direct) {
  return {"-kernel", direct.kernel.string(), "-initrd", direct.initrd.string(), "-append", direct.arguments};
}

std::vector<std::string> machine_command(const Machine& machine, int ssh_port) {
  std::vector<std::string> argv{"qemu-system-x86_64", "-nodefaults", "-no-user-config", "-no-reboot"};
  // The secure variables are written in system management mode alone.
  const bool secure = machine.firmware.kind == FirmwareKind::secure_boot;
  append(argv, {"-machine", machine.type + (secure ? ",smm=on" : ""), "-accel", machine.accelerator, "-smp", "2", "-m",
                std::to_string(machine.memory_mib)});
  if (machine.accelerator == "kvm") append(argv, {"-cpu", "host"});
  append(argv, {"-uuid", machine.uuid, "-smbios", "type=1,manufacturer=OpenStack Foundation,product=OpenStack Nova"});
  append(argv, firmware_words(machine.firmware));
  if (machine.kernel) append(argv, kernel_words(*machine.kernel));
  if (machine.rescue) append(argv, rescue_drive_words(*machine.rescue));
  append(argv, original_disk_words(machine.originals, machine.write));
  append(argv, network_words(machine.network, ssh_port));
  append(argv, {"-device", "virtio-rng-pci", "-vga", "std", "-display", "none"});
  return argv;
}

}  // namespace

std::vector<std::string> qemu_command(const Machine& machine, const MachineChannels& channels) {
  std::vector<std::string> argv = machine_command(machine, 0);
  if (!machine.config_drive.empty()) append(argv, config_drive_words(machine.config_drive, machine.type));
  append(argv, {"-chardev", "socket,id=console,fd=" + std::to_string(channels.console), "-serial", "chardev:console"});
  append(argv, {"-chardev", "socket,id=control,fd=" + std::to_string(channels.control), "-mon",
                "chardev=control,mode=control"});
  return argv;
}

std::string repeat_line(const Machine& machine) {
  Machine again = machine;
  std::string line;
  if (!machine.efi_program.empty()) {
    again.rescue->image.file = "rescue.fat";  // ours is in a folder that goes
    for (const auto& command : efi_disk_commands(machine.efi_program, again.rescue->image.file))
      line += quote_command(command) + " && ";
  }
  std::vector<std::string> argv = machine_command(again, 2222);
  append(argv, {"-serial", "mon:stdio"});
  return line + quote_command(argv);
}

}  // namespace lifeboat
