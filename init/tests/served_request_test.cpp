// HTTP requests as a server of ours gets them.
#include "init/source/served_request.hpp"

#include "testing/catch.hpp"

using namespace lifeboat::init;

namespace {

/// In pieces of this size: what was read, or the status to refuse it with.
std::string read(const std::string& bytes, std::size_t piece) {
  ServedRequestReader reader;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const Status taken = reader.take(std::string_view(bytes).substr(at, piece));
    if (!taken) return std::to_string(taken.failure().number) + " " + taken.error();
  }
  if (!reader.is_whole()) return "more is to come";
  ServedRequest request = reader.request();
  std::string text = request.method + " " + request.path;
  for (const auto& [name, value] : request.query) text += " " + name + "=" + value;
  return text + " [" + std::string(request.body.view()) + "]";
}

/// The same in whatever pieces it comes. (Behind what is refused nothing is read, so the pieces may decide which of two
/// faults is told; the cases have one.)
std::string read(const std::string& bytes) {
  const std::string whole = read(bytes, bytes.size());
  CHECK(read(bytes, 1) == whole);
  CHECK(read(bytes, 7) == whole);
  return whole;
}

std::string post(const std::string& headers, const std::string& body) {
  return "POST /v1/commands/ HTTP/1.1\r\n" + headers + "\r\n" + body;
}

}  // namespace

TEST_CASE("a request is read in whatever pieces it comes") {
  CHECK(read("GET / HTTP/1.1\r\n\r\n") == "GET / []");
  CHECK(read("GET /v1/status HTTP/1.0\r\nHost: 10.0.0.7:9999\r\nAccept: */*\r\n\r\n") == "GET /v1/status []");
  CHECK(read("POST /v1/commands/?wait=false&agent_token=a%2Bb HTTP/1.1\r\ncontent-length:  5 \r\n\r\nhello") ==
        "POST /v1/commands/ agent_token=a+b wait=false [hello]");
  CHECK(read(post("Content-Length: 3\r\n", std::string("a\0b", 3))) ==
        "POST /v1/commands/ [" + std::string("a\0b", 3) + "]");
}

TEST_CASE("a query is decoded; of two of one name the first counts") {
  CHECK(read("GET /?a=1&a=2&&b&c=x+y%20z%3d HTTP/1.1\r\n\r\n") == "GET / a=1 b= c=x y z= []");
  for (const char* broken : {"%", "%4", "%g0", "a=%zz", "%4=1"})
    CHECK(read(std::string("GET /?") + broken + " HTTP/1.1\r\n\r\n") == "400 the query is broken");
}

TEST_CASE("what is not whole is waited for") {
  for (const char* part : {"", "GET", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nHost: a\r\n"})
    CHECK(read(part, 100) == "more is to come");
  CHECK(read(post("Content-Length: 6\r\n", "hello")) == "more is to come");
}

TEST_CASE("a broken request is refused with the status to say so") {
  const std::string line = "400 the request line is broken";
  for (const char* broken :
       {"GET\r\n\r\n", "GET /\r\n\r\n", " / HTTP/1.1\r\n\r\n", "G<T / HTTP/1.1\r\n\r\n",
        "GET http://a/ HTTP/1.1\r\n\r\n", "GET /a b HTTP/1.1\r\n\r\n", "GET /\xc3\xa4 HTTP/1.1\r\n\r\n", "\r\n\r\n"})
    CHECK(read(broken) == line);
  CHECK(read("GET / HTTP/2\r\n\r\n") == "505 another version of HTTP");
  CHECK(read(std::string("GET / HTTP/1.1\r\nA\0: b\r\n\r\n", 25)) == "400 a header is broken");
  CHECK(read(post("no colon\r\n", "")) == "400 a header is broken");
  CHECK(read(post(" folded: header\r\n", "")) == "400 a header is broken");
  CHECK(read(post("Content-Length : 5\r\n", "")) == "400 a header is broken");
}

TEST_CASE("a length that is none, twice, too large, or exceeded is refused") {
  for (const char* broken : {"", "x", "-1", "+1", "1,1", "0x10", "18446744073709551616"})
    CHECK(read(post("Content-Length: " + std::string(broken) + "\r\n", "")) == "400 the length is broken");
  CHECK(read(post("Content-Length: 1\r\nContent-Length: 1\r\n", "")) == "400 the length is broken");
  CHECK(read(post("Content-Length: 65537\r\n", "")) == "413 a body of more than 64 KiB");
  CHECK(read(post("Content-Length: 65536\r\n", std::string(65536, 'x')), 4096).size() == 65536 + 21);
  CHECK(read(post("Content-Length: 2\r\n", "abc")) == "400 more than the length that was announced");
  CHECK(read(post("Transfer-Encoding: chunked\r\n", "")) == "501 a body in chunks");
}

TEST_CASE("headers without end are refused") {
  CHECK(read("GET / HTTP/1.1\r\n" + std::string(20'000, 'a'), 100) == "431 the headers are larger than 16 KiB");
  CHECK(read("GET /" + std::string(16'000, 'a') + " HTTP/1.1\r\n\r\n", 100).starts_with("GET /aaa"));
}

TEST_CASE("a reply says its length and that the connection ends") {
  CHECK(make_http_reply(401, "{}") ==
        "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"
        "{}");
}
