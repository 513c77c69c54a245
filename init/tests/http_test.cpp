// The HTTP client against servers on the loopback interface that do what they should not.
#include "init/source/http.hpp"

#include "testing/catch.hpp"
#include "testing/raw_server.hpp"

using namespace lifeboat::init;
using lifeboat::testing::Connection;
using lifeboat::testing::RawServer;

namespace {

constexpr Milliseconds short_limit{400};
constexpr Milliseconds busy_machine{3000};  // what everything may take longer

HttpRequest request_to(const RawServer& server, const std::string& path = "/x") {
  return {.address = "127.0.0.1", .port = server.port(), .path = path};
}

std::string described(const Result<HttpReply>& reply) {
  return reply ? std::to_string(reply->status) + " " + std::string(reply->body.view()) : "failure: " + reply.error();
}
std::string described(const Result<Secret>& body) {
  return body ? "body " + std::string(body->view()) : "failure: " + body.error();
}

/// "failure: GET http://127.0.0.1:PORT/x: WHY"
std::string failure_of(const RawServer& server, const std::string& why) {
  return "failure: GET http://127.0.0.1:" + std::to_string(server.port()) + "/x: " + why;
}

std::string ask(const RawServer& server, Milliseconds limit = Milliseconds(5000)) {
  return described(HttpClient("lo", limit).request(request_to(server)));
}

/// It took about its limit, no more.
struct Stopwatch {
  Clock::time_point started = Clock::now();
  bool within(Milliseconds least, Milliseconds most) const {
    const auto taken = Clock::now() - started;
    return taken >= least && taken < most;
  }
};

}  // namespace

TEST_CASE("a request says what HTTP/1.1 wants, its own headers and its body") {
  const RawServer server([](const Connection& connection) { connection.send_page(connection.request()); });
  const std::string port = std::to_string(server.port());
  const std::string common = "\r\nUser-Agent: lifeboat\r\nConnection: close\r\n";
  HttpRequest request = request_to(server, "/a?b=c");
  HttpClient client("lo", Milliseconds(5000));
  CHECK(described(client.request(request)) == "200 GET /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:" + port + common + "\r\n");
  request.method = "PUT";
  request.headers = {{"X-Ttl", "60"}};
  CHECK(described(client.request(request)) ==
        "200 PUT /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:" + port + common + "X-Ttl: 60\r\nContent-Length: 0\r\n\r\n");
  request.method = "POST";
  request.headers.clear();
  request.body = std::string(200'000, 'b');
  CHECK(described(client.request(request)).ends_with("Content-Length: 200000\r\n\r\n" + request.body));
}

TEST_CASE("IPv6 is asked as IPv4 is") {
  const RawServer server([](const Connection& connection) { connection.send_page(connection.request()); }, "::1");
  const std::string port = std::to_string(server.port());
  const HttpRequest request{.address = "::1", .port = server.port(), .path = "/"};
  CHECK(described(HttpClient("lo", Milliseconds(5000)).request(request)).find("\r\nHost: [::1]:" + port + "\r\n") !=
        std::string::npos);
}

TEST_CASE("a source port below 1024 is taken where it is asked for") {
  const RawServer server(
      [](const Connection& connection) { connection.send_page(std::to_string(connection.source_port())); });
  HttpRequest request = request_to(server);
  HttpClient client("lo", Milliseconds(5000));
  request.from_privileged_port = true;
  for (int i = 0; i < 20; ++i) {
    const auto body = client.get(request);
    REQUIRE(body);
    CHECK(std::stoi(std::string(body->view())) < 1024);
  }
}

TEST_CASE("the interface is the one that is named") {
  const RawServer server([](const Connection& connection) { connection.send_page(""); });
  CHECK(described(HttpClient("nonesuch0", Milliseconds(100)).request(request_to(server))) ==
        failure_of(server, "using the interface nonesuch0: No such device"));
  CHECK(server.asked().empty());
}

TEST_CASE("a server that never answers, or drips a byte at a time, costs its budget and no more") {
  const RawServer silent([](const Connection& connection) { connection.hang(); });
  const RawServer drips([](const Connection& connection) {
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
    while (connection.wait(30) && connection.send("x")) {
    }
  });
  const RawServer drips_headers([](const Connection& connection) {
    connection.send("HTTP/1.1 200 OK\r\n");
    while (connection.wait(30) && connection.send("X: y\r\n")) {
    }
  });
  for (const RawServer* server : {&silent, &drips, &drips_headers}) {
    const Stopwatch watch;
    CHECK(ask(*server, short_limit) == failure_of(*server, "no whole reply within 0.4 seconds"));
    CHECK(watch.within(short_limit, short_limit + busy_machine));
  }
}

TEST_CASE("all requests of a client share one budget") {
  const RawServer slow([](const Connection& connection) {
    connection.wait(150);
    connection.send_page("x");
  });
  HttpClient client("lo", short_limit);
  const Stopwatch watch;
  int answers = 0;
  while (client.request(request_to(slow))) ++answers;
  CHECK(answers <= 2);
  CHECK(watch.within(short_limit, short_limit + busy_machine));
}

TEST_CASE("a port on which nobody listens is tried again, and given up after five tries") {
  std::uint16_t port = 0;
  {
    port = RawServer([](const Connection&) {}).port();
  }
  HttpClient client("lo", Milliseconds(20'000));
  const Stopwatch watch;
  CHECK(described(client.get({.address = "127.0.0.1", .port = port, .path = "/x"})) ==
        "failure: GET http://127.0.0.1:" + std::to_string(port) + "/x: connecting: Connection refused");
  CHECK(watch.within(Milliseconds(3700), Milliseconds(3750) + busy_machine));  // pauses of 0.25, 0.5, 1 and 2 s
  CHECK(described(client.get("nowhere.example.org", "/")) ==
        "failure: GET http://nowhere.example.org/: the address is not numeric");
}

TEST_CASE("a redirect is not followed") {
  const RawServer elsewhere([](const Connection& connection) { connection.send_page("taken in"); });
  const RawServer server([&](const Connection& connection) {
    connection.send("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:" + std::to_string(elsewhere.port()) +
                    "/\r\nContent-Length: 0\r\n\r\n");
  });
  HttpClient client("lo", Milliseconds(5000));
  CHECK(described(client.request(request_to(server))) == "302 ");
  CHECK(described(client.get(request_to(server))) == failure_of(server, "status 302"));
  CHECK(elsewhere.asked().empty());
}

TEST_CASE("a server that sends 1 GiB is left after 1 MiB") {
  const auto send_for_ever = [](const Connection& connection) {
    const std::string block(65536, 'x');
    for (int i = 0; i < 16384 && connection.send(block); ++i) {
    }
  };
  const RawServer endless([&](const Connection& connection) {
    connection.send("HTTP/1.1 200 OK\r\n\r\n");
    send_for_ever(connection);
  });
  const RawServer announced([&](const Connection& connection) {
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n");
    send_for_ever(connection);
  });
  const RawServer garbage(send_for_ever);
  CHECK(ask(endless) == failure_of(endless, "a reply of more than 1 MiB"));
  CHECK(ask(announced) == failure_of(announced, "a reply of more than 1 MiB"));
  CHECK(ask(garbage) == failure_of(garbage, "headers of more than 64 KiB"));
}

TEST_CASE("a server that closes early, without a reply or within it, has not answered") {
  const RawServer nothing([](const Connection&) {});
  const RawServer half(
      [](const Connection& connection) { connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"); });
  CHECK(ask(nothing) == failure_of(nothing, "the server closed the connection without a reply"));
  CHECK(ask(half) == failure_of(half, "the server closed the connection within its reply"));
}

TEST_CASE("408, 429 and 5xx are asked again after a pause, other statuses are final") {
  for (const int status : {408, 429, 500, 503, 599, 400, 401, 403, 404}) {
    std::atomic<int> count = 0;
    const RawServer server([&](const Connection& connection) {
      if (count++ == 0)
        connection.send_page("wait", status);
      else
        connection.send_page("here");
    });
    const bool final = status < 500 && status != 408 && status != 429;
    CHECK(described(HttpClient("lo", Milliseconds(5000)).get(request_to(server))) ==
          (final ? failure_of(server, "status " + std::to_string(status)) : "body here"));
    CHECK(server.asked().size() == (final ? 1 : 2));
  }
}

TEST_CASE("a server that is busy for ever costs its budget and no more") {
  const RawServer server([](const Connection& connection) { connection.send_page("", 503); });
  const Stopwatch watch;
  CHECK(described(HttpClient("lo", Milliseconds(2500)).get(request_to(server))) == failure_of(server, "status 503"));
  CHECK(server.asked().size() <= 4);  // after 0.25, 0.5 and 1 s; 2 s are not left
  CHECK(watch.within(Milliseconds(1000), Milliseconds(2500) + busy_machine));
}

TEST_CASE("what may be missing is empty where it is missing") {
  for (const int status : {404, 410, 204, 403}) {
    const RawServer server([&](const Connection& connection) { connection.send_page("", status); });
    CHECK(described(HttpClient("lo", Milliseconds(5000)).get_optional(request_to(server))) ==
          (status == 403 ? failure_of(server, "status 403") : "body "));
  }
}
