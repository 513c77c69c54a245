#include "init/source/guest_port.hpp"

#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <thread>

#include "init/contract/text.hpp"
#include "init/source/guest_agent.hpp"
#include "init/sys/clock.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/folder.hpp"

namespace lifeboat::init {
namespace {

constexpr std::string_view port_name = "org.qemu.guest_agent.0";
constexpr Milliseconds look_again_for_port{2'000};
/// While nobody is on the host's side the port says so at once whenever it is asked.
constexpr Milliseconds ask_again{250};
/// A host that does not read has no use for the rest of a reply.
constexpr Milliseconds write_limit{5'000};

bool wait_writable(const Fd& port, Clock::time_point until) {
  const auto left = std::chrono::duration_cast<Milliseconds>(until - Clock::now()).count();
  pollfd poll{port.get(), POLLOUT, 0};
  return left > 0 && ::poll(&poll, 1, static_cast<int>(left)) > 0 && (poll.revents & POLLOUT) != 0;
}

/// False: the port is no good any more.
bool write_reply(const Fd& port, std::string_view text) {
  const Clock::time_point until = Clock::now() + write_limit;
  while (!text.empty()) {
    const ssize_t count = ::write(port.get(), text.data(), text.size());
    if (count > 0) {
      text.remove_prefix(static_cast<std::size_t>(count));
    } else if (count < 0 && errno != EAGAIN && errno != EINTR) {
      return false;
    } else if (!wait_writable(port, until)) {
      return true;  // half a reply: the host asks for a sync before it goes on
    }
  }
  return true;
}

/// Whether another device, or none, has the name by now.
bool was_replaced(const Fd& port, const std::string& device) {
  struct stat ours {
  }, now{};
  return ::fstat(port.get(), &ours) != 0 || ::stat(device.c_str(), &now) != 0 || ours.st_rdev != now.st_rdev;
}

/// Until the port goes away.
void serve(const Fd& port, const std::string& device, GuestAgent& agent) {
  std::array<char, 4096> buffer{};
  while (true) {
    pollfd poll{port.get(), POLLIN, 0};
    ::poll(&poll, 1, -1);
    const ssize_t count = ::read(port.get(), buffer.data(), buffer.size());
    if (count > 0) {
      const bool good = write_reply(port, agent.receive({buffer.data(), static_cast<std::size_t>(count)}));
      ::explicit_bzero(buffer.data(), buffer.size());
      if (!good) return;
    } else if (count == 0) {  // nobody is on the host's side
      if (was_replaced(port, device)) return;
      agent.forget();
      std::this_thread::sleep_for(ask_again);
    } else if (errno != EAGAIN && errno != EINTR) {
      return;
    }
  }
}

}  // namespace

std::optional<std::string> find_guest_port(const GuestPortPlaces& places) {
  for (const FolderEntry& port : list_folder(places.ports)) {
    const auto name = read_file(places.ports + "/" + port.name + "/name", 4096);
    if (name && contract::trim(*name) == port_name) return places.devices + "/" + port.name;
  }
  return std::nullopt;
}

void run_guest_agent(const AgentHelp& help, const GuestPortPlaces& places) {
  GuestAgent agent(help, read_guest_interfaces);
  std::string told;
  while (true) {
    if (const auto device = find_guest_port(places)) {
      auto port = open_file(*device, O_RDWR | O_NONBLOCK | O_NOCTTY);
      if (port) serve(*port, *device, agent);
      agent.forget();
      if (!port && port.error() != told) std::fprintf(stderr, "%s\n", (told = port.error()).c_str());
    }
    std::this_thread::sleep_for(look_again_for_port);
  }
}

}  // namespace lifeboat::init
