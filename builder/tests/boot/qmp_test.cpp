#include "builder/boot/qmp.hpp"

#include <sys/socket.h>

#include <array>
#include <nlohmann/json.hpp>

#include "builder/tests/boot/message_of.hpp"
#include "testing/catch.hpp"

using namespace lifeboat;
namespace {

constexpr std::chrono::milliseconds soon{200};

/// A channel whose other end is the test.
struct Channel {
  Fd theirs;
  Qmp qmp;

  explicit Channel(const std::string& said) : Channel(pair()) { write_all(theirs, said, "the channel"); }

 private:
  explicit Channel(std::array<int, 2> ends) : theirs(ends[0]), qmp(Fd(ends[1])) {}
  static std::array<int, 2> pair() {
    std::array<int, 2> ends{};
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
    return ends;
  }
};

std::string failure_after(const std::string& said, bool close = false) {
  Channel channel(said);
  if (close) ::shutdown(channel.theirs.get(), SHUT_WR);
  return message_of([&] { channel.qmp.execute("quit", nlohmann::json::object(), soon); });
}

}  // namespace

TEST_CASE("an answer is found behind events") {
  Channel channel("{\"event\": \"POWERDOWN\"}\n{\"event\": \"SHUTDOWN\"}\n{\"return\": {\"running\": true}}\n");
  CHECK(channel.qmp.execute("query-status", nlohmann::json::object(), soon)["running"] == true);
}

TEST_CASE("a refusal carries QEMU's own words, control characters made visible") {
  CHECK(failure_after("{\"error\": {\"class\": \"GenericError\", \"desc\": \"no \\u001bbutton\"}}\n") ==
        "QEMU refused quit: no \\x1bbutton | ");
}

TEST_CASE("silence, an end and nonsense are errors within the time limit") {
  CHECK(failure_after("") == "QEMU does not answer on its control channel | ");
  CHECK(failure_after("{\"return\"", true) == "QEMU closed its control channel | ");
  CHECK(failure_after("hello\n") == "QEMU's control channel does not speak QMP | ");
}

TEST_CASE("a greeting that is none is an error") {
  Channel channel("{\"event\": \"RESUME\"}\n");
  CHECK(message_of([&] { channel.qmp.greet(soon); }) == "QEMU's control channel does not speak QMP | ");
}
