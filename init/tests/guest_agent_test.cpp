// QEMU's guest agent: what the host sends -> what it gets, and the port it comes through.
#include "init/source/guest_agent.hpp"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "builder/base/file.hpp"
#include "init/contract/text.hpp"
#include "init/source/guest_port.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/mount.hpp"
#include "init/tests/cases.hpp"
#include "testing/catch.hpp"

using namespace lifeboat::init;
using lifeboat::TempDir;
using lifeboat::init::test::read_cases;

namespace {

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}

Result<std::string> hash(const Secret& password) { return "hash of " + std::string(password.view()); }
Status check(std::string_view given) {
  return given.starts_with("$6$") ? Status(Done{}) : Failure{"libcrypt knows no such scheme"};
}
Status check_key(std::string_view key) { return key.starts_with("ssh-") ? Status(Done{}) : Failure{"it is none"}; }

std::vector<GuestInterface> interfaces() {
  return {{"lo", "", {{"127.0.0.1", false, 8}}},
          {"eth0", "52:54:00:12:34:56", {{"10.0.2.15", false, 24}, {"fe80::1", true, 64}}}};
}

/// An agent whose deeds stand among its replies.
struct Bench {
  std::string log;
  Status handed = Done{};
  GuestAgent agent{{.hash = hash,
                    .check = check,
                    .check_key = check_key,
                    .answer =
                        [this](const Answer& answer) {
                          if (!handed) return handed;
                          log += "[answer: " + answer.password_hash;
                          for (const std::string& key : answer.keys) log += ", " + key;
                          log += "]\n";
                          return handed;
                        },
                    .session = [this](std::string_view how) { log += "[session: " + std::string(how) + "]\n"; }},
                   interfaces};

  /// Byte for byte, so that the log has the order of things.
  std::string send(const std::string& bytes) {
    log.clear();
    for (const char c : bytes) log += agent.receive({&c, 1});
    return log;
  }
};

const std::string ping = R"({"execute":"guest-ping"})";
const std::string pong = "{\"return\":{}}\n";

std::string error(const std::string& why) { return R"({"error":{"class":"GenericError","desc":")" + why + "\"}}\n"; }

/// The port's device, a terminal in its place, and the agent that serves it, in a process of its own as in the guest.
class Port {
 public:
  Port() {
    REQUIRE(make_folders(places_.ports + "/vport0p0"));
    REQUIRE(make_folders(places_.ports + "/vport1p1"));
    REQUIRE(make_folders(places_.devices));
    REQUIRE(write_file(places_.ports + "/vport0p0/name", "org.spice-space.webdav.0\n"));
  }
  ~Port() {
    if (agent_ <= 0) return;
    ::kill(agent_, SIGKILL);
    ::waitpid(agent_, nullptr, 0);
  }

  const GuestPortPlaces& places() const { return places_; }
  std::string answer_file() const { return (folder_.path() / "answer").string(); }

  void plug_in() {
    int host = -1, guest = -1;
    std::array<char, 64> name{};
    termios raw{};
    ::cfmakeraw(&raw);
    REQUIRE(::openpty(&host, &guest, name.data(), &raw, nullptr) == 0);
    host_ = Fd(host);
    guest_ = Fd(guest);  // stays open: a terminal whose last opener went away hangs up
    REQUIRE(::symlink(name.data(), (places_.devices + "/vport1p1").c_str()) == 0);
    REQUIRE(write_file(places_.ports + "/vport1p1/name", "org.qemu.guest_agent.0\n"));
  }
  void pull_out() {
    ::unlink((places_.ports + "/vport1p1/name").c_str());
    ::unlink((places_.devices + "/vport1p1").c_str());
    host_.reset();
    guest_.reset();
  }

  void start_agent() {
    agent_ = ::fork();
    REQUIRE(agent_ >= 0);
    if (agent_ > 0) return;
    const std::string file = answer_file();
    run_guest_agent({.hash = hash,
                     .check = check,
                     .check_key = check_key,
                     .answer = [file](const Answer& answer) { return replace_file(file, to_text(answer), 0600); },
                     .session = [](std::string_view) {}},
                    places_);
  }

  /// Sends it again and again: what comes before the agent has opened the port may be lost.
  std::string ask(const std::string& request) {
    for (int tries = 0; tries < 50; ++tries) {
      REQUIRE(::write(host_.get(), request.data(), request.size()) == static_cast<ssize_t>(request.size()));
      pollfd poll{host_.get(), POLLIN, 0};
      std::string reply;
      std::array<char, 4096> buffer{};
      while (::poll(&poll, 1, 200) > 0 && (poll.revents & POLLIN) != 0) {
        const ssize_t count = ::read(host_.get(), buffer.data(), buffer.size());
        if (count <= 0) break;
        reply.append(buffer.data(), static_cast<std::size_t>(count));
        if (reply.ends_with('\n')) return reply;
      }
    }
    return "no reply";
  }

  double processor_seconds() const {
    const std::string stat = read_file("/proc/" + std::to_string(agent_) + "/stat").value_or("");
    const auto fields = lifeboat::contract::split_words(std::string_view(stat).substr(stat.rfind(')')), " ");
    return (std::stod(std::string(fields.at(12))) + std::stod(std::string(fields.at(13)))) /
           static_cast<double>(::sysconf(_SC_CLK_TCK));
  }

 private:
  TempDir folder_{"/tmp", "port"};
  GuestPortPlaces places_{(folder_.path() / "class").string(), (folder_.path() / "dev").string()};
  Fd host_, guest_;
  pid_t agent_ = -1;
};

}  // namespace

TEST_CASE("the guest agent answers as the table says, byte for byte") {
  for (const auto& one : read_cases("guest_agent.txt")) {
    INFO(one.name);
    const std::string input = replaced(one.input, "<FF>", "\xff") + "\n";
    CHECK(Bench().send(input) == replaced(one.expected, "<FF>", "\xff") + "\n");
  }
}

TEST_CASE("the commands that guest-info names are those that there are") {
  Bench bench;
  const auto info = nlohmann::json::parse(bench.send(R"({"execute":"guest-info"})"));
  CHECK(info["return"]["version"].is_string());
  const auto& commands = info["return"]["supported_commands"];
  CHECK(commands.size() == 10);
  for (const auto& command : commands) {
    CHECK(command["enabled"] == true);
    CHECK(command["success-response"] == (command["name"] != "guest-shutdown"));
    CHECK(bench.send(nlohmann::json{{"execute", command["name"]}, {"arguments", {{"none", 1}}}}.dump()) ==
          error("Parameter 'none' is unexpected"));
  }
}

TEST_CASE("a password is confirmed only when PID 1 has it") {
  Bench bench;
  bench.handed = Failure{"writing /run/lifeboat/answers/x: No space left on device"};
  const std::string set =
      R"({"execute":"guest-set-user-password","arguments":{"crypted":false,"username":"root","password":"cGFzczE="}})";
  CHECK(bench.send(set) == error("writing /run/lifeboat/answers/x: No space left on device"));
  bench.handed = Done{};  // and one that failed is not kept
  CHECK(bench.send(
            R"({"execute":"guest-ssh-add-authorized-keys","arguments":{"username":"root","keys":["ssh-rsa A"]}})") ==
        "[answer: , ssh-rsa A]\n" + pong);
}

TEST_CASE("a request of up to 1 MiB is taken, a larger one costs its line and no memory") {
  Bench bench;
  const std::size_t room = GuestRequests::largest - ping.size();
  const std::string blanks(room, ' ');
  CHECK(bench.agent.receive(ping.substr(0, ping.size() - 1) + blanks + "}\n") == pong);
  CHECK(bench.agent.receive(ping.substr(0, ping.size() - 1) + blanks + " }" + ping) ==
        error("a request of more than 1 MiB"));
  CHECK(bench.agent.receive("still the same line\n" + ping) == pong);
}

TEST_CASE("a request may nest, but not as deep as it likes") {
  Bench bench;
  const auto nested = [](std::size_t depth) {
    return R"({"execute":"guest-ping","id":)" + std::string(depth, '[') + std::string(depth, ']') + "}\n";
  };
  CHECK(bench.agent.receive(nested(31)) ==
        "{\"return\":{},\"id\":" + std::string(31, '[') + std::string(31, ']') + "}\n");
  CHECK(bench.agent.receive(nested(32)) == error("a request that nests too deep"));
  CHECK(bench.agent.receive(nested(500'000)) == error("a request that nests too deep"));
  CHECK(bench.agent.receive(ping) == pong);
}

TEST_CASE("more keys than a source may give are refused") {
  Bench bench;
  nlohmann::json keys = nlohmann::json::array();
  for (int i = 0; i < 257; ++i) keys.push_back("ssh-rsa " + std::to_string(i));
  const nlohmann::json request{{"execute", "guest-ssh-add-authorized-keys"},
                               {"arguments", {{"username", "root"}, {"keys", keys}}}};
  CHECK(bench.send(request.dump()) == error("more than 256 keys"));
}

TEST_CASE("half a request goes with the host that sent it") {
  Bench bench;
  CHECK(bench.agent.receive(R"({"execute":)").empty());
  bench.agent.forget();
  CHECK(bench.agent.receive(ping) == pong);
}

TEST_CASE("the machine's own interfaces are described") {
  const auto all = read_guest_interfaces();
  const auto lo = std::ranges::find(all, "lo", &GuestInterface::name);
  REQUIRE(lo != all.end());
  REQUIRE_FALSE(lo->addresses.empty());
  CHECK(lo->addresses.front().text == "127.0.0.1");
  CHECK(lo->addresses.front().prefix_length == 8);
}

TEST_CASE("the port is found by its name; there may be none") {
  Port port;
  CHECK_FALSE(find_guest_port(port.places()));
  port.plug_in();
  CHECK(find_guest_port(port.places()) == port.places().devices + "/vport1p1");
}

TEST_CASE("the port is served, also when it comes late and when it went and came again") {
  Port port;
  port.start_agent();
  port.plug_in();
  CHECK(port.ask(ping).ends_with(pong));
  port.pull_out();
  ::sleep(1);
  port.plug_in();
  CHECK(port.ask(R"({"execute":"guest-set-user-password",)"
                 R"("arguments":{"crypted":false,"username":"root","password":"cGFzczE="}})")
            .ends_with(pong));
  CHECK(read_file(port.answer_file()).value_or("") == "origin=QEMU guest agent\npassword_hash=hash of pass1\n");
}

TEST_CASE("an agent without a port, and one whose port went, take no processor time") {
  Port port;
  port.start_agent();
  ::sleep(1);
  port.plug_in();
  REQUIRE(port.ask(ping).ends_with(pong));
  port.pull_out();
  const double before = port.processor_seconds();
  ::sleep(3);
  CHECK(port.processor_seconds() - before < 0.2);
}
