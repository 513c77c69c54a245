#include "init/source/xenstore_password.hpp"

#include <nettle/aes.h>
#include <nettle/cbc.h>
#include <nettle/md5.h>
#include <string.h>
#include <sys/random.h>

#include <array>
#include <cerrno>

#include "init/contract/base64.hpp"
#include "init/contract/text.hpp"
#include "init/sys/sha256.hpp"

namespace lifeboat::init {
namespace {

using Number = XenstoreKey::Number;

constexpr std::size_t block = AES_BLOCK_SIZE;
constexpr std::uint64_t generator = 5;

/// Nothing for what is no decimal number below 2^127.
constexpr std::optional<Number> parse_decimal(std::string_view text) {
  constexpr std::size_t most_digits = 38;
  if (text.empty() || text.size() > most_digits) return std::nullopt;
  Number number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<Number>(c - '0');
  }
  return number;
}

constexpr Number prime = *parse_decimal("162259276829213363391578010288127");

std::string decimal(Number number) {
  std::string text;
  do {
    text.insert(text.begin(), static_cast<char>('0' + static_cast<int>(number % 10)));
    number /= 10;
  } while (number != 0);
  return text;
}

/// By doubling: a product of two such numbers has 214 bits.
Number multiply(Number a, Number b) {
  Number product = 0;
  for (; b != 0; b >>= 1) {
    if ((b & 1) != 0) product = (product + a) % prime;
    a = (a << 1) % prime;
  }
  return product;
}

Number power(Number base, Number exponent) {
  Number result = 1;
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) != 0) result = multiply(result, base);
    base = multiply(base, base);
  }
  return result;
}

std::string md5(std::string_view bytes) {
  md5_ctx context{};
  md5_init(&context);
  md5_update(&context, bytes.size(), reinterpret_cast<const std::uint8_t*>(bytes.data()));
  std::string digest(MD5_DIGEST_SIZE, '\0');
  md5_digest(&context, digest.size(), reinterpret_cast<std::uint8_t*>(digest.data()));
  ::explicit_bzero(&context, sizeof context);
  return digest;
}

/// openssl's EVP_BytesToKey without a salt, one round: key and vector, 16 bytes each.
std::string key_and_vector(std::string_view shared, bool with_md5) {
  if (!with_md5) return sha256(shared);
  const std::string key = md5(shared);
  return key + md5(key + std::string(shared));
}

/// Well-formed UTF-8 (RFC 3629, less its rules on overlong forms) without control characters.
bool is_text(std::string_view bytes) {
  int more = 0;
  for (const unsigned char c : bytes) {
    const bool continues = (c & 0xc0) == 0x80;
    if (continues != (more > 0) || c < 0x20 || c == 0x7f || c >= 0xf8) return false;
    more = continues ? more - 1 : c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
  }
  return more == 0 && !bytes.empty();
}

/// PKCS#7: one to 16 bytes, each of which is their number.
bool remove_padding(std::string& text) {
  const std::size_t size = static_cast<unsigned char>(text.back());
  if (size == 0 || size > block || size > text.size()) return false;
  if (std::string_view(text).substr(text.size() - size).find_first_not_of(text.back()) != std::string_view::npos)
    return false;
  text.resize(text.size() - size);
  return true;
}

std::string decrypt_blocks(std::string_view encrypted, std::string key) {
  aes128_ctx context{};
  aes128_set_decrypt_key(&context, reinterpret_cast<const std::uint8_t*>(key.data()));
  std::string text(encrypted.size(), '\0');
  cbc_decrypt(&context, reinterpret_cast<nettle_cipher_func*>(aes128_decrypt), block,
              reinterpret_cast<std::uint8_t*>(key.data()) + block, text.size(),
              reinterpret_cast<std::uint8_t*>(text.data()), reinterpret_cast<const std::uint8_t*>(encrypted.data()));
  ::explicit_bzero(&context, sizeof context);
  Secret::wipe(key);
  return text;
}

/// The password, or an empty text where the key is not the right one.
Secret try_key(std::string_view encrypted, std::string key) {
  std::string text = decrypt_blocks(encrypted, std::move(key));
  if (!remove_padding(text)) Secret::wipe(text);
  while (text.ends_with('\n')) text.pop_back();
  if (!is_text(text)) Secret::wipe(text);
  return Secret(std::move(text));
}

}  // namespace

Result<XenstoreKey> XenstoreKey::agree(std::string_view other, Number own) {
  const auto number = parse_decimal(other);
  // 0, 1 and -1 (and what is beyond the prime) would make a secret that all the world knows.
  if (!number || *number < 2 || *number > prime - 2) return Failure{"the public key is not a number that can be one"};
  XenstoreKey key;
  key.public_key_ = decimal(power(generator, own));
  key.shared_ = Secret(decimal(power(*number, own)));
  return key;
}

Result<Secret> XenstoreKey::decrypt(std::string_view encrypted) const {
  const auto bytes = contract::decode_base64(contract::trim(encrypted));
  if (!bytes) return Failure{"the password's base64 is broken"};
  if (bytes->empty() || bytes->size() % block != 0) return Failure{"the password's length is not one of AES"};
  for (const bool with_md5 : {true, false}) {
    Secret password = try_key(*bytes, key_and_vector(shared_.view(), with_md5));
    if (!password.empty()) return password;
  }
  return Failure{"the password cannot be decrypted: another key, or not a text"};
}

Result<XenstoreKey::Number> make_xenstore_private_key() {
  Number number = 0;
  if (::getrandom(&number, sizeof number, 0) != static_cast<ssize_t>(sizeof number))
    return failure_from_errno("making a private key", errno);
  return number;
}

}  // namespace lifeboat::init
