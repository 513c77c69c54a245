#include "init/source/guest_requests.hpp"

#include "init/sys/secret.hpp"

namespace lifeboat::init {
namespace {

constexpr char flush = '\xff';

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

void GuestRequests::receive(std::string_view bytes, const Use& object, const Use& broken) {
  for (const char c : bytes) {
    if (c == flush || (passing_over_ && c == '\n')) {
      forget();
      continue;
    }
    if (passing_over_ || (depth_ == 0 && is_blank(c))) continue;
    if (const char* why = take(c)) {
      forget();
      passing_over_ = c != '\n';
      broken(why);
    } else if (depth_ == 0) {
      object(held_);
      forget();
    }
  }
}

/// Why the byte makes it no request; nullptr where it may still become one.
const char* GuestRequests::take(char c) {
  if (depth_ == 0 && c != '{') return "a request is a JSON object";
  if (held_.size() == largest) return "a request of more than 1 MiB";
  held_ += c;
  if (in_text_) {
    if (static_cast<unsigned char>(c) < 0x20) return "a control character in a text";
    if (c == '"' && !escaped_) in_text_ = false;
    escaped_ = c == '\\' && !escaped_;
    return nullptr;
  }
  if (c == '"') in_text_ = true;
  if (c == '{' || c == '[') ++depth_;
  if (c == '}' || c == ']') --depth_;
  return depth_ > deepest ? "a request that nests too deep" : nullptr;
}

void GuestRequests::forget() {
  Secret::wipe(held_);  // a request may hold a password
  depth_ = 0;
  in_text_ = escaped_ = passing_over_ = false;
}

}  // namespace lifeboat::init
