#pragma once
#include <libssh/libssh.h>

#include <filesystem>
#include <memory>
#include <string>

#include "qemu-tests/harness/namespace.hpp"
#include "qemu-tests/harness/process.hpp"

namespace lifeboat::qemu {

/// A login shell with a terminal of its own (80 columns); it ends with its owner.
class SshTerminal {
 public:
  explicit SshTerminal(ssh_session session);
  void type(const std::string& keys);
  /// Waits until it shows `text`, in all that it ever showed, and returns that.
  const std::string& wait_for(const std::string& text, seconds timeout);

 private:
  struct Close {
    void operator()(ssh_channel channel) const;
  };
  std::unique_ptr<ssh_channel_struct, Close> channel_;
  std::string shown_;
};

/// One SSH connection through libssh. Every call is bounded and throws Failure.
class Ssh {
 public:
  /// Connects to 127.0.0.1 and takes the host's ed25519 key, without logging in.
  explicit Ssh(int port, seconds timeout = seconds(30), const std::string& user = "root");

  /// The same from inside a Lab's namespace to the guest's port 22 at a numeric address; a link-local one with the
  /// Lab's device: "fe80::5054:ff:fe12:3401%seg0". The guest need not be there yet.
  Ssh(const Namespace& network, const std::string& address, seconds timeout = seconds(30),
      const std::string& user = "root");

  /// The fingerprint as OpenSSH prints it: "SHA256:...".
  std::string host_key() const;

  /// True when the server lets the user in; false when it says no.
  bool login_with_password(const std::string& password);
  bool login_with_key(const std::filesystem::path& private_key);

  /// Runs a command to its end.
  ProgramResult run(const std::string& command, seconds timeout = seconds(60));
  /// The same, and a status other than 0 is a Failure. Returns standard output.
  std::string run_checked(const std::string& command, seconds timeout = seconds(60));
  /// Lives no longer than the connection.
  SshTerminal open_terminal() const { return SshTerminal(session_.get()); }

 private:
  struct Close {
    void operator()(ssh_session session) const;
  };
  std::unique_ptr<ssh_session_struct, Close> session_;
  void connect(const std::string& host, seconds timeout, const std::string& user);
  bool accepted(int answer) const;
};

}  // namespace lifeboat::qemu
