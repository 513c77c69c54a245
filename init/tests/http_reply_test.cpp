// What an HTTP reply says, whatever pieces it comes in, and every way in which it can be none.
#include "init/source/http_reply.hpp"

#include "testing/catch.hpp"

using namespace lifeboat::init;

namespace {

std::string described(const Status& status, HttpReplyReader& reader) {
  if (!status) return "failure: " + status.error();
  if (!reader.is_whole()) return "more";
  const HttpReply reply = reader.reply();
  return std::to_string(reply.status) + " " + std::string(reply.body.view());
}

std::string read_in_pieces(std::string_view text, std::size_t size) {
  HttpReplyReader reader;
  Status status = Done{};
  for (std::size_t at = 0; at < text.size() && status && !reader.is_whole(); at += size)
    status = reader.take(text.substr(at, size));
  if (status) status = reader.end();
  return described(status, reader);
}

/// The reply, then the connection's end. Bytes alone must say the same as all at once.
std::string read(const std::string& text) {
  const std::string whole = read_in_pieces(text, text.size());
  CHECK(read_in_pieces(text, 1) == whole);
  CHECK(read_in_pieces(text, 7) == whole);
  return whole;
}

std::string with_status_line(const std::string& line) { return read(line + "\r\n\r\n"); }
std::string chunked(const std::string& chunks) {
  return read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks);
}

}  // namespace

TEST_CASE("a body ends where its length, its chunks or the connection say") {
  CHECK(read("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdef") == "200 abc");
  CHECK(read("HTTP/1.0 200 OK\r\n\r\nabc\r\n") == "200 abc\r\n");
  CHECK(read("HTTP/1.1 200 OK\nContent-Length:3\n\nabc") == "200 abc");
  CHECK(read("HTTP/1.1 404 Not Found\r\ncontent-LENGTH:  3 \r\nContent-Length: 3\r\n\r\nabc") == "404 abc");
  CHECK(read("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") == "200 ");
  CHECK(read("HTTP/1.1 204 Nothing\r\nX: y\r\n\r\nabc") == "204 ");
  CHECK(read("HTTP/1.1 304\r\nContent-Length: 7\r\n\r\n") == "304 ");
  CHECK(chunked("3\r\nabc\r\nA;name=value\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nmore") == "200 abc0123456789");
  CHECK(chunked("0003\r\nabc\r\n000\r\n\r\n") == "200 abc");
  CHECK(read("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n") ==
        "200 ab");
}

TEST_CASE("interim replies are passed over") {
  CHECK(
      read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nContent-Length: 9\r\n\r\nHTTP/1.1 200 OK\r\n\r\nabc") ==
      "200 abc");
  CHECK(read("HTTP/1.1 100 Continue\r\n\r\n") == "failure: the server closed the connection within its reply");
}

TEST_CASE("a status line is taken in its own form alone") {
  CHECK(with_status_line("HTTP/1.1 200") == "200 ");
  CHECK(with_status_line("HTTP/1.1 200 ") == "200 ");
  CHECK(with_status_line("HTTP/1.0 503 Service  Unavailable") == "503 ");
  CHECK(with_status_line("HTTP/1.1 999 ?") == "999 ");
  for (const std::string line :
       {"", "HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1 099 X", "HTTP/1.1 -20 X",
        "HTTP/1.1 2x0 X", "HTTP/1.1  200 OK", "HTTP/1.2 200 OK", "HTTP/2 200", "http/1.1 200 OK", "ICY 200 OK",
        "SSH-2.0-OpenSSH_9.2p1", "<html>", " HTTP/1.1 200 OK"}) {
    CHECK(with_status_line(line) == "failure: no HTTP: it begins with \"" + line + "\"");
  }
  CHECK(with_status_line("\x16\x03\x01" + std::string(100, 'x')) ==
        "failure: no HTTP: it begins with \"???" + std::string(37, 'x') + "...\"");
}

TEST_CASE("headers that contradict each other or are none are refused") {
  const auto with = [](const std::string& headers) { return read("HTTP/1.1 200 OK\r\n" + headers + "\r\n\r\nabc"); };
  CHECK(with("Content-Length: 3\r\nContent-Length: 4") == "failure: no HTTP: a Content-Length of \"4\"");
  for (const std::string length : {"", "-1", "+3", "3x", "0x3", "3, 3", "18446744073709551616"})
    CHECK(with("Content-Length: " + length) == "failure: no HTTP: a Content-Length of \"" + length + "\"");
  CHECK(with("Transfer-Encoding: gzip, chunked") == "failure: the reply is encoded as \"gzip, chunked\"");
  CHECK(with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked") ==
        "failure: the reply is encoded as \"chunked\"");
  CHECK(with("no colon") == "failure: no HTTP: the header \"no colon\"");
  CHECK(with("X: y\r\n folded") == "failure: no HTTP: the header \" folded\"");
  CHECK(with(": nameless") == "failure: no HTTP: the header \": nameless\"");
}

TEST_CASE("chunks whose sizes lie are refused") {
  CHECK(chunked("2\r\nabc\r\n0\r\n\r\n") == "failure: no HTTP: a chunk is longer than its size says");
  CHECK(chunked("5\r\nabc\r\n0\r\n\r\n") == "failure: no HTTP: a chunk is longer than its size says");
  CHECK(chunked("g\r\nabc") == "failure: no HTTP: a chunk size of \"g\"");
  CHECK(chunked("-1\r\nabc") == "failure: no HTTP: a chunk size of \"-1\"");
  CHECK(chunked("0x3\r\nabc") == "failure: no HTTP: a chunk size of \"0x3\"");
  CHECK(chunked("\r\nabc") == "failure: no HTTP: a chunk without a size");
  CHECK(chunked(";x\r\nabc") == "failure: no HTTP: a chunk without a size");
  CHECK(chunked(std::string(2000, '0')) == "failure: no HTTP: a chunk without a size");
  CHECK(chunked("100001\r\nabc") == "failure: a reply of more than 1 MiB");
  CHECK(chunked("10000000000000003\r\nabc") == "failure: a reply of more than 1 MiB");  // 2^64 and 3
}

TEST_CASE("a reply that ends early is no reply") {
  CHECK(read("") == "failure: the server closed the connection without a reply");
  for (const std::string text :
       {"H", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nX: y\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"})
    CHECK(read(text) == "failure: the server closed the connection within its reply");
}

TEST_CASE("a body of 1 MiB is taken, one byte more is not, however it comes") {
  const std::string largest(HttpReplyReader::largest_body, 'x');
  const std::string ok = "HTTP/1.1 200 OK\r\n", too_large = "failure: a reply of more than 1 MiB";
  CHECK(read_in_pieces(ok + "Content-Length: 1048576\r\n\r\n" + largest, 5000).size() == 4 + largest.size());
  CHECK(read_in_pieces(ok + "\r\n" + largest, 5000).size() == 4 + largest.size());
  CHECK(read(ok + "Content-Length: 1048577\r\n\r\n") == too_large);
  CHECK(read_in_pieces(ok + "\r\n" + largest + "x", 5000) == too_large);
  CHECK(read_in_pieces(ok + "Transfer-Encoding: chunked\r\n\r\n100000\r\n" + largest + "\r\n1\r\nx\r\n0\r\n\r\n",
                       5000) == too_large);
}

TEST_CASE("headers and trailers of 64 KiB in all are taken, more are not") {
  const std::string ok = "HTTP/1.1 200 OK\r\n", too_large = "failure: headers of more than 64 KiB";
  std::string thousands;
  for (int i = 0; i < 10'000; ++i) thousands += "X-" + std::to_string(i) + ": y\r\n";
  const auto filled = [&](std::size_t size) {
    return ok + "X: " + std::string(size - ok.size() - 7, 'x') + "\r\n\r\n";  // 7: "X: ", two line ends
  };
  CHECK(read(filled(HttpReplyReader::largest_head)) == "200 ");
  CHECK(read(filled(HttpReplyReader::largest_head + 1)) == too_large);
  CHECK(read(ok + thousands + "\r\n") == too_large);
  CHECK(read(std::string(70'000, 'x')) == too_large);
  CHECK(chunked("0\r\n" + thousands + "\r\n") == too_large);
  std::string interim;
  for (int i = 0; i < 5'000; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
  CHECK(read(interim) == too_large);
}
