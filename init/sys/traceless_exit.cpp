#include "init/sys/traceless_exit.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <climits>
#include <cstdint>

namespace lifeboat::init {
namespace {

struct Range {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
};

constexpr std::size_t most_ranges = 128;
/// No process of ours has more in one piece. (A sanitizer's shadow memory has: it holds no bytes of anybody.)
constexpr std::uintptr_t largest_range = std::uintptr_t{1} << 30;
/// What the functions below and the caller's return need of the stack.
constexpr std::uintptr_t live_stack = 1024;

/// The address at `at`, in hexadecimal; `at` moves behind it and the character that ends it.
std::uintptr_t read_address(const char*& at) {
  std::uintptr_t value = 0;
  for (; (*at >= '0' && *at <= '9') || (*at >= 'a' && *at <= 'f'); ++at)
    value = value << 4 | static_cast<std::uintptr_t>(*at <= '9' ? *at - '0' : *at - 'a' + 10);
  ++at;
  return value;
}

/// The private writable mappings, by lines "BEGIN-END rw-p ...". Allocates nothing.
std::size_t find_ranges(std::array<Range, most_ranges>& ranges) {
  static std::array<char, 65536> text;
  const int fd = ::open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
  std::size_t size = 0;
  while (size < text.size() - 1) {
    const ssize_t count = ::read(fd, text.data() + size, text.size() - 1 - size);
    if (count <= 0) break;
    size += static_cast<std::size_t>(count);
  }
  text[size] = '\0';
  std::size_t found = 0;
  for (const char* at = text.data(); *at != '\0' && found < ranges.size();) {
    const std::uintptr_t begin = read_address(at), end = read_address(at);
    if (at[0] == 'r' && at[1] == 'w' && at[3] == 'p' && end - begin <= largest_range) ranges[found++] = {begin, end};
    while (*at != '\0' && *at++ != '\n') {
    }
  }
  return found;
}

/// Nothing of the C library after the first word: its own data (thread-local storage, the table of its functions) goes
/// with the rest. No stack protector: its canary is a part of that.
[[noreturn, gnu::noinline, gnu::no_stack_protector, gnu::no_sanitize_address]] void wipe_and_end(
    const std::array<Range, most_ranges>& ranges, std::size_t count, int status) {
  const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_stack = ranges[i].begin <= here && here < ranges[i].end;
    const std::uintptr_t end = is_stack ? here - live_stack : ranges[i].end;
    for (auto word = ranges[i].begin; word < end; word += sizeof(std::uint64_t))
      *reinterpret_cast<volatile std::uint64_t*>(word) = 0;
  }
#if defined(__x86_64__)
  while (true) asm volatile("syscall" : : "a"(SYS_exit_group), "D"(status) : "rcx", "r11", "memory");
#elif defined(__aarch64__)
  register long number asm("x8") = SYS_exit_group;
  register long first asm("x0") = status;
  while (true) asm volatile("svc #0" : : "r"(number), "r"(first) : "memory");
#else
#error "exit_without_trace: write exit_group for this architecture"
#endif
}

/// What the calls that are over left where the next ones have their frames, which they do not overwrite whole.
[[gnu::noinline]] void clear_next_stack() {
  std::array<volatile std::uint64_t, 1024> words;
  for (volatile std::uint64_t& word : words) word = 0;
}

[[noreturn, gnu::noinline]] void find_wipe_and_end(int status) {
  std::array<Range, most_ranges> ranges{};
  const std::size_t count = find_ranges(ranges);
  clear_next_stack();
  wipe_and_end(ranges, count, status);
}

}  // namespace

void keep_freed_memory() {
  ::mallopt(M_MMAP_MAX, 0);
  ::mallopt(M_TRIM_THRESHOLD, INT_MAX);
}

void exit_without_trace(int status) {
  clear_next_stack();
  find_wipe_and_end(status);
}

}  // namespace lifeboat::init
