#include "qemu-tests/harness/namespace.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <future>
#include <memory>
#include <thread>

namespace lifeboat::qemu {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

/// How long one attempt may take: shorter than the pauses in which a kernel repeats its SYN.
constexpr std::chrono::milliseconds attempt{1500}, pause{200};

void in_thread(const std::function<void()>& work) { std::async(std::launch::async, work).get(); }

void enter(int fd) {
  if (::setns(fd, CLONE_NEWNET) != 0)
    throw Failure(std::string("entering a network namespace: ") + std::strerror(errno));
}

AddressList look_up(const std::string& address, int port) {
  addrinfo wanted{};
  wanted.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &wanted, &found); error != 0)
    throw Failure("no address: " + address + ": " + ::gai_strerror(error));
  return {found, &::freeaddrinfo};
}

/// 0, or the errno. The connection stays non-blocking.
int try_to_connect(const addrinfo& to, Fd& connection) {
  connection = Fd(::socket(to.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::connect(connection.get(), to.ai_addr, to.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd waiting{connection.get(), POLLOUT, 0};
  if (::poll(&waiting, 1, static_cast<int>(attempt.count())) <= 0) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(connection.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

}  // namespace

bool Namespace::is_possible() {
  bool possible = false;
  in_thread([&] { possible = ::unshare(CLONE_NEWNET) == 0; });
  return possible;
}

Namespace::Namespace() {
  in_thread([this] {
    if (::unshare(CLONE_NEWNET) != 0) throw Failure(std::string("making a network namespace: ") + std::strerror(errno));
    fd_ = Fd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    run_checked({"ip", "link", "set", "lo", "up"});
  });
}

std::string Namespace::path() const { return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(fd()); }

void Namespace::inside(const std::function<void()>& work) const {
  in_thread([&] {
    enter(fd());
    work();
  });
}

std::string Namespace::run(const std::vector<std::string>& argv) const {
  std::string said;
  inside([&] { said = run_checked(argv); });
  return said;
}

Fd Namespace::connect(const std::string& address, int port, seconds timeout) const {
  const Deadline deadline = std::chrono::steady_clock::now() + timeout;
  Fd connection;
  inside([&] {
    const AddressList to = look_up(address, port);
    int error = 0;
    while ((error = try_to_connect(*to, connection)) != 0) {
      if (milliseconds_left(deadline) == 0)
        throw Failure("connecting to " + address + " port " + std::to_string(port) + ": " + std::strerror(error) +
                      ", for " + std::to_string(timeout.count()) + " s");
      std::this_thread::sleep_for(pause);
    }
  });
  return connection;
}

}  // namespace lifeboat::qemu
