#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "init/access/sshd.hpp"

namespace lifeboat::init {

/// What `sshd -t` says of our settings and the image's configuration.
struct SshdVerdict {
  std::string unknown_option;  ///< one that this sshd is too old for
  std::string trouble;         ///< why it refuses; empty: it would start
};

/// It is asked before there is a host key: that it has none is no trouble.
SshdVerdict read_sshd_verdict(int exit_status, std::string_view output);

/// The optional settings that the program does not know, by what is in it: it holds the name of each setting in lower
/// case. None where it cannot be read. Blocks: for a worker.
std::vector<std::string> find_unknown_options(const std::string& sshd);

/// Asks `sshd -t` until it knows every option that is left. Returns the optional ones that it does not know; a Failure
/// has its words. Takes some 20 ms; blocks: for a worker.
Result<std::vector<std::string>> check_sshd(const SshdAccess& access, Milliseconds limit = Milliseconds(10'000));

}  // namespace lifeboat::init
