#pragma once
#include <filesystem>

#include "builder/boot/boot.hpp"
#include "builder/boot/machine.hpp"

namespace lifeboat {

/// The machine that the options describe, all but accelerator, UUID and config drive. Throws Error for a medium, a
/// firmware file or a disk that is not there, and for options that exclude each other. Makes nothing.
Machine plan_machine(const BootOptions& options);

/// Makes the disk with the unified kernel image, where the machine boots from one; `work` is a private folder.
void make_efi_disk(Machine& machine, const std::filesystem::path& work);

}  // namespace lifeboat
