#include "builder/base/signature.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>

#include "builder/base/error.hpp"
#include "builder/base/fd.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

template <auto Free>
struct Freed {
  void operator()(auto* object) const { Free(object); }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free>>;
using Context = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

enum class Half : std::uint8_t { private_half, public_half };

/// The text of a key file in a buffer that does not move and is wiped. A 16384-bit RSA key would still fit.
class KeyText {
 public:
  explicit KeyText(const fs::path& file) {
    const Fd fd = open_file(file, O_RDONLY);
    while (size_ < bytes_.size()) {
      const ssize_t n = ::read(fd.get(), bytes_.data() + size_, bytes_.size() - size_);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) throw system_error("reading " + file.string(), errno);
      if (n == 0) return;
      size_ += static_cast<std::size_t>(n);
    }
    throw Error("it is larger than any key");
  }
  KeyText(const KeyText&) = delete;
  KeyText& operator=(const KeyText&) = delete;
  ~KeyText() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

  std::string_view text() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, 16384> bytes_{};
  std::size_t size_ = 0;
};

/// "PRIVATE KEY" of the first "-----BEGIN PRIVATE KEY-----"; "" where there is none.
std::string pem_label(std::string_view text) {
  constexpr std::string_view begin = "-----BEGIN ";
  const std::size_t at = text.find(begin);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + begin.size());
  return printable(text.substr(0, text.substr(0, text.find('\n')).find("-----")));
}

/// OpenSSL asks for a passphrase through this: noted and refused.
int refuse_passphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

/// Why OpenSSL could not read the wanted half from this text.
Error unreadable(std::string_view text, Half wanted, const fs::path& file) {
  const std::string label = pem_label(text);
  const std::string name = quote_command({file.string()});
  if (label.empty())
    return Error("it is not a PEM file",
                 "a key starts with -----BEGIN; convert a DER one: openssl pkey -inform DER -in " + name);
  if (wanted == Half::public_half && label.ends_with("PRIVATE KEY"))
    return Error("it is a private key; the public half is needed", "openssl pkey -in " + name + " -pubout");
  if (wanted == Half::private_half && label == "PUBLIC KEY")
    return Error("it is a public key; the private half is needed");
  if (label == "PRIVATE KEY" || label == "PUBLIC KEY") return Error("its PEM is damaged");
  return Error("it holds a PEM of the kind " + label + ", not a key that OpenSSL writes",
               "make one: openssl genpkey -algorithm ed25519 -out key.pem");
}

Key read_half(std::string_view text, Half half, const fs::path& file) {
  const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  bool asked = false;
  Key key(half == Half::private_half ? PEM_read_bio_PrivateKey(bio.get(), nullptr, refuse_passphrase, &asked)
                                     : PEM_read_bio_PUBKEY(bio.get(), nullptr, refuse_passphrase, &asked));
  ERR_clear_error();
  const std::string name = quote_command({file.string()});
  if (asked)
    throw Error("it is encrypted, and nobody is asked for a passphrase here",
                "decrypt it where only you can read it: (umask 077; openssl pkey -in " + name + " -out key.pem)");
  if (!key) throw unreadable(text, half, file);
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) {
    const char* algorithm = EVP_PKEY_get0_type_name(key.get());
    throw Error("its algorithm is " + std::string(algorithm != nullptr ? algorithm : "unknown") + "; Ed25519 is needed",
                "make one: openssl genpkey -algorithm ed25519 -out key.pem");
  }
  return key;
}

Key read_key(const fs::path& file, Half half) {
  return with_context("reading the key " + file.string(), [&] {
    const KeyText text(file);
    return read_half(text.text(), half, file);
  });
}

Key read_either_half(const fs::path& file) {
  return with_context("reading the key " + file.string(), [&] {
    const KeyText text(file);
    return read_half(text.text(), pem_label(text.text()) == "PUBLIC KEY" ? Half::public_half : Half::private_half,
                     file);
  });
}

const unsigned char* data_of(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

}  // namespace

std::string sign_bytes(std::string_view bytes, const fs::path& private_key) {
  const Key key = read_key(private_key, Half::private_half);
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
  const Key key = read_key(public_key, Half::public_half);
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
  const Key key = read_either_half(file);
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key.get(), &der);
  if (size <= 0) throw Error("reading the key " + file.string() + ": OpenSSL failed");
  const std::unique_ptr<unsigned char, Freed<[](unsigned char* bytes) { OPENSSL_free(bytes); }>> owner(der);
  return sha256_of({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
}

}  // namespace lifeboat
