#include "init/access/keys.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "init/contract/base64.hpp"
#include "init/sys/fd.hpp"

namespace lifeboat::init {
namespace {

constexpr std::size_t longest_line = 16384;  // an RSA key of 16384 bits has 2.8 KB

constexpr std::array<std::string_view, 7> public_key_types{"ssh-ed25519",
                                                           "ssh-rsa",
                                                           "ecdsa-sha2-nistp256",
                                                           "ecdsa-sha2-nistp384",
                                                           "ecdsa-sha2-nistp521",
                                                           "sk-ssh-ed25519@openssh.com",
                                                           "sk-ecdsa-sha2-nistp256@openssh.com"};

/// The first field of a key's bytes: a length (32 bits, big endian) and the type's name.
bool begins_with_type(std::string_view bytes, std::string_view type) {
  if (bytes.size() < 4 + type.size()) return false;
  std::size_t length = 0;
  for (std::size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(bytes[i]);
  return length == type.size() && bytes.substr(4, length) == type;
}

}  // namespace

Status check_public_key(std::string_view line) {
  if (line.size() > longest_line) return Failure{"it is longer than 16384 bytes"};
  if (std::ranges::any_of(line, [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    return Failure{"it has a control character"};
  const std::string_view type = line.substr(0, line.find(' '));
  if (type == "ssh-dss") return Failure{"it is a DSA key, which sshd takes no longer"};
  if (std::ranges::find(public_key_types, type) == public_key_types.end())
    return Failure{"it does not begin with the type of a public key"};
  std::string_view rest = line.substr(type.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  const auto bytes = contract::decode_base64(rest.substr(0, rest.find(' ')));
  if (!bytes) return Failure{"its base64 part is broken"};
  if (!begins_with_type(*bytes, type)) return Failure{"its base64 part does not hold a key of its type"};
  return Done{};
}

CheckedKeys check_public_keys(const std::vector<std::string>& lines) {
  CheckedKeys checked;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (Status good = check_public_key(lines[i]); good) {
      checked.good.push_back(lines[i]);
    } else {
      checked.refused.push_back("key " + std::to_string(i + 1) + " is not used: " + good.error());
    }
  }
  return checked;
}

Status write_authorized_keys(const std::string& root, const std::vector<std::string>& keys) {
  const std::string folder = root + "/root/.ssh";
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return failure_from_errno("making the folder " + folder, errno);
  if (::chmod(folder.c_str(), 0700) != 0) return failure_from_errno("closing the folder " + folder, errno);
  std::string text;
  for (const std::string& key : keys) text += key + "\n";
  return replace_file(folder + "/authorized_keys", text, 0600);
}

}  // namespace lifeboat::init
