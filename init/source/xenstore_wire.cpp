#include "init/source/xenstore_wire.hpp"

#include <array>
#include <cstring>

namespace lifeboat::init {
namespace {

/// Host's byte order, which on all machines that have Xen is little endian.
struct Header {
  std::uint32_t type, request, transaction, length;
};

Header header_of(std::string_view bytes) {
  Header header{};
  std::memcpy(&header, bytes.data(), sizeof header);
  return header;
}

}  // namespace

std::string to_bytes(const XenstoreMessage& message) {
  const Header header{static_cast<std::uint32_t>(message.type), message.request, 0,
                      static_cast<std::uint32_t>(message.payload.size())};
  std::string bytes(sizeof header, '\0');
  std::memcpy(bytes.data(), &header, sizeof header);
  return bytes + message.payload;
}

Status XenstoreReader::take(std::string_view bytes) {
  held_ += bytes;
  if (held_.size() >= sizeof(Header) && header_of(held_).length > largest_xenstore_payload)
    return Failure{"xenstore: a message of " + std::to_string(header_of(held_).length) + " bytes"};
  return Done{};
}

std::optional<XenstoreMessage> XenstoreReader::next() {
  if (held_.size() < sizeof(Header)) return std::nullopt;
  const Header header = header_of(held_);
  if (header.length > largest_xenstore_payload || held_.size() < sizeof header + header.length) return std::nullopt;
  XenstoreMessage message{static_cast<XenstoreType>(header.type), header.request,
                          held_.substr(sizeof header, header.length)};
  held_.erase(0, sizeof header + header.length);
  return message;
}

}  // namespace lifeboat::init
