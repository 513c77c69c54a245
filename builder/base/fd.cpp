#include "builder/base/fd.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "builder/base/error.hpp"

namespace lifeboat {

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

void Fd::reset() noexcept {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Fd open_file(const std::filesystem::path& path, int flags, unsigned mode) {
  int fd = ::open(path.c_str(), flags | O_CLOEXEC, static_cast<mode_t>(mode));
  if (fd < 0) throw system_error("opening " + path.string(), errno);
  return Fd(fd);
}

void write_all(const Fd& fd, std::string_view bytes, std::string_view name) {
  while (!bytes.empty()) {
    ssize_t n = ::write(fd.get(), bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw system_error("writing " + std::string(name), errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void write_all_at(const Fd& fd, std::string_view bytes, std::uint64_t offset, std::string_view name) {
  while (!bytes.empty()) {
    ssize_t n = ::pwrite(fd.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw system_error("writing " + std::string(name), errno);
    bytes.remove_prefix(static_cast<std::size_t>(n));
    offset += static_cast<std::uint64_t>(n);
  }
}

std::string read_exactly_at(const Fd& fd, std::uint64_t offset, std::size_t size, std::string_view name) {
  std::string bytes(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    ssize_t n = ::pread(fd.get(), bytes.data() + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw system_error("reading " + std::string(name), errno);
    if (n == 0) throw Error("reading " + std::string(name) + ": the file ends early");
    done += static_cast<std::size_t>(n);
  }
  return bytes;
}

}  // namespace lifeboat
