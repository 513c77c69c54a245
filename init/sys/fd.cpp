#include "init/sys/fd.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace lifeboat::init {
namespace {

Status write_all(const Fd& fd, const std::string& path, std::string_view content) {
  while (!content.empty()) {
    ssize_t n = ::write(fd.get(), content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure_from_errno("writing " + path, errno);
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return Done{};
}

}  // namespace

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

Result<Fd> open_file(const std::string& path, int flags, unsigned mode) {
  int fd = ::open(path.c_str(), flags | O_CLOEXEC, static_cast<mode_t>(mode));
  if (fd < 0) return failure_from_errno("opening " + path, errno);
  return Fd(fd);
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  auto fd = open_file(path, O_RDONLY);
  if (!fd) return fd.failure();
  std::string content;
  char buffer[4096];
  while (true) {
    ssize_t n = ::read(fd->get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failure_from_errno("reading " + path, errno);
    if (n == 0) return content;
    content.append(buffer, static_cast<std::size_t>(n));
    if (content.size() > limit) return Failure{"reading " + path + ": longer than " + std::to_string(limit) + " bytes"};
  }
}

Status write_file(const std::string& path, std::string_view content, unsigned mode) {
  auto fd = open_file(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
  if (!fd) return fd.failure();
  return write_all(*fd, path, content);
}

Status replace_file(const std::string& path, std::string_view content, unsigned mode) {
  const std::string temporary = path + ".new";
  ::unlink(temporary.c_str());
  {
    auto fd = open_file(temporary, O_WRONLY | O_CREAT | O_EXCL, mode);
    if (!fd) return fd.failure();
    if (auto written = write_all(*fd, temporary, content); !written) {
      ::unlink(temporary.c_str());  // a full file system gets its bytes back
      return written;
    }
    ::fchmod(fd->get(), static_cast<mode_t>(mode));  // the umask must not widen or narrow a secret's mode
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) return failure_from_errno("replacing " + path, errno);
  return Done{};
}

}  // namespace lifeboat::init
