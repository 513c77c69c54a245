// Xen's store: the bytes as messages, in whatever pieces, and each message's payload as a request of the host.
#include "init/fuzz/input.hpp"
#include "init/source/xenstore_commands.hpp"
#include "init/source/xenstore_wire.hpp"

using namespace lifeboat::init;

namespace {

std::string answer(std::string_view request, XenstoreCommands& commands) {
  const std::string reply = commands.answer(request);
  fuzz::require(reply.starts_with("{\"returncode\":\"") && reply.ends_with("\"}") &&
                reply.find('\0') == std::string::npos);
  return reply;
}

std::string talk(std::string_view bytes, std::size_t piece) {
  XenstoreCommands commands(
      {.hash = [](const Secret& password) { return Result<std::string>(std::string(password.view())); },
       .check = nullptr,
       .check_key = [](std::string_view) { return Status(Done{}); },
       .answer =
           [](const Answer& given) {
             fuzz::require(given.password_hash.empty() || password_trouble(given.password_hash).empty());
             return Status(Done{});
           },
       .session = {}},
      [] { return Result<XenstoreKey::Number>(XenstoreKey::Number{7}); });
  XenstoreReader reader;
  std::string said;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const bool good = static_cast<bool>(reader.take(bytes.substr(at, piece)));
    while (const auto message = reader.next()) {
      fuzz::require(message->payload.size() <= largest_xenstore_payload);
      said += answer(message->payload, commands);
    }
    if (!good) break;
  }
  answer(bytes, commands);
  return said;
}

}  // namespace

/// The first byte is the size of the pieces.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes = fuzz::text_of(data + 1, size - 1);
  talk(bytes, std::size_t{1} + data[0]);
  talk(bytes, bytes.size() + 1);
  return 0;
}
