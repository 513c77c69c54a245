#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/source/findings.hpp"
#include "init/sys/result.hpp"

namespace lifeboat::init {

/// What a source yields to the boot: as Findings, with the hash in place of the password, which never leaves the
/// process that read it.
struct Answer {
  std::string origin;              ///< for people: "config drive /dev/sr0"
  std::string password_hash = {};  ///< empty: it has no password
  std::string user = {};           ///< empty: root
  std::vector<std::string> keys = {};
  std::string hostname = {};
  Secret host_key = {};
  std::string notify_socket = {};
  std::string deadline = {};
  NetworkPlan network = {};
  std::vector<std::string> notes = {};

  bool lets_somebody_in() const { return !password_hash.empty() || !keys.empty(); }
};

/// Lines "key=value", for the pipe between worker and boot, and for the files of agents. Control characters in values
/// become '?'; the host key is in base64.
std::string to_text(const Answer& answer);
std::optional<Answer> parse_answer(std::string_view text);

using HashPassword = Result<std::string> (*)(const Secret& password);
/// A hash that is given is passed on where `check` (libcrypt) knows its scheme; a note says so where not.
using CheckHash = Status (*)(std::string_view hash);

/// Whether a line is a public key that sshd takes; why not.
using CheckKey = Status (*)(std::string_view line);

/// Leaves out the keys that nobody can log in with, each with a note, so that none of them counts as a login.
void keep_good_keys(Findings& findings, CheckKey check);

/// Credits the kernel with the random seed and hashes the password. What fails is a note.
Answer answer_from(Findings&& findings, const std::string& origin, HashPassword hash, CheckHash check);

}  // namespace lifeboat::init
