#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "builder/tree/write.hpp"

namespace lifeboat {

/// What both writers share: bytes gathered into pieces of about 1 MiB before they go on, counted for padding.
class Output {
 public:
  explicit Output(const ByteSink& sink) : sink_(sink) { buffer_.reserve(piece_size); }

  void write(std::string_view bytes) {
    count_ += bytes.size();
    buffer_ += bytes;
    if (buffer_.size() >= piece_size) flush();
  }
  /// Zeros up to the next multiple of `unit` bytes.
  void pad_to(std::uint64_t unit) { write(std::string((unit - count_ % unit) % unit, '\0')); }
  void flush() {
    if (!buffer_.empty()) sink_(buffer_);
    buffer_.clear();
  }

 private:
  static constexpr std::size_t piece_size = std::size_t{1} << 20;
  const ByteSink& sink_;
  std::string buffer_;
  std::uint64_t count_ = 0;
};

}  // namespace lifeboat
