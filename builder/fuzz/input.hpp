#pragma once
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "builder/base/fd.hpp"

namespace lifeboat::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// What must hold for every input: where it does not, the fuzzer keeps the input.
inline void require(bool holds) {
  if (!holds) std::abort();
}

/// A file in memory, for parsers that open one by name.
class MemoryFile {
 public:
  MemoryFile() : fd_(::memfd_create("lifeboat-fuzz", MFD_CLOEXEC)) { require(static_cast<bool>(fd_)); }

  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(fd_.get()); }
  void fill(std::string_view bytes) const {
    require(::ftruncate(fd_.get(), 0) == 0);
    write_all_at(fd_, bytes, 0, "the input");
  }

 private:
  Fd fd_;
};

}  // namespace lifeboat::fuzz
