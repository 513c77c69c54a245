#include "init/boot/notify.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <filesystem>

#include "builder/base/file.hpp"
#include "init/sys/fd.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;

namespace {

Fd listening_at(const std::string& path) {
  Fd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), address.sun_path);
  REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  return socket;
}

}  // namespace

TEST_CASE("whoever waits at the socket is told READY=1") {
  const lifeboat::TempDir folder("/tmp", "notify");
  const std::string path = (folder.path() / "socket").string();
  const Fd socket = listening_at(path);
  REQUIRE(notify_ready(path));
  std::array<char, 64> bytes{};
  const ssize_t count = ::recv(socket.get(), bytes.data(), bytes.size(), 0);
  REQUIRE(count > 0);
  CHECK(std::string(bytes.data(), static_cast<std::size_t>(count)) == "READY=1\n");
}

TEST_CASE("an address where nobody is, or that is none, is said") {
  CHECK(notify_ready("/nonexistent/socket").error() ==
        "telling /nonexistent/socket that the system is ready: connecting: No such file or directory");
  CHECK(notify_ready("tcp:1:2").error() ==
        "telling tcp:1:2 that the system is ready: it is neither vsock:CID:PORT nor a path");
  for (const char* broken : {"vsock:", "vsock:2", "vsock:2:", "vsock::1", "vsock:-1:2", "vsock:2:4294967296"})
    CHECK(notify_ready(broken).error().ends_with("it is not vsock:CID:PORT"));
  CHECK(notify_ready("/" + std::string(200, 'x')).error().ends_with("its path is too long"));
}
