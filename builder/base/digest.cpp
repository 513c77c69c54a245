#include "builder/base/digest.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

#include "builder/base/error.hpp"
#include "builder/base/fd.hpp"
#include "builder/base/interrupt.hpp"

namespace lifeboat {

namespace {

/// One digest with OpenSSL's EVP, whatever the algorithm.
class DigestStream {
 public:
  explicit DigestStream(const EVP_MD* algorithm) {
    if (EVP_DigestInit_ex(evp_.get(), algorithm, nullptr) != 1)
      throw Error("starting a " + std::string(EVP_MD_get0_name(algorithm)) + " with OpenSSL failed");
  }

  void update(std::string_view bytes) { EVP_DigestUpdate(evp_.get(), bytes.data(), bytes.size()); }

  /// Lower-case hexadecimal digits; the stream is used up.
  std::string finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> raw{};
    unsigned size = 0;
    EVP_DigestFinal_ex(evp_.get(), raw.data(), &size);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    for (unsigned char byte : std::span(raw).first(size)) {
      hex += digits[byte >> 4];
      hex += digits[byte & 15];
    }
    return hex;
  }

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> evp_{EVP_MD_CTX_new()};
};

std::string digest_of(const EVP_MD* algorithm, std::string_view bytes) {
  DigestStream stream(algorithm);
  stream.update(bytes);
  return stream.finish();
}

std::string digest_of_file(const EVP_MD* algorithm, const std::filesystem::path& path) {
  const Fd fd = open_file(path, O_RDONLY);
  DigestStream stream(algorithm);
  std::string buffer(1 << 20, '\0');
  while (true) {
    throw_if_interrupted();
    const ssize_t n = ::read(fd.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw system_error("reading " + path.string(), errno);
    if (n == 0) return stream.finish();
    stream.update({buffer.data(), static_cast<std::size_t>(n)});
  }
}

}  // namespace

struct Sha256Stream::Context {
  DigestStream stream{EVP_sha256()};
};

Sha256Stream::Sha256Stream() : context_(std::make_unique<Context>()) {}
Sha256Stream::~Sha256Stream() = default;
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;

void Sha256Stream::update(std::string_view bytes) { context_->stream.update(bytes); }

Sha256 Sha256Stream::finish() { return context_->stream.finish(); }

Sha256 sha256_of(std::string_view bytes) { return digest_of(EVP_sha256(), bytes); }

Sha256 sha256_of_file(const std::filesystem::path& path) { return digest_of_file(EVP_sha256(), path); }

std::string sha1_of(std::string_view bytes) { return digest_of(EVP_sha1(), bytes); }

std::string sha1_of_file(const std::filesystem::path& path) { return digest_of_file(EVP_sha1(), path); }

bool is_sha256(std::string_view text) noexcept {
  return text.size() == 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace lifeboat
