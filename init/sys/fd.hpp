#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "init/sys/result.hpp"

namespace lifeboat::init {

/// Owns one file descriptor. Move-only; -1 is "none".
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) noexcept : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  int release() noexcept { return std::exchange(fd_, -1); }
  void reset() noexcept;

 private:
  int fd_ = -1;
};

/// open(2) with O_CLOEXEC added.
Result<Fd> open_file(const std::string& path, int flags, unsigned mode = 0644);

/// The whole file, at most `limit` bytes (a longer one is a Failure). Works for sysfs and proc, where sizes lie.
Result<std::string> read_file(const std::string& path, std::size_t limit = 1 << 20);

/// Writes all bytes to an existing or new file (O_CREAT | O_TRUNC).
Status write_file(const std::string& path, std::string_view content, unsigned mode = 0644);

/// As write_file, but a reader sees the old or the new content, never a part (temporary name beside it, rename).
Status replace_file(const std::string& path, std::string_view content, unsigned mode = 0644);

}  // namespace lifeboat::init
