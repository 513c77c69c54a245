#pragma once
#include <filesystem>
#include <string>

#include "qemu-tests/harness/folder.hpp"

namespace lifeboat::qemu {

/// A new SSH key pair (ed25519), gone with its owner.
struct KeyPair {
  KeyPair();

  Folder folder{"key"};
  std::filesystem::path file = folder.path() / "key";  ///< the private key; the public one is beside it, as *.pub
  std::string line;                                    ///< for authorized_keys, without a line end
};

}  // namespace lifeboat::qemu
