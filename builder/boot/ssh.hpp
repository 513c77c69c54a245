#pragma once
#include <filesystem>
#include <string>

#include "builder/boot/guest.hpp"

namespace lifeboat {

/// Throws Error unless the one key in the file has this fingerprint ("SHA256:...").
void verify_host_key(const std::filesystem::path& known_hosts, const std::string& fingerprint);

/// The way to log in to the guest with the OpenSSH client, its host key checked.
class SshAccess {
 public:
  /// Fetches the host key and compares it with the fingerprint that the console printed. Throws Error when they differ.
  /// `work` is a private folder.
  SshAccess(const std::filesystem::path& work, Guest& guest, const std::string& fingerprint);

  /// For a person in another terminal.
  std::string command_line() const;
  /// The host key as a line of known_hosts.
  std::string known_hosts_line() const;

  /// Logs in as root with the password and runs `command`; its output goes to our own. Returns its exit status; throws
  /// Error when there was no login or the connection broke.
  int run(Guest& guest, const std::string& password, const std::string& command) const;

 private:
  std::filesystem::path work_;
  std::filesystem::path known_hosts_;
  int port_;
};

}  // namespace lifeboat
