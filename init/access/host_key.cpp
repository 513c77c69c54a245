#include "init/access/host_key.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <vector>

#include "init/access/keys.hpp"
#include "init/contract/base64.hpp"
#include "init/contract/text.hpp"
#include "init/sys/sha256.hpp"

namespace lifeboat::init {
namespace {

struct Type {
  std::string_view name;
  std::string_view shown;
  unsigned bits;  ///< 0: as many as the key has
};

/// What sshd may have for a host key; ssh-dss is refused by every sshd of today.
constexpr std::array<Type, 5> host_key_types{{{"ssh-ed25519", "ED25519", 256},
                                              {"ssh-rsa", "RSA", 0},
                                              {"ecdsa-sha2-nistp256", "ECDSA", 256},
                                              {"ecdsa-sha2-nistp384", "ECDSA", 384},
                                              {"ecdsa-sha2-nistp521", "ECDSA", 521}}};

/// The fields of a key's bytes, each behind its length (32 bits, big endian).
std::vector<std::string_view> fields_of(std::string_view bytes) {
  std::vector<std::string_view> fields;
  while (bytes.size() >= 4) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(bytes[i]);
    if (length > bytes.size() - 4) break;
    fields.push_back(bytes.substr(4, length));
    bytes.remove_prefix(4 + length);
  }
  return fields;
}

/// Type, exponent, modulus: the bits of the last, whose leading zeros do not count.
unsigned rsa_bits(std::string_view bytes) {
  const auto fields = fields_of(bytes);
  if (fields.size() < 3) return 0;
  std::string_view modulus = fields[2];
  while (modulus.starts_with('\0')) modulus.remove_prefix(1);
  if (modulus.empty()) return 0;
  return static_cast<unsigned>(8 * (modulus.size() - 1)) +
         static_cast<unsigned>(std::bit_width(static_cast<unsigned char>(modulus.front())));
}

}  // namespace

Command make_host_key_command(const std::string& path) {
  for (const char* ending : {"", ".pub"}) ::unlink((path + ending).c_str());
  return {.argv = {"/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "root@rescue", "-f", path}};
}

Command make_public_key_command(const std::string& path) {
  return {.argv = {"/usr/bin/ssh-keygen", "-y", "-P", "", "-f", path}};
}

Result<HostKey> parse_host_key(std::string_view line) {
  line = contract::trim(line.substr(0, line.find('\n')));
  if (Status good = check_public_key(line); !good) return Failure{"reading the host key: " + good.error()};
  const std::string_view name = line.substr(0, line.find(' '));
  const std::size_t start = line.find(' ') + 1;
  const auto bytes = contract::decode_base64(line.substr(start, line.find(' ', start) - start));
  if (!bytes) return Failure{"reading the host key: its base64 part is broken"};
  const auto row = std::ranges::find(host_key_types, name, &Type::name);
  if (row == host_key_types.end())
    return Failure{"reading the host key: sshd has no use for a key of type " + std::string(name)};
  return HostKey{std::string(line), "SHA256:" + contract::encode_base64_unpadded(sha256(*bytes)),
                 std::string(row->shown), row->bits == 0 ? rsa_bits(*bytes) : row->bits};
}

std::string host_key_blocks(const HostKey& key) {
  const std::size_t comment = key.line.find(' ', key.line.find(' ') + 1);
  const std::string owner = comment == std::string::npos ? "no comment" : key.line.substr(comment + 1);
  return "-----BEGIN SSH HOST KEY FINGERPRINTS-----\n" + std::to_string(key.bits) + " " + key.fingerprint + " " +
         owner + " (" + key.type + ")\n-----END SSH HOST KEY FINGERPRINTS-----\n-----BEGIN SSH HOST KEY KEYS-----\n" +
         key.line + "\n-----END SSH HOST KEY KEYS-----\n";
}

}  // namespace lifeboat::init
