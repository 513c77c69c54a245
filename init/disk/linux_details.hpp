#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "init/disk/disk_report.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {

inline constexpr std::size_t most_kernels = 16;

/// Sets what more than its name is known of the Linux whose root folder `root` is: architecture, kernels, machine id,
/// SELinux, boot loader. No program of it is run, no link leads out.
void add_linux_details(const Fd& root, OperatingSystem& system);

/// What of booting lies in a file system, whether a root, a /boot or an EFI system partition: "GRUB 2", "EFI/debian",
/// "systemd-boot", "Windows Boot Manager", "Linux 6.1.0-18-amd64". At most 32.
std::vector<std::string> find_boot_files(const Fd& root);

/// `uname -m` for the machine that an ELF header names; empty where it is none, or not known.
std::string elf_architecture(std::string_view header);

/// Puts releases in order, the newest first, each once, most_kernels at most.
void sort_kernels(std::vector<std::string>& kernels);

}  // namespace lifeboat::init
