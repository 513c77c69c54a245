// The guest agent: a host without any other way in gives root a password over virtio-serial, and ends the session.
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <nlohmann/json.hpp>

#include "qemu-tests/harness/image.hpp"
#include "qemu-tests/harness/ssh.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::qemu;

namespace {

/// The host's side of the port, as libvirt uses it: a sync before each command.
class GuestAgentClient {
 public:
  GuestAgentClient() {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    ours_ = Fd(ends[0]);
    theirs_ = Fd(ends[1]);
    REQUIRE(::fcntl(theirs_.get(), F_SETFD, 0) == 0);  // QEMU inherits it
  }

  std::vector<std::string> words() const {
    return {"-device",  "virtio-serial-pci",
            "-chardev", "socket,id=agent,fd=" + std::to_string(theirs_.get()),
            "-device",  "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"};
  }

  nlohmann::json execute(const std::string& command, const nlohmann::json& arguments) {
    const std::uint64_t id = 1'764'100'000'000 + ++syncs_;
    send({{"execute", "guest-sync"}, {"arguments", {{"id", id}}}});
    while (receive() != nlohmann::json{{"return", id}}) {
    }
    send({{"execute", command}, {"arguments", arguments}});
    return receive();
  }
  void send(const nlohmann::json& request) {
    const std::string line = request.dump() + "\n";
    REQUIRE(::write(ours_.get(), line.data(), line.size()) == static_cast<ssize_t>(line.size()));
  }

 private:
  Fd ours_, theirs_;
  std::string received_;
  std::uint64_t syncs_ = 0;

  nlohmann::json receive() {
    const Deadline deadline = std::chrono::steady_clock::now() + seconds(20);
    std::size_t end = 0;
    while ((end = received_.find('\n')) == std::string::npos) {
      pollfd poll{ours_.get(), POLLIN, 0};
      if (::poll(&poll, 1, milliseconds_left(deadline)) <= 0) throw Failure("the guest agent does not answer");
      std::array<char, 4096> buffer{};
      const ssize_t count = ::read(ours_.get(), buffer.data(), buffer.size());
      if (count <= 0) throw Failure("QEMU closed the guest agent's port");
      received_.append(buffer.data(), static_cast<std::size_t>(count));
    }
    const std::string line = received_.substr(0, end);
    received_.erase(0, end + 1);
    return nlohmann::json::parse(line);
  }
};

}  // namespace

TEST_CASE("a password that the host sets at run time logs in, is said with READY, and the host ends the session") {
  const std::string password = "kX2-given-later";
  GuestAgentClient host;
  VmOptions options = boots(cloud_image());
  options.extra = host.words();
  Vm vm(options);
  REQUIRE(vm.wait_until_ready().at("login") == "none");
  REQUIRE(vm.console().log().find("QEMU guest agent") != std::string::npos);  // one way out that the console names

  REQUIRE(host.execute("guest-ping", nlohmann::json::object()) == nlohmann::json{{"return", nlohmann::json::object()}});
  const auto interfaces = host.execute("guest-network-get-interfaces", nlohmann::json::object());
  REQUIRE(interfaces.dump().find("\"10.0.2.15\"") != std::string::npos);
  REQUIRE(host.execute("guest-exec", {{"path", "/bin/true"}}).at("error").at("class") == "CommandNotFound");

  // "a1gyLWdpdmVuLWxhdGVy" is the password in base64.
  REQUIRE(host.execute("guest-set-user-password",
                       {{"username", "root"}, {"crypted", false}, {"password", "a1gyLWdpdmVuLWxhdGVy"}}) ==
          nlohmann::json{{"return", nlohmann::json::object()}});
  REQUIRE(vm.wait_until_ready(seconds(60)).at("login") == "password");
  Ssh owner(vm.ssh_port());
  REQUIRE(owner.login_with_password(password));
  REQUIRE_FALSE(Ssh(vm.ssh_port()).login_with_password("a1gyLWdpdmVuLWxhdGVy"));
  REQUIRE(owner.run("grep -rlF -e " + password + " /etc /run /var /root /tmp").out == "");
  REQUIRE(vm.console().log().find(password) == std::string::npos);

  host.send({{"execute", "guest-shutdown"}});
  vm.console().wait_for("Powering off: asked to power off", seconds(20));
  REQUIRE(vm.wait_for_end(seconds(45)) == 0);
}
