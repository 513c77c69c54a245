#include "builder/boot/qmp.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "builder/base/error.hpp"
#include "builder/base/interrupt.hpp"
#include "builder/base/text.hpp"

namespace lifeboat {
namespace {

/// One message of QMP is one line; none that we ask for comes near this.
constexpr std::size_t longest_message = 1 << 20;

}  // namespace

std::string Qmp::read_line(std::chrono::steady_clock::time_point deadline) {
  while (true) {
    if (const std::size_t end = received_.find('\n'); end != std::string::npos) {
      std::string line = received_.substr(0, end);
      received_.erase(0, end + 1);
      return line;
    }
    throw_if_interrupted();
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) throw Error("QEMU does not answer on its control channel");
    pollfd waiting{socket_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, static_cast<int>(std::min<long>(left.count(), 500))) <= 0) continue;
    char buffer[4096];
    const ssize_t n = ::read(socket_.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0 || received_.size() > longest_message) throw Error("QEMU closed its control channel");
    received_.append(buffer, static_cast<std::size_t>(n));
  }
}

void Qmp::greet(std::chrono::milliseconds timeout) {
  const nlohmann::json greeting =
      nlohmann::json::parse(read_line(std::chrono::steady_clock::now() + timeout), nullptr, false);
  if (!greeting.is_object() || !greeting.contains("QMP")) throw Error("QEMU's control channel does not speak QMP");
  execute("qmp_capabilities", nlohmann::json::object(), timeout);
}

nlohmann::json Qmp::execute(const std::string& command, const nlohmann::json& arguments,
                            std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  write_all(socket_, nlohmann::json{{"execute", command}, {"arguments", arguments}}.dump() + "\n",
            "to QEMU's control channel");
  while (true) {
    const nlohmann::json message = nlohmann::json::parse(read_line(deadline), nullptr, false);
    if (!message.is_object()) throw Error("QEMU's control channel does not speak QMP");
    if (message.contains("return")) return message["return"];
    if (message.contains("error"))
      throw Error("QEMU refused " + command + ": " + printable(message["error"].value("desc", "")));
    // anything else is an event
  }
}

}  // namespace lifeboat
