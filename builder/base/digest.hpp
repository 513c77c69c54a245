#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace lifeboat {

/// A SHA-256 as 64 lower-case hexadecimal digits.
using Sha256 = std::string;

/// SHA-256 of bytes that arrive in pieces (OpenSSL's EVP).
class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(Sha256Stream&&) noexcept;
  Sha256Stream& operator=(Sha256Stream&&) noexcept;

  void update(std::string_view bytes);
  /// The digest of all bytes so far; the stream is used up.
  Sha256 finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

Sha256 sha256_of(std::string_view bytes);
Sha256 sha256_of_file(const std::filesystem::path& path);

/// SHA-1 as 40 lower-case hexadecimal digits: for formats that insist on it (SPDX). Nothing is trusted because of it.
std::string sha1_of(std::string_view bytes);
std::string sha1_of_file(const std::filesystem::path& path);

/// True for exactly 64 lower-case hexadecimal digits.
bool is_sha256(std::string_view text) noexcept;

}  // namespace lifeboat
