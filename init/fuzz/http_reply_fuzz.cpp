// A reply says the same whatever pieces it comes in, and nothing of it is larger than its bounds.
#include "init/fuzz/input.hpp"
#include "init/source/http_reply.hpp"

using namespace lifeboat::init;

namespace {

std::string read_in_pieces(std::string_view bytes, std::size_t size) {
  HttpReplyReader reader;
  Status status = Done{};
  for (std::size_t at = 0; at < bytes.size() && status && !reader.is_whole(); at += size)
    status = reader.take(bytes.substr(at, size));
  if (status) status = reader.end();
  if (!status) return "failure: " + status.error();
  const HttpReply reply = reader.reply();
  fuzz::require(reply.status >= 200 && reply.status <= 999 && reply.body.view().size() <= bytes.size());
  return std::to_string(reply.status) + " " + std::string(reply.body.view());
}

}  // namespace

/// The first byte is the size of the pieces.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes = fuzz::text_of(data + 1, size - 1);
  fuzz::require(read_in_pieces(bytes, bytes.size() + 1) == read_in_pieces(bytes, std::size_t{1} + data[0]));
  return 0;
}
