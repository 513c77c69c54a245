#include "builder/boot/ssh.hpp"

#include <vector>

#include "builder/base/file.hpp"
#include "builder/base/text.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

constexpr const char* host = "127.0.0.1";

/// The fingerprint of the one key in a known_hosts file, as OpenSSH prints it: "SHA256:...".
std::string fingerprint_of(const fs::path& known_hosts) {
  const std::string line = run_checked({.argv = {"ssh-keygen", "-l", "-E", "sha256", "-f", known_hosts.string()},
                                        .needed_for = "checking the guest's host key"});
  const std::vector<std::string_view> words = split_words(line);
  return words.size() < 2 ? "" : std::string(words[1]);
}

/// The line for known_hosts. Asks again for a while: sshd is started in the background and may not listen yet.
std::string fetch_host_key(Guest& guest) {
  const Command scan{.argv = {"ssh-keyscan", "-T", "5", "-t", "ed25519", "-p", std::to_string(guest.ssh_port()), host},
                     .needed_for = "checking the guest's host key",
                     .timeout = std::chrono::seconds(30)};
  const Deadline deadline = std::chrono::steady_clock::now() + std::chrono::seconds(15);
  while (true) {
    const Outcome outcome = lifeboat::run(scan);
    if (outcome.status == 0 && !outcome.out.empty()) return outcome.out;
    if (std::chrono::steady_clock::now() >= deadline)
      throw guest.failure("the guest said that it is ready, but its SSH server does not answer: " +
                          printable(trim(outcome.err)));
    if (guest.wait(std::chrono::steady_clock::now() + std::chrono::milliseconds(200)).ended)
      throw guest.failure("the guest ended before its SSH server answered");
  }
}

}  // namespace

void verify_host_key(const fs::path& known_hosts, const std::string& fingerprint) {
  const std::string found = fingerprint_of(known_hosts);
  if (found != fingerprint)
    throw Error("the guest's SSH server has another host key than the console says: " + printable(found) + ", not " +
                printable(fingerprint));
}

SshAccess::SshAccess(const fs::path& work, Guest& guest, const std::string& fingerprint)
    : work_(work), known_hosts_(work / "known_hosts"), port_(guest.ssh_port()) {
  replace_file(known_hosts_, fetch_host_key(guest), 0600);
  verify_host_key(known_hosts_, fingerprint);
}

std::string SshAccess::command_line() const {
  return quote_command({"ssh", "-p", std::to_string(port_), "-o", "UserKnownHostsFile=" + known_hosts_.string(),
                        std::string("root@") + host});
}

std::string SshAccess::known_hosts_line() const { return printable(trim(read_file(known_hosts_))); }

int SshAccess::run(Guest& guest, const std::string& password, const std::string& command) const {
  const fs::path secret = work_ / "password";
  const fs::path askpass = work_ / "askpass";
  replace_file(secret, password + "\n", 0600);
  replace_file(askpass, "#!/bin/sh\nexec cat \"$LIFEBOAT_PASSWORD_FILE\"\n", 0700);
  Child ssh({.argv = {"ssh",
                      "-n",
                      "-F",
                      "/dev/null",
                      "-p",
                      std::to_string(port_),
                      "-o",
                      "LogLevel=ERROR",
                      "-o",
                      "UserKnownHostsFile=" + known_hosts_.string(),
                      "-o",
                      "GlobalKnownHostsFile=/dev/null",
                      "-o",
                      "StrictHostKeyChecking=yes",
                      "-o",
                      "PreferredAuthentications=password,keyboard-interactive",
                      "-o",
                      "NumberOfPasswordPrompts=1",
                      "-o",
                      "ConnectTimeout=30",
                      "-o",
                      "ServerAliveInterval=15",
                      "-o",
                      "ServerAliveCountMax=4",
                      std::string("root@") + host,
                      "--",
                      command},
             .needed_for = "--run",
             .environment = {{"SSH_ASKPASS", askpass.string()},
                             {"SSH_ASKPASS_REQUIRE", "force"},
                             {"LIFEBOAT_PASSWORD_FILE", secret.string()}}},
            {});
  // Until it ends: what the person runs may take its time, and a dead guest ends the connection.
  while (!guest.wait(Deadline::max(), ssh.pidfd()).ended)
    if (const auto status = ssh.wait(std::chrono::milliseconds(0)); status && *status != 255)
      return *status;
    else if (status)
      break;
  const auto status = ssh.wait(std::chrono::seconds(20));
  if (status && *status != 255) return *status;
  throw guest.failure("logging in over SSH, or the connection afterwards, failed");
}

}  // namespace lifeboat
