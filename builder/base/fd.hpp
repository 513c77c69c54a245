#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace lifeboat {

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

/// open(2) with O_CLOEXEC added. Throws Error("opening PATH: ...").
Fd open_file(const std::filesystem::path& path, int flags, unsigned mode = 0666);

/// Writes all of `bytes`; throws Error("writing NAME: ...") on any failure, ENOSPC included.
void write_all(const Fd& fd, std::string_view bytes, std::string_view name);

/// pwrite(2) of all of `bytes` at `offset`.
void write_all_at(const Fd& fd, std::string_view bytes, std::uint64_t offset, std::string_view name);

/// pread(2) of exactly `size` bytes at `offset`; throws Error when the file ends before.
std::string read_exactly_at(const Fd& fd, std::uint64_t offset, std::size_t size, std::string_view name);

}  // namespace lifeboat
