#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "builder/base/file.hpp"
#include "builder/base/run.hpp"
#include "builder/media/media.hpp"

namespace lifeboat::testing {

/// A folder with an operator's key pair, as openssl makes it: key.pem and certificate.pem.
struct SecureBootKeys {
  TempDir folder{std::filesystem::temp_directory_path(), "secure-boot-keys"};

  SecureBootKeys() {
    openssl({"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=Test", "-keyout",
             *this / "key.pem", "-out", *this / "certificate.pem"});
  }
  std::string operator/(const char* name) const { return (folder.path() / name).string(); }
  SecureBootKey pair() const { return {.key = *this / "key.pem", .certificate = *this / "certificate.pem"}; }
  static std::string openssl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "openssl");
    return run_checked({.argv = arguments});
  }
};

}  // namespace lifeboat::testing
