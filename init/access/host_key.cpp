#include "init/access/host_key.hpp"

#include <unistd.h>

#include "init/access/keys.hpp"
#include "init/contract/base64.hpp"
#include "init/sys/sha256.hpp"

namespace lifeboat::init {

Command make_host_key_command(const std::string& path) {
  for (const char* ending : {"", ".pub"}) ::unlink((path + ending).c_str());
  return {.argv = {"/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "lifeboat", "-f", path}};
}

Result<std::string> fingerprint_of(std::string_view line) {
  line = line.substr(0, line.find('\n'));
  if (Status good = check_public_key(line); !good) return Failure{"reading the host key: " + good.error()};
  const std::size_t start = line.find(' ') + 1;
  const auto bytes = contract::decode_base64(line.substr(start, line.find(' ', start) - start));
  if (!bytes) return Failure{"reading the host key: its base64 part is broken"};
  return "SHA256:" + contract::encode_base64_unpadded(sha256(*bytes));
}

}  // namespace lifeboat::init
