#include "builder/base/key_file.hpp"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "builder/base/error.hpp"
#include "builder/base/fd.hpp"
#include "builder/base/run.hpp"
#include "builder/base/text.hpp"

namespace lifeboat {
namespace fs = std::filesystem;
namespace {

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
Error unreadable(std::string_view text, KeyHalf wanted, const fs::path& file, const std::string& how_to_make) {
  const std::string label = pem_label(text);
  const std::string name = quote_command({file.string()});
  if (label.empty())
    return Error("it is not a PEM file",
                 "a key starts with -----BEGIN; convert a DER one: openssl pkey -inform DER -in " + name);
  if (wanted == KeyHalf::public_half && label.ends_with("PRIVATE KEY"))
    return Error("it is a private key; the public half is needed", "openssl pkey -in " + name + " -pubout");
  if (wanted == KeyHalf::private_half && label == "PUBLIC KEY")
    return Error("it is a public key; the private half is needed");
  if (label == "PRIVATE KEY" || label == "PUBLIC KEY") return Error("its PEM is damaged");
  return Error("it holds a PEM of the kind " + label + ", not a key that OpenSSL writes", how_to_make);
}

Key read_half(std::string_view text, KeyHalf half, const fs::path& file, const std::string& how_to_make) {
  const std::unique_ptr<BIO, OpensslFree<BIO_free>> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  bool asked = false;
  Key key(half == KeyHalf::private_half ? PEM_read_bio_PrivateKey(bio.get(), nullptr, refuse_passphrase, &asked)
                                        : PEM_read_bio_PUBKEY(bio.get(), nullptr, refuse_passphrase, &asked));
  ERR_clear_error();
  if (asked)
    throw Error("it is encrypted, and nobody is asked for a passphrase here",
                "decrypt it where only you can read it: (umask 077; openssl pkey -in " +
                    quote_command({file.string()}) + " -out key.pem)");
  if (!key) throw unreadable(text, half, file, how_to_make);
  return key;
}

}  // namespace

void free_key(EVP_PKEY* key) { EVP_PKEY_free(key); }

Key read_key_file(const fs::path& file, KeyHalf half, const std::string& how_to_make) {
  return with_context("reading the key " + file.string(), [&] {
    const KeyText text(file);
    return read_half(text.text(), half, file, how_to_make);
  });
}

Key read_key_file(const fs::path& file, const std::string& how_to_make) {
  return with_context("reading the key " + file.string(), [&] {
    const KeyText text(file);
    const bool is_public = pem_label(text.text()) == "PUBLIC KEY";
    return read_half(text.text(), is_public ? KeyHalf::public_half : KeyHalf::private_half, file, how_to_make);
  });
}

}  // namespace lifeboat
