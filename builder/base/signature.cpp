#include "builder/base/signature.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>

#include "builder/base/error.hpp"
#include "builder/base/key_file.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

using Context = std::unique_ptr<EVP_MD_CTX, OpensslFree<EVP_MD_CTX_free>>;

constexpr const char* how_to_make = "make one: openssl genpkey -algorithm ed25519 -out key.pem";

Key only_ed25519(Key key, const fs::path& file) {
  if (EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_ED25519) return key;
  const char* algorithm = EVP_PKEY_get0_type_name(key.get());
  throw Error("reading the key " + file.string() + ": its algorithm is " +
                  (algorithm != nullptr ? algorithm : "unknown") + "; Ed25519 is needed",
              how_to_make);
}

Key read_key(const fs::path& file, KeyHalf half) { return only_ed25519(read_key_file(file, half, how_to_make), file); }

const unsigned char* data_of(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

}  // namespace

std::string sign_bytes(std::string_view bytes, const fs::path& private_key) {
  const Key key = read_key(private_key, KeyHalf::private_half);
  const Context context(EVP_MD_CTX_new());
  std::string signature(signature_size, '\0');
  std::size_t size = signature.size();
  if (EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, data_of(bytes),
                     bytes.size()) != 1 ||
      size != signature_size)
    throw Error("signing with " + private_key.string() + ": OpenSSL failed");
  return signature;
}

bool is_signed_by(std::string_view bytes, std::string_view signature, const fs::path& public_key) {
  const Key key = read_key(public_key, KeyHalf::public_half);
  const Context context(EVP_MD_CTX_new());
  if (EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1)
    throw Error("verifying with " + public_key.string() + ": OpenSSL failed");
  const bool holds =
      signature.size() == signature_size &&
      EVP_DigestVerify(context.get(), data_of(signature), signature.size(), data_of(bytes), bytes.size()) == 1;
  ERR_clear_error();  // why a signature does not hold is of no use to the next caller
  return holds;
}

Sha256 key_fingerprint(const fs::path& file) {
  const Key key = only_ed25519(read_key_file(file, how_to_make), file);
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key.get(), &der);
  if (size <= 0) throw Error("reading the key " + file.string() + ": OpenSSL failed");
  const std::unique_ptr<unsigned char, OpensslFree<[](unsigned char* bytes) { OPENSSL_free(bytes); }>> owner(der);
  return sha256_of({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
}

}  // namespace lifeboat
