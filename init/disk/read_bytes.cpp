#include "init/disk/read_bytes.hpp"

#include <unistd.h>

#include <cerrno>
#include <limits>

namespace lifeboat::init {

std::optional<std::string> read_bytes(const Fd& device, std::uint64_t offset, std::size_t size) {
  constexpr auto end = static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
  if (offset > end || size > end - offset) return std::nullopt;
  std::string bytes(size, '\0');
  for (std::size_t done = 0; done < size;) {
    const ssize_t n = ::pread(device.get(), bytes.data() + done, size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return std::nullopt;
    done += static_cast<std::size_t>(n);
  }
  return bytes;
}

std::uint64_t little_endian(std::string_view bytes, std::size_t offset, std::size_t width) {
  if (offset > bytes.size() || width > bytes.size() - offset) return 0;
  std::uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;) value = value << 8U | static_cast<unsigned char>(bytes[offset + i]);
  return value;
}

std::uint64_t big_endian(std::string_view bytes, std::size_t offset, std::size_t width) {
  if (offset > bytes.size() || width > bytes.size() - offset) return 0;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) value = value << 8U | static_cast<unsigned char>(bytes[offset + i]);
  return value;
}

}  // namespace lifeboat::init
