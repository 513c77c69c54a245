#include "qemu-tests/harness/ssh.hpp"

#include <unistd.h>

#include <array>

namespace lifeboat::qemu {
namespace {

struct CloseChannel {
  void operator()(ssh_channel channel) const { ssh_channel_free(channel); }
};
using Channel = std::unique_ptr<ssh_channel_struct, CloseChannel>;

struct FreeKey {
  void operator()(ssh_key key) const { ssh_key_free(key); }
};
using Key = std::unique_ptr<ssh_key_struct, FreeKey>;

/// Takes what is there of one stream; a short wait keeps the loop from spinning.
void drain(ssh_channel channel, bool is_error, std::string& into) {
  std::array<char, 16384> buffer;
  const int n = ssh_channel_read_timeout(channel, buffer.data(), buffer.size(), is_error ? 1 : 0, 50);
  if (n > 0) into.append(buffer.data(), static_cast<std::size_t>(n));
}

}  // namespace

void SshTerminal::Close::operator()(ssh_channel channel) const { ssh_channel_free(channel); }

SshTerminal::SshTerminal(ssh_session session) : channel_(ssh_channel_new(session)) {
  if (!channel_ || ssh_channel_open_session(channel_.get()) != SSH_OK ||
      ssh_channel_request_pty_size(channel_.get(), "vt220", 80, 24) != SSH_OK ||
      ssh_channel_request_shell(channel_.get()) != SSH_OK)
    throw Failure("opening a terminal over SSH: " + std::string(ssh_get_error(session)));
}

void SshTerminal::type(const std::string& keys) {
  if (ssh_channel_write(channel_.get(), keys.data(), static_cast<std::uint32_t>(keys.size())) < 0)
    throw Failure("typing over SSH: the terminal is closed");
}

const std::string& SshTerminal::wait_for(const std::string& text, seconds timeout) {
  const Deadline deadline = std::chrono::steady_clock::now() + timeout;
  while (shown_.find(text) == std::string::npos) {
    drain(channel_.get(), false, shown_);
    if (milliseconds_left(deadline) == 0 || ssh_channel_is_eof(channel_.get()))
      throw Failure("the SSH terminal did not show `" + text + "`; it shows:\n" + shown_);
  }
  return shown_;
}

void Ssh::Close::operator()(ssh_session session) const {
  ssh_disconnect(session);
  ssh_free(session);
}

Ssh::Ssh(int port, seconds timeout, const std::string& user) : session_(ssh_new()) {
  ssh_options_set(session_.get(), SSH_OPTIONS_PORT, &port);
  connect("127.0.0.1", timeout, user);
}

/// libssh closes the descriptor that it gets.
Ssh::Ssh(const Namespace& network, const std::string& address, seconds timeout, const std::string& user)
    : session_(ssh_new()) {
  const Fd connection = network.connect(address, 22, timeout);
  const socket_t fd = ::dup(connection.get());
  ssh_options_set(session_.get(), SSH_OPTIONS_FD, &fd);
  connect(address, timeout, user);
}

void Ssh::connect(const std::string& host, seconds timeout, const std::string& user) {
  const bool no_configuration_file = false;
  const long bound = timeout.count();
  ssh_options_set(session_.get(), SSH_OPTIONS_HOST, host.c_str());
  ssh_options_set(session_.get(), SSH_OPTIONS_USER, user.c_str());
  ssh_options_set(session_.get(), SSH_OPTIONS_TIMEOUT, &bound);
  ssh_options_set(session_.get(), SSH_OPTIONS_HOSTKEYS, "ssh-ed25519");
  ssh_options_set(session_.get(), SSH_OPTIONS_PROCESS_CONFIG, &no_configuration_file);
  if (ssh_connect(session_.get()) != SSH_OK)
    throw Failure("connecting to the guest's SSH server: " + std::string(ssh_get_error(session_.get())));
}

std::string Ssh::host_key() const {
  ssh_key raw = nullptr;
  if (ssh_get_server_publickey(session_.get(), &raw) != SSH_OK) throw Failure("the SSH server has no host key");
  const Key key(raw);
  unsigned char* hash = nullptr;
  std::size_t size = 0;
  if (ssh_get_publickey_hash(raw, SSH_PUBLICKEY_HASH_SHA256, &hash, &size) != SSH_OK)
    throw Failure("hashing the SSH server's host key failed");
  char* text = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, size);
  std::string fingerprint = text == nullptr ? "" : text;
  ssh_string_free_char(text);
  ssh_clean_pubkey_hash(&hash);
  return fingerprint;
}

bool Ssh::accepted(int answer) const {
  if (answer == SSH_AUTH_SUCCESS) return true;
  if (answer == SSH_AUTH_DENIED) return false;
  throw Failure("logging in over SSH: " + std::string(ssh_get_error(session_.get())));
}

bool Ssh::login_with_password(const std::string& password) {
  return accepted(ssh_userauth_password(session_.get(), nullptr, password.c_str()));
}

bool Ssh::login_with_key(const std::filesystem::path& private_key) {
  ssh_key raw = nullptr;
  if (ssh_pki_import_privkey_file(private_key.c_str(), nullptr, nullptr, nullptr, &raw) != SSH_OK)
    throw Failure("reading the private key " + private_key.string());
  const Key key(raw);
  return accepted(ssh_userauth_publickey(session_.get(), nullptr, raw));
}

ProgramResult Ssh::run(const std::string& command, seconds timeout) {
  const Deadline deadline = std::chrono::steady_clock::now() + timeout;
  const Channel channel(ssh_channel_new(session_.get()));
  if (!channel || ssh_channel_open_session(channel.get()) != SSH_OK ||
      ssh_channel_request_exec(channel.get(), command.c_str()) != SSH_OK)
    throw Failure("running `" + command + "` over SSH: " + ssh_get_error(session_.get()));
  ProgramResult result;
  while (!ssh_channel_is_eof(channel.get()) && ssh_channel_is_open(channel.get())) {
    drain(channel.get(), false, result.out);
    drain(channel.get(), true, result.err);
    if (milliseconds_left(deadline) == 0)
      throw Failure("`" + command + "` over SSH did not end within " + std::to_string(timeout.count()) +
                    " s; so far:\n" + result.out + result.err);
  }
  drain(channel.get(), false, result.out);
  drain(channel.get(), true, result.err);
  result.status = ssh_channel_get_exit_status(channel.get());
  return result;
}

std::string Ssh::run_checked(const std::string& command, seconds timeout) {
  ProgramResult result = run(command, timeout);
  if (result.status == 0) return std::move(result.out);
  throw Failure("`" + command + "` over SSH ended with status " + std::to_string(result.status) + ":\n" + result.out +
                result.err);
}

}  // namespace lifeboat::qemu
