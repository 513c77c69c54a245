#include "builder/tests/base/captured.hpp"

#include <fcntl.h>
#include <pty.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <thread>

#include "builder/base/error.hpp"
#include "builder/base/fd.hpp"

namespace lifeboat {
namespace {

/// `to` in the place of the descriptor while `body` runs.
void run_with(int descriptor, const Fd& to, const std::function<void()>& body) {
  const Fd before(::dup(descriptor));
  ::dup2(to.get(), descriptor);
  body();
  ::dup2(before.get(), descriptor);
}

/// Until the last writer has closed its end, which a terminal reports as an error.
std::string read_terminal(const Fd& fd) {
  std::string bytes;
  char buffer[4096];
  for (ssize_t n; (n = ::read(fd.get(), buffer, sizeof buffer)) > 0;) bytes.append(buffer, static_cast<std::size_t>(n));
  return bytes;
}

/// The escape sequence at the start: "\x1b[" and all up to its letter.
std::size_t escape_length(std::string_view bytes) {
  const std::size_t letter = bytes.find_first_not_of("0123456789;", 2);
  return letter == bytes.npos ? bytes.size() : letter + 1;
}

struct Screen {
  std::size_t columns;
  std::vector<std::string> lines = {""};
  std::size_t at = 0;  ///< column in the last line

  void put(char c) {
    if (at == columns) new_line();
    std::string& line = lines.back();
    line.resize(std::max(line.size(), at + 1), ' ');
    line[at++] = c;
  }
  void new_line() {
    lines.emplace_back();
    at = 0;
  }
  void obey(std::string_view escape) {
    if (escape.ends_with('K')) lines.back().resize(std::min(lines.back().size(), at));
  }
};

}  // namespace

std::string written_to(int descriptor, const std::function<void()>& body) {
  const Fd file(::memfd_create("output", MFD_CLOEXEC));
  run_with(descriptor, file, body);
  return read_exactly_at(file, 0, static_cast<std::size_t>(::lseek(file.get(), 0, SEEK_END)), "output");
}

std::string written_to_terminal(unsigned short columns, const std::function<void()>& body) {
  int ends[2];
  const winsize size{.ws_row = 25, .ws_col = columns, .ws_xpixel = 0, .ws_ypixel = 0};
  if (::openpty(&ends[0], &ends[1], nullptr, nullptr, &size) != 0) throw system_error("opening a terminal", errno);
  const Fd master(ends[0]);
  Fd slave(ends[1]);
  std::string bytes;
  std::thread reader([&] { bytes = read_terminal(master); });
  run_with(2, slave, body);
  slave.reset();
  reader.join();
  return bytes;
}

std::vector<std::string> screen_after(const std::string& bytes, std::size_t columns) {
  Screen screen{columns};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (bytes[i] == '\r') {
      screen.at = 0;
    } else if (bytes[i] == '\n') {
      screen.new_line();
    } else if (bytes[i] == '\x1b') {
      const std::size_t length = escape_length(std::string_view(bytes).substr(i));
      screen.obey(std::string_view(bytes).substr(i, length));
      i += length - 1;
    } else {
      screen.put(bytes[i]);
    }
  }
  return screen.lines;
}

Variable::Variable(const char* name, const char* value) : name_(name) {
  const char* before = std::getenv(name);
  was_set_ = before != nullptr;
  if (was_set_) before_ = before;
  value == nullptr ? ::unsetenv(name) : ::setenv(name, value, 1);
}

Variable::~Variable() { was_set_ ? ::setenv(name_, before_.c_str(), 1) : ::unsetenv(name_); }

}  // namespace lifeboat
