// What the host sends through the guest agent's port: the same replies whatever pieces it comes in, each one line, and
// a password is handed over only where one was confirmed.
#include "init/fuzz/input.hpp"
#include "init/source/guest_agent.hpp"

using namespace lifeboat::init;

namespace {

std::string talk(std::string_view bytes, std::size_t piece) {
  std::size_t handed = 0;
  GuestAgent agent({.hash = [](const Secret& password) { return Result<std::string>(std::string(password.view())); },
                    .check = [](std::string_view) { return Status(Done{}); },
                    .check_key = [](std::string_view) { return Status(Done{}); },
                    .answer =
                        [&handed](const Answer& answer) {
                          ++handed;
                          fuzz::require(answer.password_hash.empty() ||
                                        password_trouble(answer.password_hash).empty() ||
                                        hash_trouble(answer.password_hash).empty());
                          fuzz::require(answer.keys.size() <= most_keys);
                          return Status(Done{});
                        },
                    .session = [](std::string_view) {}},
                   [] {
                     return std::vector<GuestInterface>{{"eth0", "", {{"10.0.2.15", false, 24}}}};
                   });
  std::string replies;
  for (std::size_t at = 0; at < bytes.size(); at += piece) replies += agent.receive(bytes.substr(at, piece));
  fuzz::require(replies.empty() || replies.ends_with("}\n"));
  std::size_t confirmed = 0;
  for (std::size_t at = 0; (at = replies.find("\"return\":{}", at)) != std::string::npos; ++at) ++confirmed;
  fuzz::require(handed <= confirmed);
  return replies;
}

}  // namespace

/// The first byte is the size of the pieces.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes = fuzz::text_of(data + 1, size - 1);
  fuzz::require(talk(bytes, bytes.size() + 1) == talk(bytes, std::size_t{1} + data[0]));
  return 0;
}
