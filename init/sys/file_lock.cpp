#include "init/sys/file_lock.hpp"

#include <fcntl.h>
#include <poll.h>

#include <cerrno>

namespace lifeboat::init {

Result<Fd> lock_file(const std::string& path, Milliseconds patience) {
  constexpr Milliseconds pause{5};
  auto lock = open_file(path, O_RDWR | O_CREAT, 0600);
  if (!lock) return lock;
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  const auto until = Clock::now() + patience;
  while (::fcntl(lock->get(), F_SETLK, &whole) != 0) {
    const bool is_held = errno == EAGAIN || errno == EACCES;
    if (!is_held || Clock::now() >= until) return failure_from_errno("locking " + path, is_held ? EAGAIN : errno);
    ::poll(nullptr, 0, static_cast<int>(pause.count()));
  }
  return lock;
}

}  // namespace lifeboat::init
