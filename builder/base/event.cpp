#include "builder/base/event.hpp"

#include <unistd.h>

#include <cerrno>
#include <nlohmann/json.hpp>

namespace lifeboat {
namespace {

void write_out(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(1, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace

std::string event_text(std::string_view name, const EventFields& fields) {
  nlohmann::ordered_json event{{"event", name}};
  for (const auto& field : fields) std::visit([&](const auto& value) { event[field.first] = value; }, field.second);
  return event.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void print_event(std::string_view name, const EventFields& fields) { write_out(event_text(name, fields)); }

void print_error_event(std::string_view what, std::string_view hint) {
  print_event("error", {{"what", std::string(what)}, {"hint", std::string(hint)}});
}

}  // namespace lifeboat
