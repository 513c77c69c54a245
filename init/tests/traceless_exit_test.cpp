#include "init/sys/traceless_exit.hpp"

#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "testing/catch.hpp"

using namespace lifeboat::init;

namespace {

constexpr std::size_t large = std::size_t{1} << 20;

/// The pattern is put together there: the test's own binary and memory do not hold it.
[[gnu::noinline]] std::string secret_text() {
  std::string text = "zq";
  for (int i = 0; i < 6; ++i) text += static_cast<char>('A' + 3 * i);
  return text;
}

/// What libraries leave: freed large and small buffers, a short text within an object on the stack.
[[gnu::noinline]] void handle_secrets() {
  const std::string secret = secret_text();
  volatile char sink = secret[2];
  {
    std::string document(large, ' ');
    document.replace(large / 2, secret.size(), secret);
    const auto copy = std::make_unique<std::string>(document);
    sink = (*copy)[large / 2];
  }
  std::vector<std::string> many(100, secret + secret + secret);
  sink = many[50][0];
  static_cast<void>(sink);
}

/// How often the process' writable memory holds the text.
int count_in_memory(pid_t pid, const std::string& text) {
  std::ifstream maps("/proc/" + std::to_string(pid) + "/maps"), memory("/proc/" + std::to_string(pid) + "/mem");
  int found = 0;
  for (std::string line; std::getline(maps, line);) {
    unsigned long begin = 0, end = 0;
    char writable = 0, kind = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx r%c%*c%c", &begin, &end, &writable, &kind) != 4) continue;
    if (writable != 'w' || kind != 'p' || end - begin > std::size_t{1} << 30) continue;
    std::string bytes(end - begin, '\0');
    memory.clear();
    memory.seekg(static_cast<std::streamoff>(begin));
    memory.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    for (std::size_t at = bytes.find(text); at != std::string::npos; at = bytes.find(text, at + 1)) ++found;
  }
  return found;
}

struct End {
  int copies = 0;
  int status = 0;
};

/// What is left in a child's memory in the moment of its end.
End end_of_child(void (*end)(int)) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    ::raise(SIGSTOP);
    keep_freed_memory();
    handle_secrets();
    end(7);
  }
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  REQUIRE(::ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL) == 0);
  REQUIRE(::ptrace(PTRACE_CONT, pid, nullptr, nullptr) == 0);
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  REQUIRE(status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8));
  End seen{.copies = count_in_memory(pid, secret_text())};
  REQUIRE(::ptrace(PTRACE_CONT, pid, nullptr, nullptr) == 0);
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  REQUIRE(WIFEXITED(status));
  seen.status = WEXITSTATUS(status);
  return seen;
}

}  // namespace

TEST_CASE("a process that ends without a trace leaves nothing of what it or a library held") {
  // In this order: the search itself leaves the text on this process's stack, which the next child would begin with.
  const End wiped = end_of_child([](int status) { exit_without_trace(status); });
  CHECK(wiped.copies == 0);
  CHECK(wiped.status == 7);
  const End plain = end_of_child([](int status) { ::_exit(status); });
  CHECK(plain.copies > 100);  // what is there is found
}
