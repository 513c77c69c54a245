#pragma once
#include <string_view>

namespace lifeboat::contract {

// Where a disk medium (`raw`, `qcow2`) takes files from whoever prepares it for one machine: an ext4 partition with
// root's password and key files and, where it has them made, ifupdown's file, as Nova's file injection edits them. The
// init reads both at boot, on the medium it was started from alone.

inline constexpr int injection_partition = 3;                          ///< Nova's `inject_partition`
inline constexpr std::string_view injection_label = "lifeboat-files";  ///< of the file system
inline constexpr const char* injected_password_file = "etc/shadow";    ///< its line of root
inline constexpr const char* injected_keys_file = "root/.ssh/authorized_keys";
inline constexpr const char* injected_network_file = "etc/network/interfaces";  ///< Nova makes it, and its folder

}  // namespace lifeboat::contract
