#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lifeboat::contract {

/// The one console line that says the rescue system can be used, for people and for whoever parses the console:
///   LIFEBOAT-READY build=0123... address=10.0.2.15,fec0::5 port=22 login=password,keys host-key=SHA256:abc...
///   seconds=4.2
/// Values hold no blanks. `login` is any of password, keys; "none" when nobody can log in over SSH.
struct ReadyLine {
  std::string build_id;
  std::vector<std::string> addresses;
  int port = 22;
  bool password = false;
  bool keys = false;
  std::string host_key;  ///< "SHA256:..." of the ed25519 host key, as OpenSSH prints it; "none" without sshd
  double seconds = 0;    ///< since the kernel started
};

inline constexpr std::string_view ready_word = "LIFEBOAT-READY";

std::string to_text(const ReadyLine& line);
/// Finds and reads the line in console text that may hold anything around it. Nothing when it is not there whole.
std::optional<ReadyLine> find_ready_line(std::string_view console);

}  // namespace lifeboat::contract
