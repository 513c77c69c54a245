#include "qemu-tests/harness/control.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

namespace lifeboat::qemu {
namespace {

constexpr seconds answer_time{30};

}  // namespace

std::string Control::read_line(seconds timeout) {
  const Deadline deadline = std::chrono::steady_clock::now() + timeout;
  std::size_t end = 0;
  while ((end = received_.find('\n')) == std::string::npos) {
    pollfd waiting{socket_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, milliseconds_left(deadline)) <= 0)
      throw Failure("QEMU does not answer on its control channel");
    std::array<char, 4096> buffer;
    const ssize_t n = ::recv(socket_.get(), buffer.data(), buffer.size(), 0);
    if (n <= 0) throw Failure("QEMU closed its control channel");
    received_.append(buffer.data(), static_cast<std::size_t>(n));
  }
  std::string line = received_.substr(0, end);
  received_.erase(0, end + 1);
  return line;
}

void Control::greet() {
  read_line(answer_time);
  execute("qmp_capabilities", nlohmann::json::object());
}

nlohmann::json Control::execute(const std::string& command, const nlohmann::json& arguments) {
  const std::string line = nlohmann::json{{"execute", command}, {"arguments", arguments}}.dump() + "\n";
  if (::send(socket_.get(), line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
    throw Failure("QEMU does not take " + command + " on its control channel");
  while (true) {
    nlohmann::json message = nlohmann::json::parse(read_line(answer_time));
    if (message.contains("return")) return message["return"];
    if (message.contains("error")) throw Failure("QEMU refused " + command + ": " + message["error"].dump());
    keep(std::move(message));
  }
}

void Control::keep(nlohmann::json event) {
  constexpr std::size_t most = 256;
  if (!event.contains("event")) return;
  events_.push_back(std::move(event));
  if (events_.size() > most) events_.pop_front();
}

bool Control::take_event(const std::string& name, const std::string& device) {
  const auto found = std::ranges::find_if(events_, [&](const nlohmann::json& event) {
    return event.at("event") == name && event.contains("data") && event.at("data").value("device", "") == device;
  });
  if (found == events_.end()) return false;
  events_.erase(found);
  return true;
}

void Control::wait_for_event(const std::string& name, const std::string& device, seconds timeout) {
  const Deadline deadline = std::chrono::steady_clock::now() + timeout;
  while (!take_event(name, device)) {
    const seconds left = std::chrono::duration_cast<seconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) throw Failure("QEMU has not said " + name + " of " + device + " in time");
    keep(nlohmann::json::parse(read_line(left)));
  }
}

}  // namespace lifeboat::qemu
