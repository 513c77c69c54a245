#include "qemu-tests/harness/key_pair.hpp"

#include "qemu-tests/harness/process.hpp"

namespace lifeboat::qemu {

KeyPair::KeyPair() {
  run_checked({"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "owner", "-f", file});
  line = read_file(file.string() + ".pub");
  line.pop_back();
}

}  // namespace lifeboat::qemu
