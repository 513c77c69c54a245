// What comes to the port on which Ironic's commands are taken, and the same bytes as the API's reply to the lookup and
// as a kernel command line. Nothing is done without the token.
#include "init/fuzz/input.hpp"
#include "init/source/ironic_api.hpp"
#include "init/source/ironic_commands.hpp"

using namespace lifeboat::init;

namespace {

constexpr const char* token = "t0ken";

std::string serve(std::string_view bytes, std::size_t piece) {
  bool handed = false;
  IronicCommands commands(
      {.hash = [](const Secret& password) { return Result<std::string>(std::string(password.view())); },
       .check = [](std::string_view) { return Status(Done{}); },
       .check_key = nullptr,
       .answer =
           [&handed](const Answer& answer) {
             handed = true;
             fuzz::require(answer.user == "rescue" && !answer.password_hash.empty());
             return Status(Done{});
           },
       .session = {}},
      token);
  ServedRequestReader reader;
  for (std::size_t at = 0; at < bytes.size() && !reader.is_whole(); at += piece)
    if (!reader.take(bytes.substr(at, piece))) return "refused";
  if (!reader.is_whole()) return "more is to come";
  ServedRequest request = reader.request();
  fuzz::require(request.path.starts_with('/') && request.body.view().size() <= ServedRequestReader::largest_body);
  const bool knows_token = request.query.contains("agent_token") && request.query.at("agent_token") == token;
  const IronicCommands::Reply reply = commands.answer(std::move(request));
  fuzz::require(!handed || (knows_token && commands.finalized() && reply.status == 200));
  return std::to_string(reply.status) + reply.json;
}

}  // namespace

/// The first byte is the size of the pieces.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes = fuzz::text_of(data + 1, size - 1);
  // Pieces may decide whether what follows a whole request is seen; each piecemeal reading is right for itself.
  serve(bytes, bytes.size() + 1);
  serve(bytes, std::size_t{1} + data[0]);
  const auto node = parse_ironic_lookup(bytes, "");
  fuzz::require(!node ||
                (node->uuid.size() == 36 && !node->token.empty() && node->heartbeat_timeout >= Milliseconds(10'000)));
  const auto parameters = parse_ironic_parameters(bytes);
  fuzz::require(!parameters || (parameters->listen_port != 0 && parameters->api_port != 0));
  return 0;
}
