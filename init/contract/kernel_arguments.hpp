#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "init/contract/deadline.hpp"

namespace lifeboat::contract {

/// The argument that names the build on the kernel command line: lifeboat.build_id=0123...
inline constexpr std::string_view build_id_argument = "lifeboat.build_id";
/// With this argument the consoles also show what is only of interest to whoever works on Lifeboat.
inline constexpr std::string_view debug_argument = "lifeboat.debug";
/// Copies the root image from the medium to memory, so that the medium can go away.
inline constexpr std::string_view copy_to_ram_argument = "lifeboat.copy_to_ram";
/// Only the initramfs's drivers are loaded: for a machine that a driver of the root hangs.
inline constexpr std::string_view basic_drivers_argument = "lifeboat.basic_drivers";
/// Where the root image is fetched from, when it is neither in the initramfs nor on a medium: lifeboat.root=http://...
inline constexpr std::string_view root_url_argument = "lifeboat.root";

/// root's password as crypt(3) hashes it.
inline constexpr std::string_view password_hash_argument = "lifeboat.password_hash";
/// Clear text is refused: all the world can read the command line.
inline constexpr std::string_view clear_password_argument = "lifeboat.password";
/// A public key for root; may be repeated. It holds blanks: lifeboat.authorized_key="ssh-ed25519 AAAA... me".
inline constexpr std::string_view authorized_key_argument = "lifeboat.authorized_key";
/// When the session ends (contract/deadline.hpp).
inline constexpr std::string_view deadline_argument = "lifeboat.deadline";
/// What happens then, in place of what the recipe says: "stay", "power-off", "reboot".
inline constexpr std::string_view at_deadline_argument = "lifeboat.at_deadline";

/// A provider's name in Xen's store, beside "rackspace", whose host may give orders (source/xenstore_agent.hpp).
inline constexpr std::string_view xenstore_provider_argument = "lifeboat.xenstore_provider";

/// systemd.set_credential=NAME:VALUE, or systemd.set_credential_binary=NAME:BASE64.
struct CredentialArgument {
  std::string text;  ///< behind the '='
  bool binary = false;
};

/// What the init reads from /proc/cmdline. A foreign command line (Nova's direct kernel boot) is valid: all is
/// optional.
struct KernelArguments {
  std::string build_id;  ///< empty when not given
  bool debug = false;
  bool copy_to_ram = false;
  bool basic_drivers = false;
  std::string root_url;       ///< empty when not given; else it begins with http://
  std::string password_hash;  ///< not checked
  bool has_clear_password = false;
  std::vector<std::string> authorized_keys;  ///< not checked
  std::string deadline;                      ///< not checked
  std::optional<AtDeadline> at_deadline;
  std::string xenstore_provider;
  std::vector<CredentialArgument> credentials;  ///< in order
  std::vector<std::string> network;   ///< ip=, nameserver=, bond= and their like, whole, in order; not checked
  std::vector<std::string> consoles;  ///< values of console=, without their options, in order: "tty0", "ttyS0"
  std::vector<std::string> unknown;   ///< lifeboat.* that nobody knows or that make no sense, whole: report lines
  std::vector<std::pair<std::string, std::string>>
      module_options;  ///< "virtio_net", "napi_tx=0": for modules loaded later
};

/// Words are separated by blanks; double quotes hold a value with blanks together, as the kernel reads them.
KernelArguments parse_kernel_arguments(std::string_view command_line);

}  // namespace lifeboat::contract
