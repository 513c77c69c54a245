#pragma once
#include <string>
#include <vector>

#include "init/boot/machine.hpp"

namespace lifeboat::init {

/// How long what needs a device waits for drivers that load.
inline constexpr Milliseconds drivers_limit{30'000};

/// Loads modules in a worker (a driver may hang on its device), one request after the other, and then the drivers of
/// devices that came meanwhile. machine.drivers.loading tells that there is work left.
void start_loading_drivers(Machine& machine, DriverRequest request);

/// The drivers of common devices, from what the initramfs had; then its memory is freed.
void start_first_drivers(Machine& machine);

/// While a machine boots, waits of the kernel for all its processors (RCU grace periods: each driver and each mount has
/// some) are cut short by interrupting them; who works on the machine later is not to be interrupted so.
void hurry_kernel(bool hurry);

/// One module out of the root, at once: for a worker. What cannot be loaded is said by whoever needs it.
void load_module(const std::string& kernel, const std::string& name, const std::string& parameter = "");

/// Modules out of the initramfs, in this order, by a child that nobody waits for: for a worker.
void load_modules_aside(const std::vector<std::string>& names);

/// A device came that asks for a driver.
void want_driver(Machine& machine, const std::string& alias);

}  // namespace lifeboat::init
