#include "init/sys/folder_watch.hpp"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace lifeboat::init {

Result<FolderWatch> FolderWatch::open(const std::string& folder) {
  FolderWatch watch;
  watch.fd_ = Fd(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!watch.fd_ || ::inotify_add_watch(watch.fd_.get(), folder.c_str(), IN_MOVED_TO | IN_DELETE) < 0)
    return failure_from_errno("watching " + folder, errno);
  return watch;
}

void FolderWatch::receive(const std::function<void(const std::string&)>& use) {
  std::array<char, 4096> buffer{};
  while (true) {
    const ssize_t count = ::read(fd_.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    for (std::size_t at = 0; at + sizeof(inotify_event) <= static_cast<std::size_t>(count);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const char* name = buffer.data() + at + sizeof event;
      use(std::string(name, ::strnlen(name, event.len)));
      at += sizeof event + event.len;
    }
  }
}

}  // namespace lifeboat::init
