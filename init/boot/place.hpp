#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lifeboat::init {

/// Where a disk is plugged in, as far as firmware and kernel can both say it.
struct Place {
  struct Scsi {
    unsigned channel = 0, target = 0, lun = 0;
    bool operator==(const Scsi&) const = default;
  };
  std::vector<std::string> pci;            ///< "1f.2": device and function in hexadecimal, from the root bus down
  std::vector<unsigned> usb;               ///< ports from the controller down, counted from 1
  std::optional<unsigned> ata_port;        ///< or channel of an IDE controller; counted from 0
  std::optional<unsigned> ata_device;      ///< 0: master
  std::optional<Scsi> scsi;                ///< behind a SCSI controller, or of a USB device
  std::optional<unsigned> nvme_namespace;  ///< counted from 1
  bool operator==(const Place&) const = default;
};

/// Of a disk by its sysfs device path. `ata_port`: what port_no of its ata_port says (counted from 1), where it has
/// one. Nothing for a disk that hangs on no PCI bus.
std::optional<Place> place_of_disk(std::string_view position, std::optional<unsigned> ata_port);

/// "ata6" of such a path; empty where it has none.
std::string ata_port_name(std::string_view position);

/// Of one line of QEMU's boot order, fw_cfg's file "bootorder": "/pci@i0cf8/ide@1,1/drive@0/disk@0" (Open Firmware
/// device paths, QEMU docs/bootindex). Nothing for what is no disk on a PCI bus.
std::optional<Place> place_in_boot_order(std::string_view line);

/// Of UEFI's variable Boot####: an EFI_LOAD_OPTION (UEFI 2.10, 3.1.3; device paths: 10.3), without the four bytes that
/// efivarfs puts before it. Nothing for a network card, a short path that begins with a partition, broken bytes.
std::optional<Place> place_in_boot_option(std::string_view option);

/// Whether what firmware says is this disk's place.
bool leads_to(const Place& firmware, const Place& disk);

}  // namespace lifeboat::init
