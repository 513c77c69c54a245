// Ironic's rescue: the kernel command line, the API's replies, and a whole rescue against a small API on loopback.
#include "init/source/ironic.hpp"

#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "builder/base/file.hpp"
#include "init/source/command_server.hpp"
#include "init/source/http.hpp"
#include "init/source/ironic_api.hpp"
#include "init/source/ironic_commands.hpp"
#include "init/sys/fd.hpp"
#include "init/sys/mount.hpp"
#include "testing/catch.hpp"
#include "testing/raw_server.hpp"

using namespace lifeboat::init;
using lifeboat::TempDir;
using Json = nlohmann::json;
using lifeboat::testing::Connection;
using lifeboat::testing::RawServer;

namespace {

const std::string uuid = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
const std::string token = "Zk3-token-of-more-than-32-characters-9q";

Result<std::string> hash(const Secret& password) { return "hash of " + std::string(password.view()); }
Status check(std::string_view given) {
  return given.starts_with("$5$") ? Status(Done{}) : Failure{"libcrypt knows no such scheme"};
}

std::string parsed(const std::string& command_line) {
  const auto parameters = parse_ironic_parameters(command_line);
  if (!parameters) return parameters.error();
  return parameters->address + " " + std::to_string(parameters->api_port) + " '" + parameters->api_path + "' " +
         std::to_string(parameters->listen_port) + " '" + parameters->agent_token + "'";
}

std::string looked_up(const std::string& json, const std::string& known_token = "") {
  const auto node = parse_ironic_lookup(json, known_token);
  if (!node) return node.error();
  return node->uuid + " " + node->token + " " + std::to_string(node->heartbeat_timeout.count());
}

std::string lookup_reply(const std::string& config) {
  return R"({"node":{"uuid":")" + uuid + R"("},"config":)" + config + "}";
}

/// The agent's API without a network.
struct Bench {
  std::vector<std::string> answers;
  Status handed = Done{};
  IronicCommands commands{{.hash = hash,
                           .check = check,
                           .check_key = nullptr,
                           .answer =
                               [this](const Answer& answer) {
                                 answers.push_back(answer.user + ":" + answer.password_hash);
                                 return handed;
                               },
                           .session = {}},
                          token};

  IronicCommands::Reply ask(const std::string& method, const std::string& path, const std::string& body = "",
                            const std::string& with_token = token) {
    ServedRequest request{method, path, {}, Secret(std::string(body))};
    if (!with_token.empty()) request.query["agent_token"] = with_token;
    return commands.answer(std::move(request));
  }
  IronicCommands::Reply finalize(const std::string& parameters, const std::string& with_token = token) {
    return ask("POST", "/v1/commands/", R"({"name":"rescue.finalize_rescue","params":)" + parameters + "}", with_token);
  }
  std::string why_failed(const std::string& parameters) {
    const auto reply = finalize(parameters);
    REQUIRE(reply.status == 200);
    const Json document = Json::parse(reply.json);
    CHECK(document["command_status"] == "FAILED");
    return document["command_error"]["details"];
  }
};

}  // namespace

TEST_CASE("the kernel command line says where the API is, and where to listen") {
  CHECK(parsed("quiet ipa-api-url=http://10.0.0.1:6385 x") == "10.0.0.1 6385 '' 9999 ''");
  CHECK(parsed("ipa-api-url=http://10.0.0.1/baremetal/ ipa-listen-port=9998 ipa-agent-token=abc") ==
        "10.0.0.1 80 '/baremetal' 9998 'abc'");
  CHECK(parsed("ipa-api-url=http://[2001:db8::1]:6385/") == "2001:db8::1 6385 '' 9999 ''");
  CHECK(parsed("ipa-api-url=https://10.0.0.1:6385,http://10.0.0.2:6385") == "10.0.0.2 6385 '' 9999 ''");
  CHECK(parsed("ipa-api-url=http://10.0.0.1 ipa-api-url=http://10.0.0.2") == "10.0.0.2 80 '' 9999 ''");
}

TEST_CASE("an API that cannot be reached from here is refused with the reason") {
  CHECK(parsed("ipa-api-url=") == "ipa-api-url is empty");
  CHECK(parsed("ipa-api-url=https://10.0.0.1:6385") ==
        "ipa-api-url=https://10.0.0.1:6385: the rescue system has no TLS; give a plain http address");
  CHECK(parsed("ipa-api-url=http://ironic.example.org:6385") ==
        "ipa-api-url=http://ironic.example.org:6385: names are not looked up; the address must be a number");
  CHECK(parsed("ipa-api-url=mdns") == "ipa-api-url=mdns: it does not begin with http://");
  CHECK(parsed("ipa-api-url=http://10.0.0.1:0") == "ipa-api-url=http://10.0.0.1:0: the port is broken");
  CHECK(parsed("ipa-api-url=http://[::1") == "ipa-api-url=http://[::1: the address is broken");
  CHECK(parsed("ipa-api-url=http://") == "ipa-api-url=http://: names are not looked up; the address must be a number");
  CHECK(parsed("ipa-api-url=http://10.0.0.1 ipa-listen-port=70000") == "ipa-listen-port=70000: not a port");
}

TEST_CASE("only a machine that the conductor started has the agent") {
  Platform platform;
  platform.kernel_command_line = "quiet";
  CHECK(belongs_to_ironic(platform) == Belonging::no);
  platform.kernel_command_line = "quiet ipa-api-url=https://nonsense";  // it is told why it cannot work
  CHECK(belongs_to_ironic(platform) == Belonging::yes);
}

TEST_CASE("the lookup's reply names the node, its token and how often to send a heartbeat") {
  CHECK(looked_up(lookup_reply(R"({"agent_token":"abc","heartbeat_timeout":120})")) == uuid + " abc 120000");
  CHECK(looked_up(lookup_reply(R"({"agent_token":"abc"})")) == uuid + " abc 300000");
  CHECK(looked_up(lookup_reply(R"({"agent_token":"abc","heartbeat_timeout":-1e300})")) == uuid + " abc 10000");
  CHECK(looked_up(lookup_reply(R"({"agent_token":"abc","heartbeat_timeout":1e300})")) == uuid + " abc 3600000");
  CHECK(looked_up(lookup_reply(R"({"agent_token":"******"})"), "known") == uuid + " known 300000");
}

TEST_CASE("a lookup without a node or a token is refused with the reason") {
  const std::string no_node = "Ironic's reply to the lookup names no node";
  for (const char* broken : {"", "{", "[]", "{}", R"({"node":5})", R"({"node":{"uuid":7}})",
                             R"({"node":{"uuid":"../../v1/nodes/x"},"config":{"agent_token":"abc"}})"})
    CHECK(looked_up(broken) == no_node);
  CHECK(looked_up(lookup_reply("{}")) == "Ironic gives no agent token (it is older than its API 1.62)");
  CHECK(looked_up(lookup_reply(R"({"agent_token":"******"})")) ==
        "Ironic has given the agent token of this machine to somebody else, once and for all");
}

TEST_CASE("finalize_rescue hands the user rescue with the hash to PID 1, and says SUCCEEDED") {
  Bench bench;
  CHECK_FALSE(bench.commands.finalized());
  const auto reply = bench.finalize(R"({"rescue_password":"$5$salt$hash","hashed":true})");
  CHECK(reply.status == 200);
  CHECK(Json::parse(reply.json) == Json::parse(R"({"id":"1","command_name":"finalize_rescue","command_params":{},
    "command_status":"SUCCEEDED","command_error":null,"command_result":null})"));
  CHECK(bench.answers == std::vector<std::string>{"rescue:$5$salt$hash"});
  CHECK(bench.commands.finalized());
  CHECK(Json::parse(bench.ask("GET", "/v1/commands/").json)["commands"][0] == Json::parse(reply.json));
}

TEST_CASE("a password that is not hashed is hashed here") {
  Bench bench;
  CHECK(bench.finalize(R"({"rescue_password":"clear","hashed":false})").status == 200);
  CHECK(bench.finalize(R"({"rescue_password":"clear too"})").status == 200);
  CHECK(bench.answers == std::vector<std::string>{"rescue:hash of clear", "rescue:hash of clear too"});
}

TEST_CASE("a command without the agent token does nothing") {
  Bench bench;
  for (const std::string& wrong : {std::string(), std::string("x"), token + "x", token.substr(1) + "x"}) {
    const auto reply = bench.finalize(R"({"rescue_password":"$5$salt$hash","hashed":true})", wrong);
    CHECK(reply.status == 401);
    CHECK(Json::parse(reply.json)["faultstring"] == "Token invalid.");
  }
  CHECK(bench.ask("GET", "/v1/commands/", "", "wrong").status == 401);
  CHECK(bench.ask("GET", "/v1/commands/", "", "").status == 200);  // conductors of old send none here
  CHECK(bench.answers.empty());
  CHECK_FALSE(bench.commands.finalized());
}

TEST_CASE("a finalize_rescue that cannot be done is FAILED with the reason") {
  Bench bench;
  CHECK(bench.why_failed("{}") == "rescue_password is missing");
  CHECK(bench.why_failed(R"({"rescue_password":5})") == "rescue_password is missing");
  CHECK(bench.why_failed(R"({"rescue_password":"x","hashed":"yes"})") == "hashed is neither true nor false");
  CHECK(bench.why_failed(R"({"rescue_password":"clear","hashed":true})") ==
        "rescue_password is not used: it is no crypt(3) hash");
  CHECK(bench.why_failed(R"({"rescue_password":"$9$salt$hash","hashed":true})") ==
        "the password's hash is not used: libcrypt knows no such scheme");
  CHECK(bench.why_failed(R"({"rescue_password":"a\nb"})") ==
        "rescue_password is not used: it has a control character (a line end, a tab ...)");
  CHECK(bench.answers.empty());
  bench.handed = Failure{"writing the answer: No space left on device"};
  CHECK(bench.why_failed(R"({"rescue_password":"$5$salt$hash","hashed":true})") ==
        "writing the answer: No space left on device");
  CHECK_FALSE(bench.commands.finalized());
}

TEST_CASE("other commands and broken requests are refused in the form that the conductor reads") {
  Bench bench;
  for (const char* body : {"", "{", "[]", "{}", R"({"name":"rescue.finalize_rescue"})", R"({"name":5,"params":{}})",
                           R"({"name":"rescue.finalize_rescue","params":[]})"}) {
    const auto reply = bench.ask("POST", "/v1/commands", body);
    CHECK(reply.status == 400);
    CHECK(Json::parse(reply.json)["faultstring"] == "Missing or invalid name or params");
  }
  CHECK(bench.ask("POST", "/v1/commands/", R"({"name":"standby.run_image","params":{}})").status == 404);
  CHECK(bench.ask("POST", "/v1/commands/", std::string(60'000, '[')).status == 400);
  CHECK(bench.ask("POST", "/v1/status").status == 404);
  CHECK(bench.ask("DELETE", "/v1/commands/").status == 405);
  CHECK(bench.ask("GET", "/v1/status").status == 200);
  CHECK(bench.ask("GET", "/").status == 200);
  CHECK(bench.ask("GET", "/v1/commands/17").status == 404);
}

TEST_CASE("a connection that sends nothing holds up no other") {
  auto server = CommandServer::open(0, [](ServedRequest request) { return make_http_reply(200, request.path); });
  REQUIRE(server);
  const std::uint16_t port = server->port();
  std::atomic<bool> over = false;
  std::thread serving([&] {
    while (!over) server->serve(Milliseconds(50));
  });
  std::vector<Fd> idle;
  for (int i = 0; i < 8; ++i) {
    idle.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    CHECK(::connect(idle.back().get(), reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
  }
  const auto got = HttpClient("", Milliseconds(5000)).request({.address = "127.0.0.1", .port = port, .path = "/a"});
  const auto refused = HttpClient("", Milliseconds(5000)).request({.address = "::1", .port = port, .path = "/a b"});
  over = true;
  serving.join();
  REQUIRE(got);
  CHECK(got->body.view() == "/a");
  REQUIRE(refused);  // over IPv6
  CHECK(refused->status == 400);
}

TEST_CASE("a whole rescue: lookup by MAC, heartbeat, the conductor's command, then the network anew") {
  const TempDir folder("/tmp", "ironic");
  const std::string base = folder.path().string(), answer_file = base + "/answer";
  REQUIRE(make_folders(base + "/net/eth0/device"));
  REQUIRE(make_folders(base + "/net/eth1/device"));
  REQUIRE(make_folders(base + "/net/lo"));
  REQUIRE(write_file(base + "/net/eth0/address", "52:54:00:aa:bb:01\n"));
  REQUIRE(write_file(base + "/net/eth1/address", "52:54:00:aa:bb:02\n"));
  REQUIRE(write_file(base + "/net/lo/address", "00:00:00:00:00:00\n"));

  std::mutex mutex;
  int lookups = 0, heartbeats = 0;
  std::string callback;
  const RawServer ironic([&](const Connection& connection) {
    const std::lock_guard lock(mutex);
    CHECK(connection.request().find("X-OpenStack-Ironic-API-Version: 1.62\r\n") != std::string::npos);
    if (connection.what() == "GET /v1/lookup?addresses=52:54:00:aa:bb:01,52:54:00:aa:bb:02") {
      // At first the conductor does not know the machine yet.
      if (++lookups == 1) return static_cast<void>(connection.send_page("{}", 404));
      return static_cast<void>(
          connection.send_page(lookup_reply(R"({"agent_token":")" + token + R"(","heartbeat_timeout":300})")));
    }
    if (connection.what() == "POST /v1/heartbeat/" + uuid) {
      const std::string& request = connection.request();
      const Json body = Json::parse(request.substr(request.find("\r\n\r\n") + 4));
      CHECK(body["agent_token"] == token);
      callback = body["callback_url"];
      return static_cast<void>(connection.send_page("", ++heartbeats == 1 ? 409 : 202));
    }
    connection.send_page("{}", 500);
  });
  // A port that was free a moment ago.
  const std::uint16_t listen_port = CommandServer::open(0, [](ServedRequest) { return std::string(); })->port();
  REQUIRE(write_file(base + "/cmdline", "ipa-api-url=http://127.0.0.1:" + std::to_string(ironic.port()) +
                                            " ipa-listen-port=" + std::to_string(listen_port)));

  const pid_t agent = ::fork();
  REQUIRE(agent >= 0);
  if (agent == 0)
    run_ironic_agent({.hash = hash,
                      .check = check,
                      .check_key = nullptr,
                      .answer = [&](const Answer& answer) { return replace_file(answer_file, to_text(answer), 0600); },
                      .session = [](std::string_view) {},
                      .renew_network = [&] { static_cast<void>(write_file(base + "/renewed", "")); }},
                     {base + "/cmdline", base + "/net"});

  const auto eventually = [](const std::function<bool()>& holds) {
    for (int i = 0; i < 300 && !holds(); ++i) std::this_thread::sleep_for(Milliseconds(100));
    return holds();
  };
  CHECK(eventually([&] {
    const std::lock_guard lock(mutex);
    return heartbeats == 2;  // the first one met a lock
  }));
  CHECK(callback == "http://127.0.0.1:" + std::to_string(listen_port));

  const HttpRequest command{.method = "POST",
                            .address = "127.0.0.1",
                            .port = listen_port,
                            .path = "/v1/commands/?wait=false&agent_token=" + token,
                            .headers = {{"Content-Type", "application/json"}},
                            .body = R"({"name":"rescue.finalize_rescue",
                                        "params":{"rescue_password":"$5$salt$hash","hashed":true}})"};
  HttpRequest forged = command;
  forged.path += "x";
  const auto refused = HttpClient("", Milliseconds(5000)).request(forged);
  REQUIRE(refused);
  CHECK(refused->status == 401);
  CHECK(::access(answer_file.c_str(), F_OK) != 0);
  const auto reply = HttpClient("", Milliseconds(5000)).request(command);
  REQUIRE(reply);
  CHECK(reply->status == 200);
  CHECK(Json::parse(reply->body.view())["command_status"] == "SUCCEEDED");
  CHECK(read_file(answer_file).value_or("") == "origin=Ironic\npassword_hash=$5$salt$hash\nuser=rescue\n");

  CHECK(eventually([&] { return ::access((base + "/renewed").c_str(), F_OK) == 0; }));
  CHECK_FALSE(HttpClient("", Milliseconds(1000)).request(command));  // it serves no more
  ::kill(agent, SIGKILL);
  ::waitpid(agent, nullptr, 0);
}
