#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "init/source/findings.hpp"
#include "init/source/platform.hpp"
#include "init/sys/result.hpp"
#include "init/sys/secret.hpp"

namespace lifeboat::init {

/// The strings of one SMBIOS structure: behind the formatted part (its length is byte 1), each with a zero behind it.
std::vector<std::string_view> smbios_strings(std::string_view raw);

/// systemd's system credentials, from where systemd takes them too (the first of a name wins): QEMU's fw_cfg
/// (opt/io.systemd.credentials/NAME), SMBIOS type 11 strings (io.systemd.credential:NAME=VALUE, .binary: in base64)
/// and the kernel command line (systemd.set_credential=NAME:VALUE, systemd.set_credential_binary=).
struct Credentials {
  std::map<std::string, Secret> values;
  std::vector<std::string> notes;  ///< what was no credential and why
};

struct CredentialPlaces {
  std::string fw_cfg = "/sys/firmware/qemu_fw_cfg/by_name/opt/io.systemd.credentials";
  std::string dmi_entries = "/sys/firmware/dmi/entries";
};

/// `total` is the most that is read of them altogether, in bytes.
Credentials collect_credentials(const CredentialPlaces& places, const std::string& kernel_command_line,
                                std::size_t total = std::size_t{1} << 20);

/// passwd.hashed-password.root, passwd.plaintext-password.root, ssh.authorized_keys.root, system.hostname,
/// vmm.notify_socket, network.{network,netdev,link}.NAME as systemd-networkd's files, network.dns,
/// network.search_domains; and lifeboat.host_key (sshd's private key), lifeboat.deadline, lifeboat.network-config
/// (NoCloud's). A line end behind a value is not part of it.
Result<Findings> take_credentials(Credentials&& credentials);

/// Both, where the kernel has them.
Result<Findings> read_credentials(const Platform& platform);

}  // namespace lifeboat::init
