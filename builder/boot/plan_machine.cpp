#include "builder/boot/plan_machine.hpp"

#include <nlohmann/json.hpp>

#include "builder/base/error.hpp"
#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/boot/boot_medium.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

/// What the builder says this image wants on its kernel command line.
std::string kernel_arguments(const fs::path& output) {
  const fs::path file = output / "manifest.json";
  if (!fs::exists(file)) return "console=tty0 console=hvc0 console=ttyS0";
  const nlohmann::json manifest = nlohmann::json::parse(read_file(file), nullptr, false);
  if (!manifest.is_object() || !manifest.contains("kernel_arguments") || !manifest["kernel_arguments"].is_string())
    throw Error("reading " + file.string() + ": it has no text \"kernel_arguments\"", "build the image again");
  return manifest["kernel_arguments"];
}

Firmware choose_firmware(const BootOptions& options, MediumKind medium) {
  const std::string standard = medium == MediumKind::uki ? "uefi" : "bios";
  return find_firmware(options.firmware.empty() ? standard : options.firmware, options.firmware_variables);
}

bool is_cd(const BootOptions& options, MediumKind medium) {
  if (options.attach == "cd" && medium != MediumKind::iso)
    throw Error("only the iso medium is a CD", "leave --attach cd out, or add --medium iso");
  return medium == MediumKind::iso && options.attach != "disk";
}

const Bus& choose_bus(const BootOptions& options, bool cd, FirmwareKind firmware) {
  const bool secure = firmware == FirmwareKind::secure_boot;
  const std::string standard = !cd ? "virtio" : secure ? "sata" : "ide";
  const Bus& bus = find_bus(options.bus.empty() ? standard : options.bus);
  if (cd && bus.cd_device.empty())
    throw Error("there is no CD on the " + std::string(bus.name) + " bus", "add --attach disk, or take another --bus");
  if (secure && bus.machine == "pc")
    throw Error("the machine that has Secure Boot (q35) has no " + std::string(bus.name) + " bus", "--bus sata");
  return bus;
}

/// The disk or CD of every medium but netboot.
RescueDrive plan_drive(const BootOptions& options, const BootMedium& medium, FirmwareKind firmware) {
  const bool cd = is_cd(options, medium.kind);
  const Bus& bus = choose_bus(options, cd, firmware);
  if (medium.kind == MediumKind::qcow2) return {inspect_disk_image(medium.path), cd, &bus};
  return {{medium.path, "raw"}, cd, &bus};
}

void require_file(const fs::path& folder, const char* name) {
  if (!fs::exists(folder / name))
    throw Error(folder.string() + " cannot be booted over HTTP: it has no " + name, "build the image again");
}

Network::Boot choose_network_boot(const BootOptions& options, const fs::path& folder) {
  if (options.network_boot == "tftp") return Network::Boot::tftp;
  if (options.network_boot != "http") return Network::Boot::none;
  for (const char* name : {"boot-http.ipxe", "initrd-http.img", "root.squashfs"}) require_file(folder, name);
  // QEMU starts it, and would say nothing when it is missing.
  run_checked({.argv = {"busybox", "true"}, .needed_for = "--network-boot http"});
  return Network::Boot::http;
}

void check_netboot(const BootOptions& options, const Firmware& firmware, Network::Boot boot) {
  if (!options.bus.empty() || !options.attach.empty())
    throw Error("a netboot medium is on no bus", "leave --bus and --attach out, or add --medium iso");
  if (boot != Network::Boot::none && firmware.kind != FirmwareKind::bios)
    throw Error("QEMU's network cards boot an iPXE script under BIOS alone", "leave --firmware out");
  if (firmware.kind == FirmwareKind::secure_boot && options.firmware_variables.empty())
    throw Error("under Secure Boot a kernel starts without a boot loader only where its own key is trusted",
                "boot another medium, or name a store with that key: --firmware-vars FILE");
}

void plan_netboot(Machine& machine, const BootOptions& options, const fs::path& folder) {
  machine.network.folder = folder;
  machine.network.boot = choose_network_boot(options, folder);
  check_netboot(options, machine.firmware, machine.network.boot);
  if (machine.network.boot == Network::Boot::none)
    machine.kernel = DirectKernel{folder / "vmlinuz", folder / "initrd.img", kernel_arguments(folder)};
}

void plan_medium(Machine& machine, const BootOptions& options, const BootMedium& medium) {
  if (!options.network_boot.empty()) throw Error("--network-boot is for the netboot medium", "add --medium netboot");
  if (medium.kind == MediumKind::uki && machine.firmware.kind == FirmwareKind::bios)
    throw Error("a unified kernel image is an EFI program, which a BIOS cannot start", "add --firmware uefi");
  machine.rescue = plan_drive(options, medium, machine.firmware.kind);
  if (medium.kind == MediumKind::uki) machine.efi_program = medium.path;
  if (!machine.rescue->bus->machine.empty()) machine.type = machine.rescue->bus->machine;
}

}  // namespace

Machine plan_machine(const BootOptions& options) {
  const BootMedium medium = find_boot_medium(options.medium_path, options.medium);
  Machine machine;
  machine.firmware = choose_firmware(options, medium.kind);
  // Secure Boot needs system management mode, which i440FX has not.
  if (machine.firmware.kind == FirmwareKind::secure_boot) machine.type = "q35";
  machine.network.card = network_card_device(options.network_card);
  machine.write = options.write;
  machine.memory_mib = options.memory_mib;
  if (medium.kind == MediumKind::netboot)
    plan_netboot(machine, options, medium.path);
  else
    plan_medium(machine, options, medium);
  for (const fs::path& file : options.originals) machine.originals.push_back(inspect_disk_image(file));
  return machine;
}

void make_efi_disk(Machine& machine, const fs::path& work) {
  if (machine.efi_program.empty()) return;
  machine.rescue->image.file = work / "rescue.fat";
  for (const auto& command : efi_disk_commands(machine.efi_program, machine.rescue->image.file))
    run_checked({.argv = command, .needed_for = "putting a unified kernel image on a disk"});
}

}  // namespace lifeboat
