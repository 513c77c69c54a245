#include "builder/base/digest.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "builder/base/error.hpp"
#include "builder/base/fd.hpp"
#include "builder/base/interrupt.hpp"

namespace lifeboat {

struct Sha256Stream::Context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();
  ~Context() { EVP_MD_CTX_free(evp); }
};

Sha256Stream::Sha256Stream() : context_(std::make_unique<Context>()) {
  if (EVP_DigestInit_ex(context_->evp, EVP_sha256(), nullptr) != 1)
    throw Error("starting a SHA-256 with OpenSSL failed");
}
Sha256Stream::~Sha256Stream() = default;
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;

void Sha256Stream::update(std::string_view bytes) { EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()); }

Sha256 Sha256Stream::finish() {
  std::array<unsigned char, 32> raw{};
  EVP_DigestFinal_ex(context_->evp, raw.data(), nullptr);
  constexpr std::string_view digits = "0123456789abcdef";
  Sha256 hex;
  hex.reserve(64);
  for (unsigned char byte : raw) {
    hex += digits[byte >> 4];
    hex += digits[byte & 15];
  }
  return hex;
}

Sha256 sha256_of(std::string_view bytes) {
  Sha256Stream stream;
  stream.update(bytes);
  return stream.finish();
}

Sha256 sha256_of_file(const std::filesystem::path& path) {
  Fd fd = open_file(path, O_RDONLY);
  Sha256Stream stream;
  std::string buffer(1 << 20, '\0');
  while (true) {
    throw_if_interrupted();
    ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw system_error("reading " + path.string(), errno);
    if (n == 0) return stream.finish();
    stream.update({buffer.data(), static_cast<std::size_t>(n)});
  }
}

bool is_sha256(std::string_view text) noexcept {
  return text.size() == 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace lifeboat
