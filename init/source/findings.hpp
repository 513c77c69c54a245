#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "init/net/plan.hpp"
#include "init/sys/secret.hpp"

namespace lifeboat::init {

/// What one source knows. Whatever it does not know stays empty.
struct Findings {
  Secret password;                ///< as the platform gave it, checked with password_trouble(); only its hash goes on
  std::string password_hash;      ///< crypt(3)'s, where the platform gave it hashed; `password` wins
  std::string user;               ///< whom password and keys are for; empty: root. Ironic's is "rescue"
  std::vector<std::string> keys;  ///< lines for authorized_keys, not yet checked
  std::string hostname;
  std::string random_seed;    ///< bytes for the kernel's random number generator
  Secret host_key;            ///< sshd's, OpenSSH's private key format
  std::string notify_socket;  ///< who waits for READY=1: "vsock:2:1234" or a path, as systemd's vmm.notify_socket
  std::string deadline;       ///< when the session ends, as contract::parse_deadline reads it
  NetworkPlan network;        ///< how the machine's network is to be configured; empty: it does not say
  std::string network_file;   ///< OpenStack's: where the network is described as ifupdown does; for the reader alone
  std::vector<std::string> notes;  ///< what was found unusable and why, what to know of it: report lines
};

/// Most keys taken from one source.
inline constexpr std::size_t most_keys = 256;

/// And most notes.
inline constexpr std::size_t most_notes = 20;

/// Whether there is anything that a boot can go by: a way in, or a network.
bool is_of_use(const Findings& findings);

/// Each text once.
void add_note(std::string text, Findings& findings);

/// Why a password cannot be used; empty: it can.
std::string_view password_trouble(std::string_view password);

/// Why a text is no crypt(3) hash that the password file can hold; empty: it is one. Whether libcrypt knows its scheme
/// is access/password.hpp's to say.
std::string_view hash_trouble(std::string_view hash);

/// Takes the password, or notes "NAME is not used: WHY" and wipes it.
void take_password(std::string&& password, std::string_view name, Findings& findings);
/// The same for a hash.
void take_password_hash(std::string_view hash, std::string_view name, Findings& findings);

/// One key per line of the text; empty lines, those known already and those beyond most_keys are passed over.
void add_key_lines(std::string_view text, Findings& findings);

/// What `more` knows and `findings` does not; keys and notes are added.
void add_findings(Findings&& more, Findings& findings);

}  // namespace lifeboat::init
