// Ironic: a bare-metal server's rescue, with an API on the host's loopback in the conductor's place.
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <future>
#include <nlohmann/json.hpp>

#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::qemu;
using Json = nlohmann::json;

namespace {

const std::string uuid = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
const std::string token = "Zk3-token-of-more-than-32-characters-9q";

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// What comes until `whole` is content with it, or the other side ends.
std::string receive(const Fd& socket, Deadline deadline, const std::function<bool(const std::string&)>& whole) {
  std::string text;
  pollfd poll{socket.get(), POLLIN, 0};
  while (!whole(text) && ::poll(&poll, 1, milliseconds_left(deadline)) > 0) {
    std::array<char, 4096> buffer{};
    const ssize_t count = ::read(socket.get(), buffer.data(), buffer.size());
    if (count <= 0) break;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return text;
}

void send_all(const Fd& socket, const std::string& text) {
  if (::send(socket.get(), text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size()))
    throw Failure("the connection takes no more");
}

/// As much of Ironic's API as the agent asks for.
class Conductor {
 public:
  Conductor() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    REQUIRE(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener_.get(), 8) == 0);
    REQUIRE(::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }

  int port() const { return port_; }

  /// Answers until the agent has sent a heartbeat; its body.
  Json await_heartbeat(seconds timeout) {
    const Deadline deadline = std::chrono::steady_clock::now() + timeout;
    while (true) {
      pollfd poll{listener_.get(), POLLIN, 0};
      if (::poll(&poll, 1, milliseconds_left(deadline)) <= 0) throw Failure("the agent has sent no heartbeat");
      const Fd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      const std::string request = receive(connection, deadline, [](const std::string& text) {
        return text.starts_with("GET") ? text.ends_with("\r\n\r\n") : text.ends_with("}");
      });
      const bool heartbeat = request.starts_with("POST /v1/heartbeat/" + uuid + " ");
      // QEMU's own MAC.
      if (!heartbeat && !request.starts_with("GET /v1/lookup?addresses=52:54:00:12:34:56 "))
        throw Failure("the agent asked for something else: " + request);
      const std::string node =
          Json{{"node", {{"uuid", uuid}}}, {"config", {{"agent_token", token}, {"heartbeat_timeout", 300}}}}.dump();
      const std::string body = heartbeat ? "" : node;
      send_all(connection, std::string("HTTP/1.1 ") + (heartbeat ? "202 Accepted" : "200 OK") +
                               "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
      if (heartbeat) return Json::parse(request.substr(request.find("\r\n\r\n") + 4));
    }
  }

 private:
  Fd listener_;
  int port_ = 0;
};

/// The whole reply; empty where nobody answers.
std::string command(int port, const std::string& with_token, const Json& body) {
  const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(port);
  REQUIRE(::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  const std::string text = body.dump();
  send_all(socket, "POST /v1/commands/?wait=false&agent_token=" + with_token +
                       " HTTP/1.1\r\nHost: agent\r\nContent-Type: application/json\r\nContent-Length: " +
                       std::to_string(text.size()) + "\r\n\r\n" + text);
  return receive(socket, std::chrono::steady_clock::now() + seconds(20), [](const std::string&) { return false; });
}

}  // namespace

TEST_CASE("the conductor's command lets the user rescue in, and the network is asked for anew") {
  const std::string password = "mT8-rescue-me";
  Conductor conductor;
  VmOptions options = boots(cloud_image());
  options.kernel_arguments += " ipa-api-url=http://10.0.2.2:" + std::to_string(conductor.port());
  options.network_open = true;
  options.forwarded_ports = {9999};
  Vm vm(options);
  // Beside the console, which must be read or the guest waits for it.
  auto sent = std::async(std::launch::async, [&] { return conductor.await_heartbeat(seconds(150)); });
  REQUIRE(vm.wait_until_ready().at("login") == "none");
  const Json heartbeat = sent.get();
  REQUIRE(heartbeat["callback_url"] == "http://10.0.2.15:9999");
  REQUIRE(heartbeat["agent_token"] == token);

  std::string hash = run_checked({"openssl", "passwd", "-5", password});
  hash.pop_back();
  const Json finalize{{"name", "rescue.finalize_rescue"}, {"params", {{"rescue_password", hash}, {"hashed", true}}}};
  const int port = vm.forwarded_port(9999);
  REQUIRE(command(port, "forged", finalize).starts_with("HTTP/1.1 401 "));
  const std::string reply = command(port, token, finalize);
  REQUIRE(reply.starts_with("HTTP/1.1 200 "));
  REQUIRE(Json::parse(reply.substr(reply.find("\r\n\r\n") + 4))["command_status"] == "SUCCEEDED");

  REQUIRE(vm.wait_until_ready(seconds(60)).at("login") == "password");
  Ssh owner(vm.ssh_port(), seconds(30), "rescue");
  REQUIRE(owner.login_with_password(password));
  REQUIRE(owner.run_checked("id -u") == "0\n");
  REQUIRE_FALSE(Ssh(vm.ssh_port()).login_with_password(password));  // root has none
  REQUIRE(vm.console().log().find("A password for rescue came from the Ironic") != std::string::npos);

  const std::string renewed =
      "for i in $(seq 30); do grep -q renew /run/lifeboat/log/dhcp-eth0.log && exit; sleep 1; "
      "done; cat /run/lifeboat/log/dhcp-eth0.log; exit 1";
  owner.run_checked(renewed);
  REQUIRE(command(port, token, finalize).empty());  // it serves no more
}
